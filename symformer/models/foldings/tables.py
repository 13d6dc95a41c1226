"""The weights of a model as arrays by symbol, which foldings change, and a table of tensors that says what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sympy import Symbol

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.layout import Axes, Stack, Stored, row
from symformer.models.rows import Rows
from symformer.models.running.loaded import LoadedModel
from symformer.models.running.weights import Weights
from symformer.models.tasks import Head
from symformer.programs import Computed, Repeat

Arrays = dict[str, Any]


@dataclass
class Table:
    """The weights outside the layers, or of the layers of one stack.

    Attributes:
        letters: the axes of each symbol.
        parts: what each belongs to.
        statements: those of the program, or of a layer.
        copies: the arrays by symbol, once for each layer; of experts all in one, along a first axis.
        spread: symbols whose experts stand in tensors of their own.
        stack: the stack, or None.
        buffers: symbols that are no parameters.
    """

    letters: dict[str, Axes]
    parts: dict[str, str]
    statements: tuple[Computed, ...]
    copies: list[Arrays]
    spread: frozenset[str] = frozenset()
    stack: Stack | None = None
    buffers: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What it is called where a change is told."""
        return self.stack.prefix.rstrip(".") if self.stack is not None else "outside the layers"

    def add(self, symbol: str, letters: Axes, part: str, arrays: list[Any]) -> None:
        """Adds a symbol, or gives one other axes."""
        self.letters[symbol], self.parts[symbol] = letters, part
        for copy, array in zip(self.copies, arrays, strict=True):
            copy[symbol] = array

    def remove(self, symbol: str) -> None:
        """Takes a symbol away."""
        del self.letters[symbol]
        for copy in self.copies:
            del copy[symbol]

    def rows(self) -> Rows:
        """Its rows: one tensor a symbol."""
        return tuple(self._row(symbol) for symbol in self.letters if symbol not in self.buffers)

    def buffer_rows(self) -> Rows:
        """The rows of its buffers."""
        return tuple(self._row(symbol) for symbol in self.letters if symbol in self.buffers)

    def _row(self, symbol: str) -> Stored:
        spread = symbol in self.spread
        axes = " ".join(self.letters[symbol][spread:])
        return row(f"experts.{{x}}.{symbol}" if spread else symbol, axes, self.parts[symbol], **{symbol: axes})


@dataclass(frozen=True)
class FoldedWeights(Weights):
    """Weights that are no longer those of a file.

    Attributes:
        arrays: by symbol outside the layers.
        layers: by symbol, for each layer of each stack, by its number of layers.
        spread: symbols whose experts are read one by one.
    """

    arrays: Mapping[str, Any] = field(default_factory=dict)
    layers: Mapping[Symbol, list[Arrays]] = field(default_factory=dict)
    spread: frozenset[str] = frozenset()

    def outside(self, dtype: Any) -> dict[str, Any]:
        """The parameters outside the layers, by symbol."""
        return {symbol: array.astype(dtype, copy=False) for symbol, array in self.arrays.items()}

    def layer(self, stack: Stack, number: int, dtype: Any) -> dict[str, Any]:
        """The parameters of one layer, by symbol, without experts."""
        found = self.layers[stack.layers][number]
        return {symbol: array.astype(dtype, copy=False) for symbol, array in found.items() if symbol not in self.spread}

    def expert(self, stack: Stack, number: int, expert: int, *, dtype: Any) -> dict[str, Any]:
        """The parameters of one expert of a layer, by symbol."""
        found = self.layers[stack.layers][number]
        return {symbol: found[symbol][expert].astype(dtype, copy=False) for symbol in self.spread if symbol in found}


def tables_of(model: LoadedModel) -> list[Table]:
    """The weights of a model, copied, in float64: those outside the layers, then those of each stack."""
    architecture = model.architecture
    program = architecture.to_run()
    outside = _table(architecture.outside, program.statements, [model.weights.outside(np.float64)])
    found = [outside]
    loops = [one.origin.loop for one in program.statements if isinstance(one.origin, Repeat)]
    for stack, loop in zip(architecture.stacks, loops, strict=True):
        copies = [_of_layer(model, stack, number) for number in range(model.sizes[stack.layers])]
        table = _table((*stack.rows, *stack.buffers), loop.statements, copies)
        beside = frozenset(symbol for stored in stack.buffers for symbol, _ in stored.symbols)
        found.append(replace(table, stack=stack, buffers=beside))
    return found


def _of_layer(model: LoadedModel, stack: Stack, number: int) -> Arrays:
    arrays = model.weights.layer(stack, number, np.float64)
    if not any(stored.part == "experts" for stored in stack.rows) or at.n_X not in model.sizes:
        return arrays
    experts = [model.weights.expert(stack, number, one, dtype=np.float64) for one in range(model.sizes[at.n_X])]
    return arrays | {symbol: np.stack([one[symbol] for one in experts]) for symbol in experts[0]}


def _table(rows: Rows, statements: tuple[Computed, ...], copies: list[Arrays]) -> Table:
    letters, parts = {}, {}
    for stored in rows:
        for symbol, own in stored.symbols:
            axes = tuple(letter for letter in own if letter != "1")
            letters[symbol] = ("x", *axes) if "{x}" in stored.name else axes
            parts[symbol] = stored.part
    found = frozenset(symbol for stored in rows if stored.part == "experts" for symbol, own in stored.symbols
                      if "{x}" in stored.name or own[0] == "x")  # fmt: skip
    kept = [{symbol: np.array(array) for symbol, array in one.items() if symbol in letters} for one in copies]
    return Table(
        {symbol: axes for symbol, axes in letters.items() if symbol in kept[0]}, parts, statements, kept, found
    )


def retabled(architecture: Architecture, tables: list[Table], *, untied: bool = False) -> Architecture:
    """The same architecture whose parameters are those of the tables."""
    outside, stacks = tables[0].rows(), []
    for table in tables[1:]:
        assert table.stack is not None
        stacks.append(replace(table.stack, rows=table.rows(), buffers=table.buffer_rows()))
    exchange = _Exchange(outside, dict(zip(architecture.stacks, stacks, strict=True)), untied)
    return replace(
        architecture, outside=outside, stacks=tuple(stacks), write=exchange(architecture.write), tied={}, instead={},
    )  # fmt: skip


@dataclass
class _Exchange:
    """What writes a program, over other tables."""

    outside: Rows
    stacks: Mapping[Stack, Stack]
    untied: bool

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Stack):
            return self.stacks.get(value, value)
        if isinstance(value, Head):
            return replace(value, rows=self.outside, tied={} if self.untied else value.tied)
        if isinstance(value, partial):
            return partial(
                value.func, *map(self, value.args), **{key: self(one) for key, one in value.keywords.items()}
            )
        if isinstance(value, tuple):
            changed = [self(one) for one in value]
            return type(value)(*changed) if hasattr(value, "_fields") else tuple(changed)
        if is_dataclass(value) and not isinstance(value, (type, Stored)) and _holds_tables(value):
            return replace(value, **{one.name: self(getattr(value, one.name)) for one in fields(value) if one.init})
        return value


def _holds_tables(value: Any) -> bool:
    """Whether an object holds a head or stacks, as the plan of an encoder and a decoder does."""
    held = [getattr(value, one.name) for one in fields(value)]
    return any(isinstance(one, Head) or (isinstance(one, tuple) and one and isinstance(one[0], Stack)) for one in held)
