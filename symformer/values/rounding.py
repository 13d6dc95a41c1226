"""How numbers are shown: exact where that is short, else rounded, and never one for the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import sympy
from flint import arb
from sympy import Expr

from symformer.notation import Const, Written, lift
from symformer.values.errors import ValuesError
from symformer.values.worked import Worked

KEPT = 55  # digits that a ball is good for
MOST_DECIMALS = 40
LONGEST = 400  # powers of ten beyond this are only written
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

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise ValuesError(f"decimals: expected 0 to {MOST_DECIMALS}, got {self.decimals}")

    def shown(self, value: Worked) -> Written:
        """The number as it is printed."""
        if value.digits is not None:
            return Const((), (value.exact, value.digits)) if value.digits else lift(value.exact)
        if value.exact is not None and not self.hides(value):
            short = value.exact.is_Integer or self.fractions
            return lift(value.exact) if short else Const((), (value.exact, _plain(value.exact)))
        return self.rounded(value)

    def rounded(self, value: Worked) -> Written:
        """The nearest decimal of the policy's length; very small and very large numbers in scientific form."""
        digits = self.digits(value.ball)
        return Const((), (sympy.Rational(digits) if abs(_exponent(digits)) < LONGEST else sympy.S.One, digits))

    def digits(self, ball: arb) -> str:
        """The digits of a rounded number."""
        text = ball.str(KEPT, radius=False)
        mantissa, _, power = text.partition("e")
        if power and abs(int(power)) > LONGEST:
            return f"{Decimal(mantissa):.{max(self.decimals - 1, 0)}f}e{int(power)}"
        number = Decimal(text)
        if number and abs(number) < Decimal(5).scaleb(-self.decimals - 1):
            return _scientific(number, max(self.decimals - 1, 0))
        if number.adjusted() + self.decimals + 2 > KEPT:
            return _scientific(number, max(self.decimals, 1))
        with localcontext(prec=2 * KEPT):
            return f"{number.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_EVEN):f}"

    def hides(self, value: Worked) -> bool:
        """Whether what is shown differs from the value."""
        if value.exact is None:
            return True
        known = value.digits is not None or value.exact.is_Integer or self.fractions
        return not (known or (value.exact.is_Rational and _finite(value.exact)))

    def words(self) -> str:
        """The policy, for a reader."""
        return (
            f"Every number is computed from unrounded values. Exact values stay exact; others are rounded to "
            f"{self.decimals} decimals and marked ≈, so that digits shown may not add up to the last place."
        )


def _finite(exact: Expr) -> bool:
    """Whether a rational is a decimal of at most DIGITS_AFTER_POINT digits after the point."""
    return (10**DIGITS_AFTER_POINT) % int(exact.q) == 0


def _plain(exact: Expr) -> str:
    with localcontext(prec=2 * KEPT):
        return f"{(Decimal(int(exact.p)) / Decimal(int(exact.q))).normalize():f}"


def _scientific(number: Decimal, decimals: int) -> str:
    """`1.500e-7`."""
    mantissa, _, power = f"{number:.{decimals}e}".partition("e")
    return f"{mantissa}e{int(power)}"


def _exponent(digits: str) -> int:
    return int(digits.partition("e")[2] or 0)
