"""Array operations: what a definition becomes before it becomes NumPy (or anything else).

Every array knows the letters of its own trailing axes; leading axes are batch axes and never named. A target emits
these nodes; it decides alone how axes are lined up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from sympy import Symbol

Axes = tuple[Symbol, ...]


class CompileError(ValueError):
    """A program that has no array form here; names the definition and what stands in the way."""


@dataclass(frozen=True)
class Array:
    """A node; `axes` are the letters of its trailing axes, in order, and `holds` names the fields that are arrays."""

    axes: Axes
    holds: ClassVar[tuple[str, ...]] = ()

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return tuple(getattr(self, name) for name in self.holds)

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        changed: dict[str, Any] = dict(zip(self.holds, kids, strict=True))
        return replace(self, **changed) if changed else self


class Joined(Array):
    """A node that is computed from any number of arrays."""

    parts: tuple[Array, ...]  # no field here: it stands where each kind wants it

    @property
    def kids(self) -> tuple[Array, ...]:
        """The arrays that it is computed from."""
        return self.parts

    def over_kids(self, kids: tuple[Array, ...]) -> Array:
        """The same operation on other arrays."""
        changed: dict[str, Any] = {"parts": kids}
        return replace(self, **changed)


@dataclass(frozen=True)
class Number(Array):
    """A Python number: its source text, and the variables that stand in it."""

    code: str
    reads: tuple[str, ...] = ()


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
class Map(Joined):
    """An elementwise operation."""

    name: str
    parts: tuple[Array, ...]


@dataclass(frozen=True)
class Reduce(Array):
    """`sum` or `max` of one array over one axis, whose size is Python text."""

    holds: ClassVar[tuple[str, ...]] = ("part",)
    name: str
    part: Array
    over: Symbol
    size: str = ""


@dataclass(frozen=True)
class Contract(Joined):
    """The sum over some axes of a product of arrays."""

    parts: tuple[Array, ...]
    over: tuple[Symbol, ...]


@dataclass(frozen=True)
class SeenContract(Contract):
    """A contraction of two arrays in which the 0 of the first, which says what is hidden, wins over NaN and ∞."""


@dataclass(frozen=True)
class RunningSum(Array):
    """The sums of an array along its axis `over` up to each place, which is the axis `along` of the result.

    `back` says that they run from each place to the end; `strict`, that they leave that place out.
    """

    holds: ClassVar[tuple[str, ...]] = ("part",)
    part: Array
    over: Symbol
    along: Symbol
    back: bool = False
    strict: bool = False


@dataclass(frozen=True)
class RunningProduct(Joined):
    """a_i · Σ_j b_j v_j over the j up to i, for three stacks of rows a (…, i, c), b (…, j, c), v (…, j, f)."""

    parts: tuple[Array, Array, Array]
    over: Symbol
    along: Symbol
    back: bool = False
    strict: bool = False


@dataclass(frozen=True)
class Before(Array):
    """How many entries of an array's axis `along` come before each in order; of equal ones, the first comes first.

    `falling` says that the largest comes first; `size` is the Python text of the axis.
    """

    holds: ClassVar[tuple[str, ...]] = ("part",)
    part: Array
    along: Symbol
    size: str
    falling: bool = False


@dataclass(frozen=True)
class InOrder(Array):
    """The places (from 0) of ranks 1, 2, …: of an array of ranks along its axis `over`, which becomes `along`."""

    holds: ClassVar[tuple[str, ...]] = ("part",)
    part: Array
    over: Symbol
    along: Symbol


@dataclass(frozen=True)
class Take(Array):
    """Entries of a table whose axis `along` is chosen by an array of positions (from 0); `size` is that axis's text."""

    holds: ClassVar[tuple[str, ...]] = ("table", "positions")
    table: Array
    along: Symbol
    positions: Array
    size: str = ""


@dataclass(frozen=True)
class RowDot(Joined):
    """The sum over one axis of a product of two arrays with the same letters."""

    parts: tuple[Array, Array]
    over: Symbol


@dataclass(frozen=True)
class SeenRowDot(RowDot):
    """A dot product of rows in which the 0 of the first, which says what is hidden, wins over NaN and ∞."""


@dataclass(frozen=True)
class Scatter(Array):
    """Rows (their axis `over`) added up at the positions (from 0) that each has along the axis `along`."""

    holds: ClassVar[tuple[str, ...]] = ("rows", "positions")
    rows: Array
    positions: Array
    along: Symbol
    over: Symbol
    size: str


@dataclass(frozen=True)
class Deposit(Array):
    """Values added up in an array of zeros: along the axis `along`, at positions (from 0); batch axes may lead.

    Letters of the positions that are none of the node's axes are summed over; `size` is the Python text of the axis.
    `all_inside` says that a position outside the axis is an error, as in a read.
    """

    holds: ClassVar[tuple[str, ...]] = ("values", "positions")
    values: Array
    positions: Array
    along: Symbol
    size: str
    all_inside: bool = False


@dataclass(frozen=True)
class PlaceAdd(Array):
    """What is added to one entry of each row, at its position (from 0) along the last axis; a line's own array."""

    holds: ClassVar[tuple[str, ...]] = ("values", "positions")
    values: Array
    positions: Array


@dataclass(frozen=True)
class Balance(Joined):
    """Scores, their maxima and sums of exponentials; a line's own array, rows that add up to 0 are balanced by them."""

    parts: tuple[Array, Array, Array]


@dataclass(frozen=True)
class Squares(Array):
    """The sum of squares over one axis, in a wider dtype where it leaves the range of its own."""

    holds: ClassVar[tuple[str, ...]] = ("part",)
    part: Array
    over: Symbol


@dataclass(frozen=True)
class InRange(Joined):
    """Sums of exponentials, and others; a block in which one is out of range comes again; a line's own array."""

    parts: tuple[Array, ...]


def walk(array: Array) -> Iterator[Array]:
    """The array and everything below it, parents first."""
    yield array
    for kid in array.kids:
        yield from walk(kid)


def loads(array: Array) -> list[str]:
    """The variables that an array reads, as often as it reads them."""
    found: list[str] = []
    for node in walk(array):
        found += [node.name] if isinstance(node, Load) else node.reads if isinstance(node, Number) else ()
    return found
