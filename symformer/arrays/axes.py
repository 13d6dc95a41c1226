"""Axes: products of sizes, kept apart until somebody needs them as one.

An axis is a tuple of factors: (n,) is an axis of size n, (4, k) one of size 4·k whose entries are counted with the last
factor fastest, and () an axis of size 1, which has no index. So a reshape that splits or joins axes is no arithmetic
on indices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.arrays.errors import ArrayShapeError
from symformer.notation.names import checked_name

Axis = tuple[Expr, ...]
Shape = tuple[Axis, ...]
TOKEN = re.compile(r"\s*(?:(\d+)|([^\W\d]\w*'*)|([-+*]))")


def axis_of(size: Any) -> Axis:
    """The axis of a size that is written as a product, or is none."""
    exact = sympy.sympify(size)
    if exact == 1:
        return ()
    if exact.is_Mul:
        return tuple(factor for factor in exact.as_ordered_factors() if factor != 1)
    return (exact,)


def total(axis: Axis) -> Expr:
    """How long an axis is."""
    return sympy.Mul(*axis)


def parsed_axis(text: str, size_of: Any) -> Axis:
    """An axis as a user writes it: `n`, `4`, `4*k`, `2*n-1`; the factors of a product stay apart, in their order.

    Raises:
        NotationError: a name that is none.
        ValueError: it is no sum of products of names and whole numbers.
    """
    tokens = _tokens(text)
    terms: list[tuple[int, list[Expr]]] = []
    sign = 1
    while tokens:
        factors = [_atom(tokens, size_of)]
        while tokens and tokens[0] == "*":
            tokens.pop(0)
            factors.append(_atom(tokens, size_of))
        terms.append((sign, factors))
        if not tokens:
            break
        sign = 1 if tokens.pop(0) == "+" else -1
        if not tokens:
            raise ValueError(text)
    if len(terms) == 1:
        return tuple(factor for factor in terms[0][1] if factor != 1)
    return (sympy.Add(*(plus * sympy.Mul(*factors) for plus, factors in terms)),)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ValueError(text)
        found.append(match.group().strip())
        at = match.end()
    if not found:
        raise ValueError(text)
    return found


def _atom(tokens: list[str], size_of: Any) -> Expr:
    if not tokens or tokens[0] in "+-*":
        raise ValueError("a name or a whole number is missing")
    token = tokens.pop(0)
    if token.isdecimal():
        if int(token) < 1:
            raise ValueError("a size is at least 1")
        return sympy.Integer(int(token))
    found: Symbol = size_of(checked_name(token, "size"))
    return found


def same(left: Expr, right: Expr) -> bool:
    """Whether two sizes are the same."""
    return left == right or sympy.expand(left - right) == 0


def same_axis(left: Axis, right: Axis) -> bool:
    """Whether two axes have the same factors, in the same order."""
    return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))


def broadcast(*shapes: Shape) -> Shape | None:
    """The shape that some shapes have in common, as NumPy has it; None where they do not fit."""
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [((),) * (rank - len(shape)) + shape for shape in shapes]
    merged: list[Axis] = []
    for axes in zip(*padded, strict=True):
        long = [axis for axis in axes if axis]
        if any(not same_axis(long[0], axis) for axis in long[1:]):
            return None
        merged.append(long[0] if long else ())
    return tuple(merged)


def shape_text(shape: Shape) -> str:
    """A shape as it is said in errors."""
    axes = [("*".join(map(str, axis)) if axis else "1") for axis in shape]
    return "(" + ", ".join(axes) + ("," if len(axes) == 1 else "") + ")"


def regrouped(shape: Shape, wanted: Sequence[Expr | None]) -> Shape:
    """The axes of a reshape: the same factors in the same order, grouped anew; one wanted size may be left out.

    Raises:
        ArrayShapeError: an axis would be cut where no factor ends.
    """
    flat = [factor for axis in shape for factor in axis]
    whole = sympy.Mul(*flat)
    if None in wanted:
        rest = sympy.cancel(whole / sympy.Mul(*(size for size in wanted if size is not None)))
        if sympy.fraction(sympy.together(rest))[1] != 1:
            raise _cut(shape, [sympy.Integer(-1) if size is None else size for size in wanted])
        wanted = [rest if size is None else size for size in wanted]
    sizes = [sympy.sympify(size) for size in wanted]
    if not same(whole, sympy.Mul(*sizes)):
        raise ArrayShapeError(f"an array of shape {shape_text(shape)} has no shape ({', '.join(map(str, sizes))})")
    axes = []
    for size in sizes:
        axis: list[Expr] = []
        while not same(sympy.Mul(*axis), size):
            if not flat or not _divides(sympy.Mul(*axis), size):
                raise _cut(shape, sizes)
            axis.append(flat.pop(0))
        axes.append(tuple(axis))
    return tuple(axes)


def _divides(part: Expr, size: Expr) -> bool:
    return bool(sympy.fraction(sympy.cancel(size / part))[1] == 1)


def _cut(shape: Shape, sizes: Sequence[Expr]) -> ArrayShapeError:
    wanted = ", ".join(map(str, sizes))
    return ArrayShapeError(
        f"a reshape of {shape_text(shape)} to ({wanted}) cuts an axis where none of its factors ends",
        "write the axis in `shapes` as the product that it is split into, in that order, such as 4*k for (4, k)",
    )
