"""What an interpreter computes in: numbers of some kind, and the few things that formulas do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sympy
from sympy import Expr


class Undecidable(ArithmeticError):
    """This kind of number cannot answer here: a division by zero, an undeclared moment, a step budget used up."""


class Tied(Undecidable):
    """Two numbers that may be one, or not: exact numbers would tell."""


class Undefined(Undecidable):
    """There is no value here, for sure: a division by exactly 0, the root of a negative number."""


class Unbounded(Undecidable):
    """−∞ stands where a number is asked for: something may be there, but nothing that this evaluation knows of."""


@dataclass
class Effort:
    """What may still be spent on an evaluation, and what was met on the way.

    Attributes:
        left: entries and terms that may still be computed; no clock, so that a verdict is the same on every machine.
        kinks: how often a derivative was asked for where a function has none: there it has a value by convention.
    """

    left: int
    kinks: int = 0

    def spend(self, steps: int) -> None:
        """Takes steps away.

        Raises:
            Undecidable: so many are not left.
        """
        if steps > self.left:
            self.left = 0
            raise Undecidable("the budget of steps is used up")
        self.left -= steps


class Ordered:
    """What compares two values by one truth: a field whose values are single numbers."""

    def bit(self, left: Any, relation: str, right: Any) -> Any:
        """1 where the relation holds, else 0.

        Raises:
            Undecidable: it cannot be told.
        """
        return self.number(sympy.S.One if self.compare(left, relation, right) else sympy.S.Zero)

    def still(self, value: Any) -> Any:
        """The value without what moves it: itself, where values do not move."""
        return value

    def compare(self, left: Any, relation: str, right: Any) -> bool:
        """Whether `left relation right` holds."""
        raise NotImplementedError(type(self).__name__)

    def number(self, value: Expr) -> Any:
        """A rational number or π."""
        raise NotImplementedError(type(self).__name__)


def holds(sign: int, relation: str) -> bool:
    """Whether a difference of this sign (−1, 0 or 1) satisfies `difference relation 0`."""
    table = {"=": sign == 0, "≠": sign != 0, "≤": sign <= 0, "<": sign < 0, "≥": sign >= 0, ">": sign > 0}
    return table[relation]


class Field(Protocol):
    """A kind of number. Values are opaque to the interpreter.

    Every method may raise `Undecidable`.
    """

    def number(self, value: Expr) -> Any:
        """A rational number or π."""

    def add(self, left: Any, right: Any) -> Any:
        """left + right."""

    def mul(self, left: Any, right: Any) -> Any:
        """left · right."""

    def div(self, left: Any, right: Any) -> Any:
        """left / right."""

    def neg(self, value: Any) -> Any:
        """−value."""

    def power(self, base: Any, exponent: Any) -> Any:
        """base ** exponent."""

    def function(self, name: str, value: Any) -> Any:
        """exp, log, sqrt, tanh, sin, cos or erf."""

    def maximum(self, values: Sequence[Any]) -> Any:
        """The largest of at least one value."""

    def compare(self, left: Any, relation: str, right: Any) -> bool:
        """Whether `left relation right` holds, for a decision that is one for all."""

    def bit(self, left: Any, relation: str, right: Any) -> Any:
        """1 where `left relation right` holds, else 0; by `compare` for a field that is `Ordered`."""

    def still(self, value: Any) -> Any:
        """The value without what moves it."""

    def integer(self, value: Any) -> int:
        """The value as an int, where it stands as an index."""
