"""Ranks: what is counted over all pairs of entries of an axis is found by sorting them.

    Σ_j ([x_j < x_i] + [x_j = x_i][j < i])    counts the entries that come before x_i in order
    argmax_j [r_j = i]                        is the place whose rank is i, where r is 1 + that count

The order is the one that `np.argsort` with kind="stable" has: of equal entries the first comes first. So n² relations
become n log n steps, at every size; rows are never compared with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sympy import Symbol

from symformer.compile.arrays import Array, Axes, Before, Count, InOrder, Load, Map, Number, Reduce
from symformer.compile.lines import Line, mapped
from symformer.compile.passes.axes import under

RELATIONS = {"less": False, "greater": True}


class Ranks(NamedTuple):
    """A variable that holds ranks: its letters, which of its axes they run along, and the text of its size."""

    axes: Axes
    along: int
    size: str


def as_ranked(lines: Sequence[Line]) -> list[Line]:
    """The lines with what counts pairs found by sorting."""
    known: dict[str, Ranks] = {}
    found: list[Line] = []
    for line in lines:
        new = line.mapped(lambda node: _rewritten(node, known))
        found.append(line if new == line else new)
        if line.guard is None and (ranks := _ranks(new)) is not None:
            known[line.variable] = ranks
    return found


def _rewritten(node: Array, known: Mapping[str, Ranks]) -> Array:
    if isinstance(node, Reduce) and node.name == "sum":
        return _before(node) or node
    if isinstance(node, Reduce) and node.name == "argmax":
        return _in_order(node, known) or node
    return node


def _ranks(line: Line) -> Ranks | None:
    """Whether a line is 1 + how many come before."""
    array = line.array
    if not (isinstance(array, Map) and array.name == "add" and _is_one(array.parts[0])):
        return None
    counted = array.parts[1]
    if not isinstance(counted, Before) or counted.along not in line.axes:
        return None
    return Ranks(line.axes, line.axes.index(counted.along), counted.size)


def _is_one(array: Array) -> bool:
    return isinstance(array, Number) and array.code == "1"


def _before(node: Reduce) -> Array | None:
    """Σ_j ([x_j < x_i] + [x_j = x_i][j < i]), or with >, as a count of what comes before x_i."""
    body = _plain(node.part)
    if not (isinstance(body, Map) and body.name == "add"):
        return None
    first, tied = map(_plain, body.parts)
    if not (isinstance(first, Map) and first.name in RELATIONS and isinstance(tied, Map) and tied.name == "multiply"):
        return None
    equal, earlier = map(_plain, tied.parts)
    own = _own_letter(earlier, node)
    if own is None or not (isinstance(equal, Map) and equal.name == "equal" and equal.parts == first.parts):
        return None
    there, here = first.parts
    if node.over in here.axes or mapped(there, lambda part: under(part, {node.over: own})) != here:
        return None
    return Before(node.axes, here, own, node.size, RELATIONS[first.name])


def _own_letter(earlier: Array, node: Reduce) -> Symbol | None:
    """The i of [j < i], which runs as far as the j that is summed over."""
    if not (isinstance(earlier, Map) and earlier.name == "less"):
        return None
    there, here = earlier.parts
    if not (isinstance(there, Count) and isinstance(here, Count) and there.axes == (node.over,)):
        return None
    alike = (there.start, there.size, there.part) == (here.start, here.size, here.part) and there.size == node.size
    return here.axes[0] if alike and not there.part else None


def _in_order(node: Reduce, known: Mapping[str, Ranks]) -> Array | None:
    """argmax_j [r_j = i] for ranks r: the places in order."""
    body = _plain(node.part)
    if not (isinstance(body, Map) and body.name == "equal"):
        return None
    ranks, rank = body.parts
    if not (isinstance(ranks, Load) and ranks.name in known and isinstance(rank, Count)):
        return None
    own = known[ranks.name]
    every = rank.start == 1 and not rank.part and rank.size == own.size
    if not every or ranks.axes[own.along] != node.over or rank.axes[0] in ranks.axes:
        return None
    return InOrder(node.axes, ranks, node.over, rank.axes[0])


def _plain(array: Array) -> Array:
    """The booleans of an array of their numbers."""
    return array.parts[0] if isinstance(array, Map) and array.name == "real" else array
