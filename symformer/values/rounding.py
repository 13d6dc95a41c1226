"""How numbers are shown: exact where that is short, else rounded, and never one for the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any

import sympy
from flint import arb
from sympy import Expr

from symformer.notation import Const, Written, lift
from symformer.values.errors import ValuesError
from symformer.values.worked import LONGEST as LONGEST_EXACT
from symformer.values.worked import Worked

KEPT = 55  # digits that a ball is good for
MOST_DECIMALS = 40
LONGEST = 400  # powers of ten beyond this are only written
EXACT = Context(prec=2 * (KEPT + LONGEST), Emin=MIN_EMIN, Emax=MAX_EMAX)  # in which sums of printed numbers are exact
SMALL = 5  # powers of ten below 1 that significant digits still write with zeros
DIGITS_AFTER_POINT = 8  # a finite decimal this short is exact on paper too


@dataclass(frozen=True)
class Rounding:
    """The policy of a worked example.

    Attributes:
        decimals: digits after the point of a rounded number.
        fractions: whether exact values show as fractions and roots (no input was a decimal), or as decimals.
        significant: the number of significant digits, in place of the digits after the point.
        scientific: whether every rounded number stands as a power of ten: 1.234e-2.

    Raises:
        ValuesError: fewer or more digits than can be shown.
    """

    decimals: int = 4
    fractions: bool = True
    significant: int | None = None
    scientific: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise ValuesError(f"decimals: expected 0 to {MOST_DECIMALS}, got {self.decimals}")
        if self.significant is not None and not 1 <= self.significant <= MOST_DECIMALS:
            raise ValuesError(f"digits: expected 1 to {MOST_DECIMALS}, got {self.significant}")

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
        mantissa, _, power = ball.str(KEPT, radius=False).partition("e")
        if mantissa.startswith("[") or (mantissa in ("0", "-0") and ball != 0):  # no digit of it is known
            raise ValuesError("a number is too large, or known too vaguely, to be printed")
        if abs(int(power or 0)) > LONGEST:  # beyond the numbers of the decimal library, too
            return _scientific(Decimal(mantissa), self._places(), int(power))
        number = Decimal(mantissa).scaleb(int(power or 0), EXACT)
        if self.scientific:
            return _scientific(number, self._places())
        if self.significant is not None:
            return _significant(number, self.significant)
        if number and abs(number) < Decimal(5).scaleb(-self.decimals - 1):
            return _scientific(number, max(self.decimals - 1, 0))
        if number.adjusted() + self.decimals + 2 > KEPT:
            return _scientific(number, max(self.decimals, 1))
        with localcontext(prec=2 * KEPT):
            return f"{number.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_EVEN):f}"

    def _places(self) -> int:
        """Digits after the point of a power of ten."""
        if self.significant is not None:
            return self.significant - 1
        return self.decimals if self.scientific else max(self.decimals - 1, 0)

    def hides(self, value: Worked) -> bool:
        """Whether what is shown differs from the value."""
        if value.exact is None:
            return True
        known = value.digits is not None or value.exact.is_Integer or self.fractions
        return not (known or (value.exact.is_Rational and _finite(value.exact)))

    @property
    def unit(self) -> Decimal:
        """One in the last place of a number of ordinary size; what is less is no difference that a reader sees."""
        digits = self.decimals if self.significant is None else self.significant
        return Decimal(1).scaleb(-digits)

    def data(self) -> dict[str, Any]:
        """The policy, for a live page."""
        return {"decimals": self.decimals, "digits": self.significant, "scientific": self.scientific}

    def words(self) -> str:
        """The policy, for a reader."""
        return (
            f"Every number is computed from unrounded values. An exact value of up to {LONGEST_EXACT} characters stays "
            f"exact; others are rounded to {self._length()} and marked ≈, so that digits shown may not add up to the "
            f"last place."
        )

    def _length(self) -> str:
        if self.significant is not None:
            return f"{self.significant} significant digit{'s' if self.significant > 1 else ''}"
        return f"{self.decimals} decimal{'s' if self.decimals != 1 else ''}" + (
            " times a power of ten" if self.scientific else ""
        )


def _finite(exact: Expr) -> bool:
    """Whether a rational is a decimal of at most DIGITS_AFTER_POINT digits after the point."""
    return (10**DIGITS_AFTER_POINT) % int(exact.q) == 0


def _plain(exact: Expr) -> str:
    with localcontext(prec=2 * KEPT):
        return f"{(Decimal(int(exact.p)) / Decimal(int(exact.q))).normalize():f}"


def _significant(number: Decimal, digits: int) -> str:
    """So many digits from the first that is not 0; as a power of ten where zeros would have to fill up."""
    if number and not -SMALL <= number.adjusted() < digits:
        return _scientific(number, digits - 1)
    with localcontext(prec=2 * KEPT):
        return f"{number.quantize(Decimal(1).scaleb(number.adjusted() - digits + 1), ROUND_HALF_EVEN):f}"


def _scientific(number: Decimal, decimals: int, more: int = 0) -> str:
    """`1.500e-7`, of a number times ten to the power `more`."""
    mantissa, _, power = f"{number:.{decimals}e}".partition("e")
    return f"{mantissa}e{int(power) + more}"


def _exponent(digits: str) -> int:
    return int(digits.partition("e")[2] or 0)
