"""How numbers are shown: exact where that is short, else rounded, and never one for the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import sympy
from sympy import Expr

from symformer.notation import Const, Written, lift
from symformer.values.worked import Worked

DIGITS_AFTER_POINT = 8  # a finite decimal this short is exact on paper too


@dataclass(frozen=True)
class Rounding:
    """The policy of a worked example.

    Attributes:
        decimals: digits after the point of a rounded number.
        fractions: whether exact values show as fractions and roots (no input was a decimal), or as decimals.
    """

    decimals: int = 4
    fractions: bool = True

    def shown(self, value: Worked) -> Written:
        """The number as it is printed."""
        exact = value.exact
        if exact is not None and (exact.is_Integer or self.fractions):
            return lift(exact)
        if exact is not None and exact.is_Rational and _finite(exact):
            return Const((), (exact, _plain(Decimal(exact.p) / Decimal(exact.q))))
        return self.rounded(value)

    def rounded(self, value: Worked) -> Written:
        """The nearest decimal of the policy's length; very small numbers in scientific form."""
        number = Decimal(value.ball.str(40, radius=False))
        digits = self.digits(number)
        return Const((), (sympy.Rational(digits), digits))

    def digits(self, number: Decimal) -> str:
        """The digits of a rounded number."""
        if number and abs(number) < Decimal(5).scaleb(-self.decimals - 1):
            return f"{number:.{self.decimals - 1}e}".replace("e-0", "e-").replace("e+0", "e+")
        return f"{number.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_EVEN):f}"

    def hides(self, value: Worked) -> bool:
        """Whether what is shown differs from the value."""
        if value.exact is None:
            return True
        return not (value.exact.is_Integer or self.fractions or (value.exact.is_Rational and _finite(value.exact)))

    def words(self) -> str:
        """The policy, for a reader."""
        return (
            f"Every number is computed from unrounded values. Exact values stay exact; others are rounded to "
            f"{self.decimals} decimals and marked ≈, so that digits shown may not add up to the last place."
        )


def _finite(exact: Expr) -> bool:
    """Whether a rational is a decimal of at most DIGITS_AFTER_POINT digits after the point."""
    return (10**DIGITS_AFTER_POINT) % int(exact.q) == 0


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
