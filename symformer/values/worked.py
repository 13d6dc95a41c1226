"""Numbers for worked examples: exact as long as that stays short, and always a ball of 60 digits beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import flint
import sympy
from flint import arb
from sympy import Expr

from symformer.evaluate import Ordered, Undecidable
from symformer.notation.primitive import PRIMITIVES
from symformer.proof.balls import BallField

BITS = 200
LONGEST = 24  # characters of an exact value that is kept


@dataclass(frozen=True)
class Worked:
    """A number: its ball, its exact value where that is short, and, for an input, how its reader wrote it
    (empty where that is its exact value)."""

    ball: arb
    exact: Any
    digits: str | None = None


class WorkedField(Ordered):
    """Exact numbers (rationals and roots of rationals) as far as they go, balls all the way."""

    def __init__(self) -> None:
        self.balls = BallField()

    def number(self, value: Expr) -> Worked:
        """A rational or π."""
        return Worked(self.balls.number(value), value)

    def add(self, left: Worked, right: Worked) -> Worked:
        """left + right."""
        if left.exact == 0 or right.exact == 0:
            return right if left.exact == 0 else left
        return _kept(left.ball + right.ball, _both(left, right) and left.exact + right.exact)

    def mul(self, left: Worked, right: Worked) -> Worked:
        """left · right; an exact 0 stays exact."""
        if left.exact == 0 or right.exact == 0:
            return self.number(sympy.S.Zero)
        return _kept(left.ball * right.ball, _both(left, right) and left.exact * right.exact)

    def neg(self, value: Worked) -> Worked:
        """−value."""
        return Worked(-value.ball, None if value.exact is None else -value.exact)

    def div(self, left: Worked, right: Worked) -> Worked:
        """left / right.

        Raises:
            Undecidable: the divisor is 0.
        """
        ball = self.balls.div(left.ball, right.ball)
        if left.exact == 0:
            return left
        return _kept(ball, _both(left, right) and sympy.radsimp(left.exact / right.exact))

    def power(self, base: Worked, exponent: Worked) -> Worked:
        """base ** exponent."""
        ball = self.balls.power(base.ball, exponent.ball)
        return _kept(ball, _both(base, exponent) and base.exact**exponent.exact)

    def function(self, name: str, value: Worked) -> Worked:
        """A function; exact for roots of rationals and where the value is rational, such as exp(0)."""
        ball = self.balls.function(name, value.ball)
        if value.exact is None or not value.exact.is_Rational:
            return Worked(ball, None)
        exact = PRIMITIVES[name].plain(value.exact)
        return _kept(ball, exact if name == "sqrt" or exact.is_Rational else None)

    def maximum(self, values: Sequence[Worked]) -> Worked:
        """The largest, itself."""
        best = values[0]
        for value in values[1:]:
            best = value if value.ball > best.ball else best
        return best

    def compare(self, left: Worked, relation: str, right: Worked) -> bool:
        """By exact value where there is one, else by balls."""
        if left.exact is not None and left.exact == right.exact:
            return relation in ("=", "≤", "≥")
        return self.balls.compare(left.ball, relation, right.ball)

    def integer(self, value: Worked) -> int:
        """A whole number.

        Raises:
            Undecidable: it is none.
        """
        if value.exact is None or not value.exact.is_Integer:
            raise Undecidable("an index must be a whole number")
        return int(value.exact)


def precisely(more: int = 0) -> AbstractContextManager[Any]:
    """The context in which worked numbers are computed: 60 digits, and `more` bits.

    The exponential of a number of b binary places before the point loses b bits, so that many more are needed.
    """
    return flint.ctx.workprec(BITS + more)


def _both(left: Worked, right: Worked) -> bool:
    return left.exact is not None and right.exact is not None


def _kept(ball: arb, exact: Expr | bool | None) -> Worked:
    short = isinstance(exact, Expr) and len(str(exact)) <= LONGEST
    return Worked(ball, exact if short else None)
