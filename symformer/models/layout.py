"""How checkpoints store parameters: a table from tensor names to symbols, with the axes of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from sympy import Expr, Integer, Mul, Symbol

from symformer.models.letters import AXES

Axes = tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """A tensor of a checkpoint.

    An axis is written as a letter, or as several in brackets that are laid out one after the other: `(h c) a` is a
    matrix of H·d_k rows, head after head, and d columns. A star is the axis along which several symbols are
    stacked; each takes as much of it as its own letters that stand nowhere else.

    Attributes:
        name: its name in the file; `{l}` stands for the layer, `{x}` for the expert.
        axes: its axes, e.g. `a (* h c)` for GPT-2's three projections in one.
        symbols: the symbols that it holds, with their axes in the order of the program.
        part: what it belongs to: embedding, attention, feed_forward, norm or head.
        blocks: the rows of tables that it holds one after the other along its first axis, where it holds several.
    """

    name: str
    axes: str
    symbols: tuple[tuple[str, Axes], ...]
    part: str
    blocks: tuple[Stored, ...] = ()

    @property
    def groups(self) -> tuple[Axes, ...]:
        """The letters of each stored axis."""
        return tuple(tuple(found.strip("()").split()) for found in re.findall(r"\([^)]*\)|\S+", self.axes))

    def extents(self) -> tuple[Axes, ...]:
        """What each symbol takes of the star: the letters that are its alone."""
        known = {letter for group in self.groups for letter in group}
        return tuple(tuple(letter for letter in letters if letter not in known) for _, letters in self.symbols)

    @property
    def shape(self) -> tuple[Expr, ...]:
        """Its sizes, in symbols."""
        if self.blocks:
            return (sum((block.shape[0] for block in self.blocks), Integer(0)), *self.blocks[0].shape[1:])
        star = sum((_product(letters) for letters in self.extents()), Integer(0))
        return tuple(Mul(*(star if letter == "*" else axis_size(letter) for letter in group)) for group in self.groups)

    @property
    def elements(self) -> Expr:
        """How many numbers it holds."""
        return Mul(*self.shape)


def row(name: str, axes: str, part: str, **symbols: str) -> Stored:
    """A row of a table: `row("attn.c_attn.weight", "a (* h c)", "attention", W_Q="h a c", W_K="h a c", W_V="h a c")`.

    Raises:
        ValueError: several symbols without a star to stack them along.
    """
    if len(symbols) > 1 and "*" not in axes:
        raise ValueError(f"{name}: {len(symbols)} symbols in axes {axes!r} without a star")
    return Stored(name, axes, tuple((symbol, tuple(letters.split())) for symbol, letters in symbols.items()), part)


def stacked_rows(name: str, *blocks: Stored) -> Stored:
    """A row that holds others one after the other along its first axis."""
    return Stored(name, "", tuple(symbol for block in blocks for symbol in block.symbols), blocks[0].part, blocks)


@dataclass(frozen=True)
class Stack:
    """Layers of one kind, one after the other.

    Attributes:
        layers: how many there are.
        prefix: what stands before the names of their tensors, with `{l}` for the number of the layer.
        rows: the tensors of one layer.
        first: the number of the first layer in the file.
        buffers: tensors of one layer that files hold beside parameters.
    """

    layers: Symbol
    prefix: str
    rows: tuple[Stored, ...]
    first: int = 0
    buffers: tuple[Stored, ...] = ()

    def named(self) -> tuple[Stored, ...]:
        """The rows under their full names, still with `{l}`."""
        return self._named(self.rows)

    def named_buffers(self) -> tuple[Stored, ...]:
        """The buffers under their full names."""
        return self._named(self.buffers)

    def _named(self, rows: tuple[Stored, ...]) -> tuple[Stored, ...]:
        return tuple(replace(stored, name=self.prefix + stored.name) for stored in rows)


def axis_size(letter: str) -> Expr:
    """The size of an axis letter; a number stands for itself."""
    return Integer(letter) if letter.isdigit() else AXES[letter]


def _product(letters: Axes) -> Expr:
    return Mul(*(axis_size(letter) for letter in letters))


def views(stored: Stored, array: Any, numbers: Mapping[Symbol, int]) -> dict[str, Any]:
    """The symbols that a stored array holds, as views of it: nothing is copied.

    Args:
        stored: its row in the table.
        array: a NumPy array of the stored shape.
        numbers: a number for each size.
    """
    if stored.blocks:
        ends = np.cumsum([int(block.shape[0].subs(numbers)) for block in stored.blocks])[:-1]
        pieces = zip(stored.blocks, np.split(array, ends), strict=True)
        return {symbol: view for block, piece in pieces for symbol, view in views(block, piece, numbers).items()}
    lengths = {
        letter: int(axis_size(letter).subs(numbers)) for group in stored.groups for letter in group if letter != "*"
    }
    taken: dict[str, Any] = {}
    start = 0
    for (symbol, letters), own in zip(stored.symbols, stored.extents(), strict=True):
        extent = prod(int(axis_size(letter).subs(numbers)) for letter in own)
        taken[symbol] = _view(stored, array, lengths, letters, own, slice(start, start + extent), numbers)
        start += extent
    return taken


def _view(
    stored: Stored, array: Any, lengths: Mapping[str, int], letters: Axes, own: Axes, part: slice,
    numbers: Mapping[Symbol, int],
) -> Any:  # fmt: skip
    """One symbol: axes taken apart, its part of the star, axes in the order of the program."""
    flat = [letter for group in stored.groups for letter in group]
    total = array.size // prod(lengths[letter] for letter in flat if letter != "*")
    apart = array.reshape([total if letter == "*" else lengths[letter] for letter in flat])
    if "*" in flat:
        star = flat.index("*")
        apart = apart[(slice(None),) * star + (part,)]
        sizes = [int(axis_size(letter).subs(numbers)) for letter in own]
        apart = apart.reshape([*apart.shape[:star], *sizes, *apart.shape[star + 1 :]])
        flat = [*flat[:star], *own, *flat[star + 1 :]]
    ones = [place for place, letter in enumerate(flat) if letter == "1"]
    kept = [letter for letter in flat if letter != "1"]
    squeezed = apart.reshape([size for place, size in enumerate(apart.shape) if place not in ones])
    return squeezed.transpose([kept.index(letter) for letter in letters])


def spread(name: str, layer: int | None, experts: int | None) -> Iterator[str]:
    """The names of a row in the file: one, or one an expert."""
    named = name if layer is None else name.replace("{l}", str(layer))
    if "{x}" in named:
        yield from (named.replace("{x}", str(expert)) for expert in range(experts or 0))
    else:
        yield named
