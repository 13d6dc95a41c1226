"""What an interpreter computes in: numbers of some kind, and the few things that formulas do with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sympy import Expr


class Undecidable(ArithmeticError):
    """This kind of number cannot answer here: a division by zero, an undeclared moment, a step budget used up."""


class Undefined(Undecidable):
    """There is no value here, for sure: a division by exactly 0, the root of a negative number."""


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
        """Whether `left relation right` holds."""

    def integer(self, value: Any) -> int:
        """The value as an int, where it stands as an index."""
