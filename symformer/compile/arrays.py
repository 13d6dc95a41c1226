"""Array operations: what a definition becomes before it becomes NumPy (or anything else).

Every array knows the letters of its own trailing axes; leading axes are batch axes and never named. A target emits
these nodes; it decides alone how axes are lined up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Symbol

Axes = tuple[Symbol, ...]


class CompileError(ValueError):
    """A program that has no array form here; names the definition and what stands in the way."""


@dataclass(frozen=True)
class Array:
    """A node; `axes` are the letters of its trailing axes, in order."""

    axes: Axes

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return ()

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return self


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
    """The positions along an axis, from `start`: `size` is Python text, `part` what cuts a block out."""

    size: str
    start: int = 0
    part: str = ""


@dataclass(frozen=True)
class Ones(Array):
    """True along an axis: spreads what does not depend on it; `size` is Python text, `part` what cuts a block out."""

    size: str
    part: str = ""


@dataclass(frozen=True)
class Map(Array):
    """An elementwise operation."""

    name: str
    parts: tuple[Array, ...]

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return self.parts

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, parts=kids)


@dataclass(frozen=True)
class Reduce(Array):
    """`sum` or `max` of one array over one axis, whose size is Python text."""

    name: str
    part: Array
    over: Symbol
    size: str = ""

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return (self.part,)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, part=kids[0])


@dataclass(frozen=True)
class Contract(Array):
    """The sum over some axes of a product of arrays."""

    parts: tuple[Array, ...]
    over: tuple[Symbol, ...]

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return self.parts

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, parts=kids)


@dataclass(frozen=True)
class Take(Array):
    """Entries of a table whose axis `along` is chosen by an array of positions (from 0)."""

    table: Array
    along: Symbol
    positions: Array

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return (self.table, self.positions)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, table=kids[0], positions=kids[1])


@dataclass(frozen=True)
class RowDot(Array):
    """The sum over one axis of a product of two arrays with the same letters."""

    parts: tuple[Array, Array]
    over: Symbol

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return self.parts

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, parts=(kids[0], kids[1]))


@dataclass(frozen=True)
class Scatter(Array):
    """Rows (their axis `over`) added up at the positions (from 0) that each has along the axis `along`."""

    rows: Array
    positions: Array
    along: Symbol
    over: Symbol
    size: str

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return (self.rows, self.positions)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, rows=kids[0], positions=kids[1])


@dataclass(frozen=True)
class Deposit(Array):
    """Values added up in an array of zeros: along the axis `along`, at positions (from 0); batch axes may lead.

    Letters of the positions that are none of the node's axes are summed over; `size` is the Python text of the axis.
    """

    values: Array
    positions: Array
    along: Symbol
    size: str

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return (self.values, self.positions)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, values=kids[0], positions=kids[1])


@dataclass(frozen=True)
class PlaceAdd(Array):
    """What is added to one entry of each row, at its position (from 0) along the last axis; a line's own array."""

    values: Array
    positions: Array

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return (self.values, self.positions)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, values=kids[0], positions=kids[1])


@dataclass(frozen=True)
class InRange(Array):
    """Sums of exponentials, and others; a block in which one is out of range comes again; a line's own array."""

    parts: tuple[Array, ...]

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return self.parts

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        return replace(self, parts=kids)


def walk(array: Array) -> Iterator[Array]:
    """The array and everything below it, parents first."""
    yield array
    for kid in array.kids:
        yield from walk(kid)


def loads(array: Array) -> list[str]:
    """The variables that an array reads, as often as it reads them."""
    return [node.name for node in walk(array) if isinstance(node, Load)]
