"""Reading `config.json`: a number is found, or comes from the architecture and is listed, or an error names its key."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from symformer.models.keys import ConfigError, Keys
from symformer.system import read_json

LARGEST = 10**8  # no size of a model is near it; what is larger is a slip
MOST_LAYERS = 10**5


class Reader(Keys):
    """A configuration whose values are read as what they must be: sizes, flags, numbers, words, objects."""

    def size(self, *names: str, default: Any = None, most: int = LARGEST) -> int:
        """A positive integer under the first of these names that is there (new and old names of one key).

        Raises:
            ConfigError: it is missing without a default, or no positive integer up to `most`.
        """
        value = self._value(names, default, "a positive integer")
        return self._whole(names, value, 1, most)

    def count(self, *names: str, default: Any = None, most: int = LARGEST) -> int:
        """As `size`, where zero is allowed."""
        return self._whole(names, self._value(names, default, "a whole number"), 0, most)

    def layers(self, *names: str, default: Any = None) -> int:
        """The number of layers: a positive integer."""
        return self.size(*names, default=default, most=MOST_LAYERS)

    def optional_size(self, *names: str) -> int | None:
        """A positive integer, or None where the key is missing or null; nothing is taken from the architecture."""
        found = self._found(names)
        if found is None or self.data[found] is None:
            return None
        return self.size(*names)

    def flag(self, *names: str, default: bool) -> bool:
        """True or false.

        Raises:
            ConfigError: something else.
        """
        value = self._value(names, default, "true or false")
        if not isinstance(value, bool):
            raise self.error(self._name(names), "true or false", value)
        return value

    def number(self, *names: str, default: float) -> float:
        """A number that is not negative, such as ε or the base of rotary angles."""
        value = self._value(names, default, "a number")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= sys.float_info.max:
            raise self.error(self._name(names), "a number, not negative", value)
        return float(value)

    def cap(self, name: str, *, default: float) -> float | None:
        """A positive number, or None where the key is there and null: no cap."""
        self.read.add(name)
        if name in self.data and self.data[name] is None:
            return None
        if not default and not self.has(name):
            return None
        found = self.number(name, default=default)
        if not found:
            raise self.error(name, "a positive number or null", found)
        return found

    def choice(self, *names: str, among: Iterable[str], default: str) -> str:
        """One of some words.

        Raises:
            ConfigError: another word.
        """
        value, words = self._value(names, default, "a word"), tuple(among)
        if value not in words:
            raise self.error(self._name(names), f"one of {', '.join(words)}", value)
        return str(value)

    def model_class(self, known: Iterable[str], default: str) -> str:
        """The class under `architectures`, which says which head the model has.

        Raises:
            ConfigError: no list of one known name.
        """
        value = self._value(("architectures",), [default], "a list of one class")
        names = tuple(known)
        if not isinstance(value, list) or len(value) != 1 or value[0] not in names:
            raise self.error("architectures", f"one of {', '.join(names)}", value)
        return str(value[0])

    def labels(self) -> int:
        """How many labels a classifier tells apart."""
        named = self.data.get("id2label")
        if isinstance(named, Mapping) and named:
            return len(named)
        return self.size("num_labels", default=2)

    def inside(self, *names: str) -> Reader:
        """The reader of a nested object such as `rope_parameters`; empty where it is missing or null."""
        found = self._found(names)
        value = self.data[found] if found is not None else None
        if value is not None and not isinstance(value, Mapping):
            raise self.error(self._name(names), "an object or null", value)
        return Reader(value or {}, f"{self.source}: {self._name(names)}", self.defaults, stops=self.stops)

    def _whole(self, names: tuple[str, ...], value: Any, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(self._name(names), f"a whole number from {least} to {most}", value)
        return value


def read_config(source: Mapping[str, Any] | str | Path) -> Reader:
    """The reader of a configuration: a mapping, a `config.json`, or a folder that holds one.

    Raises:
        ConfigError: the file cannot be read, or is no JSON object.
    """
    if isinstance(source, Mapping):
        return Reader(source)
    path = Path(source)
    path = path / "config.json" if path.is_dir() else path
    if not path.exists():
        raise ConfigError(f"{source}: no such file: expected the path of a config.json, or of a folder that holds one")
    data = read_json(path, ConfigError, what="not JSON")
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a JSON object, got {type(data).__name__}")
    return Reader(data, str(path))
