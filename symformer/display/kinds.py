"""What a matrix expression is: a scalar, a column vector, a row vector or a matrix, and of which sizes."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import sympy
from sympy import Expr, Symbol

Size: TypeAlias = Expr | None  # None: there is no such axis
ANY = Symbol("?", positive=True, integer=True)  # the size of an axis that nothing in the expression carries


class IllTyped(ValueError):
    """A matrix expression whose sizes do not fit."""


class Kind(NamedTuple):
    """The sizes of an expression: (n, m) a matrix, (n, None) a column, (None, m) a row, (None, None) a scalar."""

    rows: Size = None
    columns: Size = None

    @property
    def word(self) -> str:
        """What it is called."""
        return {(False, False): "scalar", (True, False): "column vector", (False, True): "row vector"}.get(
            (self.rows is not None, self.columns is not None), "matrix"
        )

    @property
    def turned(self) -> Kind:
        """The kind of the transpose."""
        return Kind(self.columns, self.rows)

    def __str__(self) -> str:
        sizes = " by ".join(str(size) for size in self if size is not None)
        return f"{self.word} {sizes}".strip()


SCALAR = Kind()


def fits(one: Size, other: Size) -> bool:
    """Whether two axes have one size."""
    if one is None or other is None:
        return one is other
    return ANY in (one, other) or one == other or sympy.expand(one - other) == 0


def agreeing(*kinds: Kind) -> Kind:
    """The kind that all of these are, as terms of a sum or factors entry by entry must be.

    Raises:
        IllTyped: two of them differ.
    """
    first, *rest = kinds
    for other in rest:
        if not (fits(first.rows, other.rows) and fits(first.columns, other.columns)):
            raise IllTyped(f"a {first} and a {other} are combined entry by entry")
        first = Kind(_known(first.rows, other.rows), _known(first.columns, other.columns))
    return first


def multiplied(left: Kind, right: Kind) -> Kind:
    """The kind of a matrix product.

    Raises:
        IllTyped: the columns of the left factor are not as many as the rows of the right one, or one is a scalar.
    """
    if SCALAR in (left, right) or not fits(left.columns, right.rows):
        raise IllTyped(f"a {left} is multiplied by a {right}")
    return Kind(left.rows, right.columns)


def scalar(kind: Kind) -> None:
    """Checks that something is a scalar.

    Raises:
        IllTyped: it is not.
    """
    if kind != SCALAR:
        raise IllTyped(f"a {kind} stands where a number is needed")


def column(kind: Kind) -> Size:
    """The size of a column vector.

    Raises:
        IllTyped: it is none.
    """
    if kind.rows is None or kind.columns is not None:
        raise IllTyped(f"a {kind} stands where a column vector is needed")
    return kind.rows


def _known(one: Size, other: Size) -> Size:
    return other if one == ANY else one
