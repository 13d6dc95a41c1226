"""Amounts by what divides them: the part of a tensor, or of its work, that one device of a group has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import sympy
from sympy import Add, Expr, Integer, Mul

from symformer.cost.work import numbered

Divisors = tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """Polynomials, each with the names of the degrees of parallelism that divide it.

    Attributes:
        parts: names of degrees, sorted, to the amount that they divide.
    """

    parts: Mapping[Divisors, Expr]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Iterable[str], Expr]]) -> Split:
        """The sum of amounts, each with what divides it."""
        found: dict[Divisors, list[Expr]] = {}
        for divisors, amount in pairs:
            found.setdefault(tuple(sorted(divisors)), []).append(amount)
        sums = {divisors: sympy.expand(Add(*amounts)) for divisors, amounts in found.items()}
        return cls({divisors: total for divisors, total in sums.items() if total != 0})

    @property
    def whole(self) -> Expr:
        """The amount of all devices of a group together, where nothing is held twice."""
        return Add(*self.parts.values())

    def __add__(self, other: Split) -> Split:
        return Split.of([*self.parts.items(), *other.parts.items()])

    def times(self, factor: Expr | int) -> Split:
        """So many times this."""
        return Split.of((divisors, amount * factor) for divisors, amount in self.parts.items())

    def mapped(self, change: Callable[[Expr], Expr]) -> Split:
        """With every amount changed."""
        return Split.of((divisors, change(amount)) for divisors, amount in self.parts.items())

    def on_device(self, degrees: Mapping[str, Expr | int]) -> Expr:
        """What one device has; a degree that is not named is 1."""
        shares = [amount / Mul(*(degrees.get(name, Integer(1)) for name in names)) for names, amount in self]
        return sympy.expand(Add(*shares))

    def __iter__(self) -> Iterator[tuple[Divisors, Expr]]:
        return iter(self.parts.items())

    def at(self, sizes: Mapping[str, int]) -> Numbers:
        """With numbers for sizes, by their names."""
        return Numbers({divisors: Fraction(str(numbered(amount, sizes))) for divisors, amount in self.parts.items()})


@dataclass(frozen=True)
class Numbers:
    """A `Split` with numbers for sizes."""

    parts: Mapping[Divisors, Fraction]

    def on_device(self, degrees: Mapping[str, int | Fraction]) -> float:
        """What one device has; a degree that is not named is 1."""
        return sum(float(amount) / prod(degrees.get(name, 1) for name in names) for names, amount in self.parts.items())


NO_SPLIT = Split({})
