"""Columns: sums over a second index are taken a block of it at a time, so that a tile of both stays in cache.

Σ over A ∪ B is Σ over A plus Σ over B, as in the book's split-kv-merge. A maximum over the index needs all of it: there
is one block where a guard lets it be computed, and none at all without a guard. What looks at sums looks at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from symformer.compile.arrays import Array, Contract, InRange, Load, Reduce, walk
from symformer.compile.lines import Line, mapped


@dataclass(frozen=True)
class Columns:
    """The lines of a block of rows.

    Attributes:
        before: once, what columns do not change.
        inside: for each block of columns; what adds up is marked.
        after: once, with the sums.
    """

    before: tuple[Line, ...]
    inside: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def sums(self) -> tuple[str, ...]:
        """What adds up."""
        return tuple(line.variable for line in self.inside if line.adds)


def by_columns(lines: Sequence[Line], column: Symbol, outputs: Collection[str] = ()) -> Columns | None:
    """The lines around blocks of columns; None where columns need a sum over all of them, or rows are summed over, or
    nothing is summed over columns."""
    if any(line.adds for line in lines):
        return None
    before: list[Line] = []
    inside: list[Line] = []
    after: list[Line] = []
    for line in lines:
        late = {other.variable for other in (*after, *(one for one in inside if one.adds))}
        found = [node for array in line.arrays for node in walk(array) if _sums(node, column)]
        maximum = any(isinstance(node, Reduce) and node.name == "max" for node in found)
        if column in line.axes or maximum:
            if set(line.reads) & late or (maximum and line.guard is None):
                return None
            inside.append(line)
        elif not found:
            made = {other.variable for other in (*inside, *after)}
            (after if made & set(line.reads) else before).append(line)
        elif line.guard is None and line.array == found[0] and line.variable not in outputs:
            inside.append(replace(line, adds=True))
        elif line.guard is None and len(found) == 1:
            inside.append(_sum_line(line, found[0]))
            after.append(replace(line, array=mapped(line.array, _put_in(found[0], f"{line.variable}_sum"))))
        else:
            return None
    made = {line.variable for line in inside if not line.adds}
    sums = tuple(Load(line.axes, line.variable) for line in inside if line.adds)
    after = [replace(line, array=InRange((), sums)) if isinstance(line.array, InRange) else line for line in after]
    if any(set(line.reads) & made for line in after):
        return None
    whole = Columns(tuple(before), tuple(inside), tuple(after))
    return whole if whole.sums else None


def _sums(node: Array, column: Symbol) -> bool:
    if isinstance(node, Reduce):
        return node.over == column
    return isinstance(node, Contract) and column in node.over


def _sum_line(line: Line, node: Array) -> Line:
    return Line(f"{line.variable}_sum", node.axes, node, f"the sum in {line.formula}", adds=True)


def _put_in(node: Array, name: str) -> Callable[[Array], Array]:
    return lambda other: Load(node.axes, name) if other == node else other
