"""Products: what multiplies and what divides, and how numbers stand before a matrix."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from symformer.display.compound import Hadamard, Scaled
from symformer.display.matrices import Matrix, Scalar
from symformer.notation import Div, Mul, Written, lift


def factors_of(node: Written, inverse: bool = False) -> list[tuple[Written, bool]]:
    """The factors of a product or fraction, each with whether it divides."""
    if isinstance(node, Mul):
        return [found for kid in node.kids for found in factors_of(kid, inverse)]
    if isinstance(node, Div):
        over, under = node.kids
        return [*factors_of(over, inverse), *factors_of(under, not inverse)]
    return [(node, inverse)]


def times(left: Matrix, right: Matrix) -> Matrix:
    """The elementwise product, flat."""
    parts: Callable[[Matrix], tuple[Matrix, ...]] = lambda one: one.parts if isinstance(one, Hadamard) else (one,)  # noqa: E731
    return Hadamard((*parts(left), *parts(right)))


def spread(number: Matrix, over: Matrix) -> Matrix:
    """A number in every place of an array of ones."""
    if number == Scalar(lift(1)):
        return over
    return Scaled(number, over, False)


def scaled(body: Matrix, factors: list[Written]) -> Matrix:
    """The matrix times numbers."""
    return scaled_by(body, [(factor, False) for factor in factors])


def scaled_by(body: Matrix, factors: list[tuple[Written, bool]]) -> Matrix:
    """All numbers in front in one product, all divisors under one fraction."""
    above = [factor for factor, inverse in factors if not inverse and factor != lift(1)]
    below = [factor for factor, inverse in factors if inverse]
    if below:
        body = Scaled(Scalar(reduce(lambda one, two: one * two, below)), body, True)
    if above:
        body = Scaled(Scalar(reduce(lambda one, two: one * two, above)), body, False)
    return body
