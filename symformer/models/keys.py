"""The keys of a configuration: which were read, which were left to the architecture, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symformer.models.silent_keys import SILENT
from symformer.system import Unusable, brief


class ConfigError(ValueError):
    """A configuration that cannot be read; names the key, what was expected and what came."""


@dataclass(frozen=True)
class Default:
    """A value that the configuration leaves to the architecture."""

    key: str
    value: Any


@dataclass
class Keys:
    """A configuration that keeps track of what was read and what was taken from the architecture.

    Attributes:
        data: the keys and values of `config.json`.
        source: what errors call it.
        defaults: values that the architecture supplied, in the order in which they were asked for.
        read: keys that were asked for.
        stops: what a model of this configuration is counted with but not run, an error a key.
    """

    data: Mapping[str, Any]
    source: str = "config.json"
    defaults: list[Default] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    stops: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The first of these keys that is there and not null, else the first of all."""
        self.read.update(names)
        return next((name for name in names if self.data.get(name) is not None), names[0])

    def ignore(self, *names: str) -> None:
        """Notes keys that say nothing about what is computed here."""
        self.read.update(names)

    def only(self, name: str, value: Any) -> None:
        """A key that must be missing or have this value, since nothing else is here.

        Raises:
            ConfigError: it has another value.
        """
        if self.has(name) and self.data[name] != value:
            raise self.error(name, f"{json.dumps(value)}, for nothing else is here", self.data[name])

    def runs_with(self, name: str, *values: Any) -> None:
        """A key that must be missing or have one of these values where a model is run; counting does not need it."""
        if self.has(name) and self.data[name] not in values:
            shown = " or ".join(dict.fromkeys(map(json.dumps, values)))
            self.stops.append(str(self.error(name, f"{shown}, for nothing else is run", self.data[name])))

    def has(self, name: str) -> bool:
        """Whether a key is there and not null."""
        self.read.add(name)
        return self.data.get(name) is not None

    def unread(self) -> tuple[str, ...]:
        """Keys that nobody asked for and that are not known to say nothing, by name."""
        return tuple(sorted(set(self.data) - self.read - SILENT))

    def error(self, key: str, expected: str, value: Any) -> ConfigError:
        """The error that names a key, what was expected and what came."""
        shown = value if isinstance(value, (Unusable, int)) else json.dumps(value, default=str)
        shown = str(shown).lower() if isinstance(shown, bool) else shown
        return ConfigError(f"{self.source}: key '{key}': expected {expected}, got {brief(shown)}")

    def _found(self, names: tuple[str, ...]) -> str | None:
        self.read.update(names)
        given = [name for name in names if self.data.get(name) is not None]
        other = next((name for name in given[1:] if self.data[name] != self.data[given[0]]), None)
        if other is not None:
            raise ConfigError(f"{self.source}: keys '{given[0]}' and '{other}' are one and differ")
        return given[0] if given else None

    def _name(self, names: tuple[str, ...]) -> str:
        return self._found(names) or names[0]

    def _value(self, names: tuple[str, ...], default: Any, expected: str) -> Any:
        found = self._found(names)
        if found is not None:
            return self.data[found]
        if default is None:
            raise ConfigError(f"{self.source}: key '{names[0]}' is missing: expected {expected}")
        taken = Default(names[0], default)
        if taken not in self.defaults:
            self.defaults.append(taken)
        return default
