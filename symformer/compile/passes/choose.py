"""Choice of a schedule: which index is gone through in blocks of rows, and which in blocks of columns.

An index of an output is worth it where arrays with it and another one are made by products and summed over again, as
the scores of attention and the hidden layer of an MLP are: none of them then ever exists as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sympy import Symbol

from symformer.compile.arrays import Array, Contract, Count, Load, Map, Number, Reduce, walk
from symformer.compile.lines import Line

KNOWN = (Contract, Count, Load, Map, Number, Reduce)


def chosen_rows(lines: Sequence[Line], outputs: Collection[str]) -> tuple[Symbol, Symbol] | None:
    """The index of rows and that of columns; None where everything at once is as good."""
    nodes = [node for line in lines for node in walk(line.array)]
    if any(line.guard is not None for line in lines) or not all(isinstance(node, KNOWN) for node in nodes):
        return None
    letters = dict.fromkeys(letter for line in lines if line.variable in outputs for letter in line.axes)
    found = [(len(pairs), row, pairs) for row in letters if (pairs := _columns(lines, row, outputs))]
    if not found:
        return None
    _, row, pairs = max(found, key=lambda one: one[0])
    return row, max(pairs, key=lambda column: _elementwise(lines, row, column))


def elementwise_rows(lines: Sequence[Line], outputs: Collection[str]) -> Symbol | None:
    """The index of rows of a chain of elementwise operations, whose arrays go through a cache in blocks; or None.

    One operation alone is as fast at once, and products of matrices want many rows.
    """
    nodes = [node for line in lines for node in walk(line.array)]
    plain = all(isinstance(node, KNOWN) and not isinstance(node, Contract) for node in nodes)
    axes = [line.axes for line in lines if line.variable in outputs and line.axes]
    if any(line.guard is not None for line in lines) or not plain or not axes:
        return None
    wide = [node for node in nodes if isinstance(node, Map) and axes[0][0] in node.axes]
    most = max((len(node.axes) for node in wide), default=0)
    return axes[0][0] if sum(len(node.axes) == most for node in wide) > 1 else None


def _elementwise(lines: Sequence[Line], row: Symbol, column: Symbol) -> int:
    """How many operations go through each entry of a row and a column: tiles keep what they read in a cache."""
    nodes = [node for line in lines for node in walk(line.array)]
    return sum(isinstance(node, Map) and set(node.axes) == {row, column} for node in nodes)


def _columns(lines: Sequence[Line], row: Symbol, outputs: Collection[str]) -> list[Symbol]:
    """For each array with these rows that is made and summed over again, its other index."""
    nodes = [node for line in lines for node in walk(line.array) if row in node.axes]
    made = [line for line in lines if row in line.axes and len(line.axes) == 2 and line.variable not in outputs]
    others = [next(letter for letter in line.axes if letter != row) for line in made if _has_product(line)]
    return [letter for letter in others if any(_sums(node, letter) for node in nodes)]


def _has_product(line: Line) -> bool:
    return any(isinstance(node, Contract) and set(node.axes) == set(line.axes) for node in walk(line.array))


def _sums(node: Array, letter: Symbol) -> bool:
    return (isinstance(node, Contract) and letter in node.over) or (isinstance(node, Reduce) and node.over == letter)
