"""What an array with indices, a delta, a triangle or a derivative is in matrix notation."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr, Symbol

from symformer.display.kinds import ANY
from symformer.display.matrices import Array, Identity, Index, Matrix, Outer, Transpose
from symformer.display.operators import Triangle
from symformer.notation import Delta, Element, Indicator, Var


class Declined(Exception):
    """No matrix notation for this expression."""


def named(node: Element, letters: tuple[Symbol, ...]) -> Matrix:
    """A named array with these letters as its rows and columns, transposed if they stand the other way round.

    What stands on its other axes is a subscript: W_Q[a, h, c] is the matrix W_{Q,h}. That says which axis the subscript
    belongs to only if it is the first, or its size differs from those of rows and columns.
    """
    found = node.symbols
    axes = tuple(axis for axis, letter in enumerate(found) if letter in letters)
    own = tuple(found[axis] for axis in axes)
    fixed = [axis for axis in range(len(found)) if axis not in axes]
    if set(own) != set(letters) or len(own) != len(letters):
        raise Declined
    if any(set(letters) & node.kids[axis].free for axis in fixed):
        raise Declined
    trailing = [axis for axis in fixed if axes and axis > axes[0]]
    if any(_alike(node.tensor.shape[one], node.tensor.shape[other]) for one in trailing for other in axes):
        raise Declined
    if trailing and (len(axes) < 2 or any(not isinstance(node.kids[axis], Var) for axis in trailing)):
        raise Declined
    array = Array(node.tensor, tuple(node.kids[axis] for axis in fixed), axes if trailing else None)
    return array if own == letters else Transpose(array)


def _alike(one: Expr, other: Expr) -> bool:
    return bool(sympy.expand(one - other) == 0)


def identity(node: Delta, at: Index, to: Index, sizes: Mapping[Symbol, Expr]) -> Matrix:
    """The identity matrix, for a delta of row and column."""
    if at is None or to is None or {kid.symbol for kid in node.kids if isinstance(kid, Var)} != {at, to}:
        raise Declined
    known = [sizes[letter] for letter in (at, to) if sizes.get(letter, ANY) != ANY]
    if len(known) == 2 and not _alike(*known):
        raise Declined
    return Identity(known[0] if known else ANY)


def triangle(node: Indicator, at: Index, to: Index, ones: Outer) -> Matrix:
    """The ones on and below the diagonal, or on and above it, for an order of row and column."""
    if node.relation not in ("≤", "≥") or not all(isinstance(kid, Var) for kid in node.kids):
        raise Declined
    left, right = (kid.symbol for kid in node.kids if isinstance(kid, Var))
    if {left, right} != {at, to}:
        raise Declined
    below = (left == to) == (node.relation == "≤")  # column ≤ row
    return Triangle(ones, not below)
