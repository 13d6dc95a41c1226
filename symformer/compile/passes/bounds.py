"""Bounds: columns that a relation of indices hides from every row of a block are not computed.

    S_ij = hide(Σ_c q_ic k_jc | j ≤ i + a), u = exp(S), Z_i = Σ_j u_ij   becomes, in a block of rows,
    the same for the j ≤ (last row) + a alone, and a mask only where the block's first row does not see all of them

Allowed where no sum sees what is hidden: every sum over the columns, and every sum over the rows that keeps them, has a
factor that is 0 there, and a maximum −∞. What is left out adds 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sympy import Symbol

from symformer.compile.arrays import Array, Balance, Contract, Count, Load, Map, Number, Reduce, RowDot, Squares, walk
from symformer.compile.lines import Line
from symformer.compile.lowering.context import number_code
from symformer.compile.passes.hidden import MINUS_INFINITY, ZERO, Hidden, hidden, same_mask
from symformer.programs import Guard

MASKING = ("hide", "select")  # −∞ or 0 where a relation does not hold
FLIPPED = {"less_equal": "greater_equal", "less": "greater", "greater_equal": "less_equal", "greater": "less"}


@dataclass(frozen=True)
class Bound:
    """A mask that is a relation: where its guard holds, row i sees the columns j ≤ i + by, or j > i + by if `low`."""

    mask: Array
    by: str
    low: bool
    guard: Guard | None

    @property
    def given(self) -> str:
        """The Python text of the bound, None where the guard does not hold."""
        return self.by if self.guard is None else f"{self.by} if {self.guard.code} else None"

    @property
    def edge(self) -> str:
        """The Python text of whether it cuts through a tile."""
        if self.low:
            return f"columns.start < {_joined('add', 'rows.stop', self.by, bare=True)}"
        return f"columns.stop > {_joined('add', 'rows.start', _joined('add', self.by, '1'), bare=True)}"


class Linear(NamedTuple):
    """row · i + column · j + rest, where `rest` is Python text."""

    row: int
    column: int
    rest: str


def bounds(lines: Sequence[Line], row: Symbol, column: Symbol, outputs: Collection[str]) -> list[Bound]:
    """The bounds of a block's columns: at most one below and one above."""
    found: dict[bool, Bound] = {}
    for line in lines:
        for node in walk(line.array):
            bound = _bound(node, line.guard, row, column) if isinstance(node, Map) and node.name in MASKING else None
            if bound is not None and bound.low not in found and _vanishes(lines, bound, row, column, outputs):
                found[bound.low] = bound
    return list(found.values())


def edges_alone(lines: Sequence[Line], found: Sequence[Bound]) -> list[Line]:
    """The lines with masks by these bounds only in tiles that they cut."""
    return [_at_edge(line, found) for line in lines]


def _at_edge(line: Line, found: Sequence[Bound]) -> Line:
    array = line.array
    if not (isinstance(array, Map) and array.name in ("hide", "select") and isinstance(array.parts[0], Load)):
        return line
    bound = next((one for one in found if same_mask(one.mask, array.parts[1]) and one.guard == line.guard), None)
    if bound is None:
        return line
    code = bound.edge if line.guard is None else f"{line.guard.code} and {bound.edge}"
    words = "where a row of the tile does not see all of it"
    guard = Guard(code, code, words if line.guard is None else f"{line.guard.words}, {words}")
    in_place = array.parts[0].name == line.variable
    if line.other is not None or (line.guard is None and not in_place):
        return replace(line, guard=guard, other=array.parts[0], other_formula="all of it is seen")
    return replace(line, guard=guard)


def _bound(node: Map, guard: Guard | None, row: Symbol, column: Symbol) -> Bound | None:
    mask = node.parts[1]
    if not (isinstance(mask, Map) and mask.name in FLIPPED):
        return None
    left, right = (_linear(part, row, column) for part in mask.parts)
    if left is None or right is None:
        return None
    name, rest = mask.name, _joined("subtract", right.rest, left.rest)
    across, down = left.column - right.column, left.row - right.row
    if across == -1:  # −j … is j the other way round
        name, rest, down = FLIPPED[name], _joined("subtract", left.rest, right.rest), -down
    if abs(across) != 1 or down != -1:
        return None
    low = name.startswith("greater")
    if name in ("less", "greater_equal"):
        rest = _joined("subtract", rest, "1")
    return Bound(mask, rest, low, guard)


def _linear(node: Array, row: Symbol, column: Symbol) -> Linear | None:
    """A part of a relation as multiples of the indices, both counted from 0, and a rest."""
    if isinstance(node, Number):
        return Linear(0, 0, node.code)
    if isinstance(node, Count) and node.axes in ((row,), (column,)):
        return Linear(int(node.axes == (row,)), int(node.axes == (column,)), str(node.start))
    if isinstance(node, Map) and node.name in ("add", "subtract"):
        one, two = (_linear(part, row, column) for part in node.parts)
        sign = 1 if node.name == "add" else -1
        if one is not None and two is not None:
            return Linear(
                one.row + sign * two.row, one.column + sign * two.column, _joined(node.name, one.rest, two.rest)
            )
    return None


def _joined(name: str, one: str, two: str, bare: bool = False) -> str:
    """The Python text of a sum or difference of whole numbers."""
    if bare:
        return one if two == "0" else f"{one} + {two}"
    if two == "0":
        return one
    if one == two and name == "subtract":
        return "0"
    return two if one == "0" and name == "add" else number_code(name, [one, two])


def _vanishes(lines: Sequence[Line], bound: Bound, row: Symbol, column: Symbol, outputs: Collection[str]) -> bool:
    """Whether nothing that leaves the lines depends on what the bound hides."""
    known: dict[str, tuple[Hidden, tuple[Symbol, ...]]] = {}
    made: set[str] = set()
    for line in lines:
        for array in line.arrays:
            if any(_reaches(node, known, bound, row, column) for node in walk(array)):
                return False
        if column in line.axes and row not in line.axes and not line.adds:
            return False
        value = _value(line, known, bound, line.variable not in made)
        made.add(line.variable)
        known.pop(line.variable, None)
        if value is not None and value.key in line.axes:
            known[line.variable] = value, line.axes
    both = {line.variable for line in lines if {row, column} <= set(line.axes)} & set(outputs)
    return all(name in known and known[name][0].value == ZERO for name in both)


def _reaches(node: Array, known: dict, bound: Bound, row: Symbol, column: Symbol) -> bool:  # type: ignore[type-arg]
    """Whether a sum or maximum sees what is hidden."""
    over = _summed(node)
    if isinstance(node, Balance):
        return column in node.axes
    if column not in over and not (row in over and column in node.axes):
        return False
    found = [hidden(kid, known, bound.mask) for kid in node.kids]
    value = MINUS_INFINITY if isinstance(node, Reduce) and node.name == "max" else ZERO
    return not any(one is not None and one.value == value and one.key == column for one in found)


def _summed(node: Array) -> tuple[Symbol, ...]:
    if isinstance(node, Contract):
        return node.over
    return (node.over,) if isinstance(node, (Reduce, RowDot, Squares)) else ()


def _value(line: Line, known: dict, bound: Bound, first: bool) -> Hidden | None:  # type: ignore[type-arg]
    """What a line's variable is where the bound hides, whatever other options say; `first`: if nothing was in it."""
    value = hidden(line.array, known, bound.mask)
    if line.guard is None or line.guard == bound.guard:
        return value
    if line.other is not None:
        return value if value == hidden(line.other, known, bound.mask) else None
    before = known.get(line.variable)
    return value if first or (before is not None and value == before[0]) else None
