"""A model from its configuration: its parameters by name, its program, its cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.architectures import ARCHITECTURES
from symformer.models.config import ConfigError, Default, read_config
from symformer.models.layout import Stored, spread

MODEL_TYPES = {module.MODEL_TYPE: module for module in ARCHITECTURES}


@dataclass(frozen=True)
class Parameter:
    """A tensor of a model's file.

    Attributes:
        name: its name in the file.
        symbolic: its shape in symbols.
        shape: its shape in numbers.
        stored: its row in the table, with the symbols that it holds.
        layer: the layer it belongs to, counted from 0 in its stack, or None.
    """

    name: str
    symbolic: tuple[Expr, ...]
    shape: tuple[int, ...]
    stored: Stored
    layer: int | None = None


@dataclass(frozen=True)
class Model:
    """A model, described from its configuration; weights are not needed.

    Attributes:
        model_type: the architecture.
        architecture: its sizes, table and program.
        defaults: values that the configuration leaves to the architecture.
        unread: keys of the configuration that nothing here depends on, as far as is known.
    """

    model_type: str
    architecture: Architecture
    defaults: tuple[Default, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def sizes(self) -> Mapping[Symbol, int]:
        """A number for each size symbol."""
        return self.architecture.sizes

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every tensor of the file, by its name there; tied ones once."""
        found: dict[str, Parameter] = {}
        for stored in self.architecture.outside:
            found.update(self._named(stored, (None,), 0))
        for stack in self.architecture.stacks:
            for stored in stack.named():
                found.update(self._named(stored, range(self.sizes[stack.layers]), stack.first))
        return found

    def _named(self, stored: Stored, layers: Iterable[int | None], first: int) -> Iterator[tuple[str, Parameter]]:
        """The tensors of a row, in every layer."""
        symbolic = stored.shape
        shape = tuple(int(size.subs(self.sizes)) for size in symbolic)
        for layer in layers:
            number = None if layer is None else first + layer
            for name in spread(stored.name, number, self.sizes.get(at.n_X)):
                yield name, Parameter(name, symbolic, shape, stored, layer)

    @cached_property
    def parameter_formula(self) -> Expr:
        """How many numbers the model holds, in symbols."""
        return self.tied(sympy.Add(*self.parts.values()))

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return int(self.parameter_formula.subs(self.sizes))

    @cached_property
    def parts(self) -> Mapping[str, Expr]:
        """The same by part: embedding, attention, feed_forward, router, experts, norm, head."""
        found: dict[str, Expr] = {}
        stacks = [(stack.layers, stack.rows) for stack in self.architecture.stacks]
        for times, rows in [(Integer(1), self.architecture.outside), *stacks]:
            for stored in rows:
                experts = at.n_X if "{x}" in stored.name else 1
                found[stored.part] = found.get(stored.part, 0) + times * experts * stored.elements
        return found

    def tied(self, expression: Expr) -> Expr:
        """A formula with the sizes put in that the architecture ties to others, such as d_k = d/H."""
        relations = self.architecture.relations
        while expression.free_symbols & set(relations):
            expression = sympy.expand(expression.subs(relations))
        return sympy.expand(expression)


def from_config(config: Mapping[str, Any] | str | Path) -> Model:
    """The model of a configuration in the Hugging Face layout: a mapping, a `config.json` or a folder with one.

    Raises:
        ConfigError: an unknown `model_type`, a key that is missing or out of range, or an option that is not here;
            the message names the key.
        OSError: the file cannot be opened.
    """
    read = read_config(config)
    model_type = read.data.get("model_type")
    if model_type not in MODEL_TYPES:
        known = ", ".join(MODEL_TYPES)
        if model_type is None:
            raise ConfigError(f"{read.source}: key 'model_type' is missing: expected one of {known}")
        raise read.error("model_type", f"one of {known}", model_type)
    architecture = MODEL_TYPES[model_type].describe(read)
    return Model(model_type, architecture, tuple(read.defaults), read.unread())

