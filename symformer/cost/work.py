"""Amounts of arithmetic, as SymPy polynomials in the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy
from sympy import Expr, Integer

ZERO = Integer(0)


@dataclass(frozen=True)
class Work:
    """FLOPs by kind; they add, and multiply by a number of times.

    Attributes:
        contraction: sums of products of entries: two for each multiplication and its addition.
        rest: everything else: one for each operation, function or comparison.
    """

    contraction: Expr = ZERO
    rest: Expr = ZERO

    def __add__(self, other: Work) -> Work:
        return Work(self.contraction + other.contraction, self.rest + other.rest)

    def times(self, factor: Expr | int) -> Work:
        """So many times this."""
        return Work(self.contraction * factor, self.rest * factor)

    def expanded(self) -> Work:
        """With both polynomials multiplied out."""
        return Work(sympy.expand(self.contraction), sympy.expand(self.rest))

    def at(self, **sizes: int) -> Work:
        """With numbers for sizes, by their names."""
        return Work(*(numbered(amount, sizes) for amount in (self.contraction, self.rest)))

    @property
    def total(self) -> Expr:
        """Both kinds together."""
        return sympy.expand(self.contraction + self.rest)


def numbered(formula: Expr, sizes: Mapping[str, int]) -> Expr:
    """A formula with numbers for sizes, by their names."""
    return formula.subs({size: sizes[size.name] for size in formula.free_symbols if size.name in sizes})


NOTHING = Work()


def added(parts: list[Work]) -> Work:
    """The sum of some amounts."""
    return Work(sympy.Add(*(part.contraction for part in parts)), sympy.Add(*(part.rest for part in parts)))
