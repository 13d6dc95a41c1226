"""Array operations: what a definition becomes before it becomes NumPy (or anything else).

Every array knows the letters of its own trailing axes; leading axes are batch axes and never named. A target emits
these nodes; it decides alone how axes are lined up.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Symbol

Axes = tuple[Symbol, ...]


class CompileError(ValueError):
    """A program that has no array form here; names the definition and what stands in the way."""


@dataclass(frozen=True)
class Array:
    """A node; `axes` are the letters of its trailing axes, in order."""

    axes: Axes


@dataclass(frozen=True)
class Number(Array):
    """A Python number: its source text, and whether it holds together as a factor."""

    code: str


@dataclass(frozen=True)
class Load(Array):
    """A variable. `batched` is False for weights, which have no batch axes; `bits` says that it holds booleans."""

    name: str
    batched: bool = True
    bits: bool = False


@dataclass(frozen=True)
class Count(Array):
    """The positions along an axis, from `start`: `size` is Python text."""

    size: str
    start: int = 0


@dataclass(frozen=True)
class Ones(Array):
    """True along an axis: spreads what does not depend on it; `size` is Python text."""

    size: str


@dataclass(frozen=True)
class Map(Array):
    """An elementwise operation."""

    name: str
    parts: tuple[Array, ...]


@dataclass(frozen=True)
class Reduce(Array):
    """`sum` or `max` of one array over one axis."""

    name: str
    part: Array
    over: Symbol


@dataclass(frozen=True)
class Contract(Array):
    """The sum over some axes of a product of arrays."""

    parts: tuple[Array, ...]
    over: tuple[Symbol, ...]


@dataclass(frozen=True)
class Take(Array):
    """Entries of a table whose axis `along` is chosen by an array of positions (from 0)."""

    table: Array
    along: Symbol
    positions: Array
