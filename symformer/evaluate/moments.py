"""Polynomials in random entries over any field, for expectations: linear, and known by the declared moments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy import Expr

from symformer.evaluate.fields import Effort, Field, Ordered, Undecidable
from symformer.notation import Tensor

# A monomial is a sorted tuple of ((tensor, place), power); a polynomial maps monomials to coefficients.
Monomial = tuple[tuple[tuple[str, tuple[int, ...]], int], ...]
Polynomial = dict[Monomial, Any]


class MomentField(Ordered):
    """Polynomials in independent random entries; what is not polynomial is `Undecidable`."""

    def __init__(self, base: Field, effort: Effort | None = None) -> None:
        self.base, self.effort = base, effort or Effort(sys.maxsize)
        self.moments: dict[str, dict[int, Expr]] = {}

    def entry(
        self, tensor: Tensor, place: tuple[int, ...], known: Callable[[Tensor, tuple[int, ...]], Any]
    ) -> Polynomial:
        """A random entry is a letter; any other is the number that the outer field knows."""
        if tensor.domain.kind != "random":
            return {(): known(tensor, place)}
        self.moments[tensor.digest] = dict(tensor.domain.moments)
        return {(((tensor.digest, place), 1),): self.base.number(sympy.S.One)}

    def expectation(self, value: Polynomial) -> Any:
        """Each monomial replaced by the product of its letters' moments.

        Raises:
            Undecidable: a moment that is needed was not declared.
        """
        total = self.base.number(sympy.S.Zero)
        for monomial, coefficient in value.items():
            term = coefficient
            for (digest, _), power in monomial:
                if power not in self.moments[digest]:
                    raise Undecidable(f"moment {power} of a random tensor is not declared")
                term = self.base.mul(term, self.base.number(self.moments[digest][power]))
            total = self.base.add(total, term)
        return total

    def number(self, value: Expr) -> Polynomial:
        """A constant."""
        return {(): self.base.number(value)}

    def add(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Term by term."""
        total = dict(left)
        for monomial, coefficient in right.items():
            total[monomial] = self.base.add(total[monomial], coefficient) if monomial in total else coefficient
        return total

    def neg(self, value: Polynomial) -> Polynomial:
        """Term by term."""
        return {monomial: self.base.neg(coefficient) for monomial, coefficient in value.items()}

    def mul(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Every term with every term."""
        self.effort.spend(len(left) * len(right))
        total: Polynomial = {}
        for one, first in left.items():
            for two, second in right.items():
                monomial, term = _merge(one, two), self.base.mul(first, second)
                total[monomial] = self.base.add(total[monomial], term) if monomial in total else term
        return total

    def div(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """By a constant only."""
        under = self._constant(right, "division by a random value")
        return {monomial: self.base.div(coefficient, under) for monomial, coefficient in left.items()}

    def power(self, base: Polynomial, exponent: Polynomial) -> Polynomial:
        """Positive integer powers; any power of a constant."""
        if set(base) <= {()}:
            return {(): self.base.power(base[()], self._constant(exponent, "a random exponent"))}
        times = self.base.integer(self._constant(exponent, "a random exponent"))
        if times < 0:
            raise Undecidable("a negative power of a random value")
        self.effort.spend(times)
        out = self.number(sympy.S.One)
        for _ in range(times):
            out = self.mul(out, base)
        return out

    def function(self, name: str, value: Polynomial) -> Polynomial:
        """Of a constant only."""
        return {(): self.base.function(name, self._constant(value, f"{name} of a random value"))}

    def maximum(self, values: Sequence[Polynomial]) -> Polynomial:
        """Of constants only."""
        return {(): self.base.maximum([self._constant(value, "the maximum of random values") for value in values])}

    def compare(self, left: Polynomial, relation: str, right: Polynomial) -> bool:
        """Of constants only."""
        sides = [self._constant(side, "a comparison of random values") for side in (left, right)]
        return self.base.compare(sides[0], relation, sides[1])

    def integer(self, value: Polynomial) -> int:
        """Of a constant only."""
        return self.base.integer(self._constant(value, "a random index"))

    def _constant(self, value: Polynomial, what: str) -> Any:
        if not set(value) <= {()}:
            raise Undecidable(f"{what} has no expectation by moments")
        return value.get((), self.base.number(sympy.S.Zero))


def _merge(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for letter, power in right:
        powers[letter] = powers.get(letter, 0) + power
    return tuple(sorted(powers.items()))
