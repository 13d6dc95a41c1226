"""Sums apart: a sum inside a line that is not a sum gets a line of its own, so that blocks see where it runs.

    P_ij = r_ij / (1 + Σ_k r_ik)            becomes   s_i = Σ_k r_ik;  P_ij = r_ij / (1 + s_i)
    w_j = (Σ_i v_ij u_ij) / √(Σ_i u_ij²)    becomes   a_j = Σ_i v_ij u_ij;  b_j = Σ_i u_ij²;  w_j = a_j / √b_j

A block of columns holds no whole row, and a quotient of sums over rows is no sum over blocks of them: such a sum has to
be known as a whole before the line that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Balance,
    Contract,
    Deposit,
    Load,
    Map,
    PlaceAdd,
    Reduce,
    RowDot,
    Scatter,
    Squares,
    walk,
)
from symformer.compile.lines import Line
from symformer.compile.names import free

ADDING = (Balance, Contract, Deposit, PlaceAdd, Reduce, RowDot, Scatter, Squares)


def sums_apart(lines: Sequence[Line], row: Symbol) -> list[Line]:
    """The lines with sums that stand in an array of more letters, or in no sum over rows, as lines before them."""
    taken = {name for line in lines for name in (line.variable, *line.reads)}
    out: list[Line] = []
    for line in lines:
        found: dict[Array, Line] = {}
        array = line.array
        if line.guard is None and not (row not in line.axes and additive(array, row)):
            array = _apart(array, line, row, found, taken)
        out += [*found.values(), line if array == line.array else replace(line, array=array)]
    return out


def _apart(array: Array, line: Line, row: Symbol, found: dict[Array, Line], taken: set[str]) -> Array:
    """The array with a variable in the place of each such sum; their lines are put into `found`."""
    if array is not line.array and _is_sum(array):
        own, whole = set(array.axes), set(line.axes)
        if own < whole or (own == whole and row not in whole and additive(array, row)):
            return _named(array, line, found, taken)
    return array.over_kids(tuple(_apart(kid, line, row, found, taken) for kid in array.kids))


def _is_sum(array: Array) -> bool:
    return isinstance(array, Contract) or (isinstance(array, Reduce) and array.name in ("sum", "max"))


def _named(array: Array, line: Line, found: dict[Array, Line], taken: set[str]) -> Array:
    if array not in found:
        sizes = dict(zip(line.axes, line.sizes, strict=True))
        name = free(f"{line.variable}_sum", taken)
        taken.add(name)
        texts = tuple(sizes[letter] for letter in array.axes)
        found[array] = Line(name, array.axes, array, f"a sum in {line.formula}", sizes=texts)
    return Load(array.axes, found[array].variable)


def additive(array: Array, row: Symbol) -> bool:
    """Whether an array that has no axis of rows is the sum, over blocks of rows, of what it is over each of them."""
    if not isinstance(array, Map):
        adds = isinstance(array, ADDING) and not (isinstance(array, Reduce) and array.name != "sum")
        return adds and _sums(array, row) and not any(_sums(node, row) for kid in array.kids for node in walk(kid))
    first, *rest = array.parts
    if array.name in ("add", "subtract", "negative"):
        return all(additive(part, row) for part in array.parts)
    if array.name == "multiply" and not _reads(first, row):
        first, rest = rest[0], [first]
    linear = array.name in ("multiply", "divide", "select", "real")
    return linear and additive(first, row) and not any(_reads(part, row) for part in rest)


def _sums(node: Array, row: Symbol) -> bool:
    """Whether a node has no axis of rows, and what it is made of has."""
    return row not in node.axes and _reads(node, row)


def _reads(array: Array, row: Symbol) -> bool:
    return any(row in node.axes for node in walk(array))
