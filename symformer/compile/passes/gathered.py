"""Gathers: rows of a table are multiplied before they are chosen, so that no array has a place and a row of the table.

    Σ_c Q_ic R_[p(i,j), c]   is   (Σ_c Q_ic R_rc) at r = p(i, j)

    Σ_j w_ij R_[p(i,j), c]   is   Σ_r D_ir R_rc with D_ir = Σ_j [p(i,j) = r] w_ij
    Σ_ij [p(i,j) = r] Q_ic w_ij   is   Σ_i D_ir Q_ic with the same D

for every choice p that does not depend on c: Shaw's relative positions never build their n × n × d. A product with a
sum of which one term is such a row is the sum of two products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symformer.compile.arrays import Array, Contract, Deposit, Map, Take
from symformer.compile.lines import Line


def gathered_late(lines: Sequence[Line]) -> list[Line]:
    """The lines with products before gathers."""
    return [line.mapped(_late) for line in lines]


def _late(node: Array) -> Array:
    if isinstance(node, Deposit):
        return _deposited(node)
    if not isinstance(node, Contract) or len(node.parts) != 2:
        return node
    for one, two in (node.parts, node.parts[::-1]):
        if _movable(one, two, node):
            assert isinstance(two, Take)
            return _moved(node, one, two)
        if (
            isinstance(two, Map)
            and two.name in ("add", "subtract")
            and any(_movable(one, part, node) for part in two.parts)
        ):
            terms = [_term(node, one, part) for part in two.parts]
            if None not in terms:
                return Map(node.axes, two.name, tuple(term for term in terms if term is not None))
    return node


def _movable(one: Array, array: Array, node: Contract) -> bool:
    """Whether an array is better chosen from late: where what meets it has all letters of its places, early is less."""
    return (_is_row(array, node) and not _has_places(one, array)) or _is_spread(array, node)


def _has_places(one: Array, row: Array) -> bool:
    return isinstance(row, Take) and set(row.positions.axes) <= set(one.axes)


def _is_row(array: Array, node: Contract) -> bool:
    """Whether an array is a row of a table for each of two letters or more, which a contraction then sums up."""
    if not isinstance(array, Take) or set(array.positions.axes) & set(node.over) or len(array.positions.axes) < 2:
        return False
    rest = set(array.table.axes) - {array.along}
    return set(node.over) == rest


def _is_spread(array: Array, node: Contract) -> bool:
    """Whether an array is a row of a table for each of two letters or more, one of which a contraction sums up."""
    if not isinstance(array, Take) or not array.size or len(array.positions.axes) < 2:
        return False
    left = set(array.positions.axes) - set(node.over)
    rest = set(array.table.axes) - {array.along}
    return bool(left) and set(node.over) < set(array.positions.axes) and rest <= set(node.axes) - left


def _term(node: Contract, one: Array, part: Array) -> Array | None:
    """A product with one term of a sum; None where it lacks what is summed over."""
    if not set(node.over) <= set(part.axes):
        return None
    axes = tuple(letter for letter in node.axes if letter in one.axes or letter in part.axes)
    product = Contract(axes, (one, part), node.over)
    return _moved(product, one, part) if isinstance(part, Take) and _movable(one, part, product) else product


def _moved(node: Contract, one: Array, row: Take) -> Array:
    """The product with the whole table, and then what is chosen of it; or of what is added up for each row of it."""
    if _is_spread(row, node):
        if set(row.positions.axes) - set(one.axes):
            return node
        kept = tuple(letter for letter in one.axes if letter not in node.over)
        added = Deposit((*kept, row.along), one, row.positions, row.along, row.size, all_inside=True)
        return Contract(node.axes, (added, row.table), (row.along,))
    left = tuple(letter for letter in one.axes if letter not in node.over)
    table = Contract((*left, row.along), (one, row.table), node.over)
    return Take(node.axes, table, row.along, row.positions)


def _deposited(node: Deposit) -> Array:
    """What is the same for all that is added up at a position multiplies their sum."""
    values, letters = node.values, set(node.positions.axes)
    if not isinstance(values, Contract) or values.over or len(values.parts) != 2:
        return node
    for one, two in (values.parts, values.parts[::-1]):
        shared = set(one.axes) & letters
        if letters <= set(two.axes) and shared < letters and shared and not letters & set(node.axes):
            if not set(one.axes) - letters or set(two.axes) - letters:
                continue
            kept = tuple(letter for letter in two.axes if letter in shared)
            added = replace(node, axes=(*kept, node.along), values=two)
            return Contract(node.axes, (added, one), kept)
    return node
