"""Products in index notation: what multiplies and what divides, each with the letters that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Symbol

from symformer.display.matrices import Index, Matrix
from symformer.notation import Const, Div, Mul, Written

Maker = Callable[[Index, Index], Matrix]


@dataclass(frozen=True)
class Factor:
    """A factor of a product.

    Attributes:
        letters: the rows and columns that it depends on.
        inverse: whether it divides.
        make: its form, with these letters as row and column.
        node: how it is written; None for several factors that were recognised as one operation.
    """

    letters: frozenset[Symbol]
    inverse: bool
    make: Maker
    node: Written | None = None


def factors_of(node: Written, inverse: bool = False) -> list[tuple[Written, bool]]:
    """The factors of a product or fraction, each with whether it divides; 1/n stays one factor."""
    if isinstance(node, Mul):
        return [found for kid in node.kids for found in factors_of(kid, inverse)]
    if isinstance(node, Div):
        over, under = node.kids
        unit = isinstance(over, Const) and over.value == 1
        if unit and not inverse and all(symbol.is_positive for symbol in under.free):
            return [(node, inverse)]
        return [*(() if unit else factors_of(over, inverse)), *factors_of(under, not inverse)]
    return [(node, inverse)]


def sides(factors: Sequence[Factor], at: Index, to: Index) -> tuple[list[Matrix], list[Matrix]]:
    """The forms of what multiplies and of what divides."""
    over, under = ([one.make(at, to) for one in factors if one.inverse is side] for side in (False, True))
    return over, under
