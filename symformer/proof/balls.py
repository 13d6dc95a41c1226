"""Ball arithmetic as a field: a number with a proved error bound, so that two balls that do not meet are a proof."""

from __future__ import annotations

from collections.abc import Sequence

import flint
from flint import arb
from sympy import Expr

from symformer.evaluate import Ordered, Tied, Undecidable, Undefined, holds

BITS = 320  # about 96 digits, so that 50 survive the cancellation in small examples


class BallField(Ordered):
    """Real balls at the working precision of `flint.ctx`."""

    def number(self, value: Expr) -> arb:
        """A rational, exactly; π as a ball."""
        return arb(flint.fmpq(int(value.p), int(value.q))) if value.is_Rational else arb.pi()

    def add(self, left: arb, right: arb) -> arb:
        """A ball around the sum."""
        return left + right

    def mul(self, left: arb, right: arb) -> arb:
        """A ball around the product."""
        return left * right

    def neg(self, value: arb) -> arb:
        """The mirrored ball."""
        return -value

    def div(self, left: arb, right: arb) -> arb:
        """A ball around the quotient.

        Raises:
            Undecidable: the divisor may be 0.
        """
        if right == 0:
            raise Undefined("division by 0")
        if right.contains(0):
            raise Undecidable("division by a number that may be 0")
        return left / right

    def power(self, base: arb, exponent: arb) -> arb:
        """A ball around the power: whole exponents for any base, others for a positive one.

        Raises:
            Undecidable: neither holds, or 0 to a negative power.
        """
        whole = exponent.unique_fmpz() if exponent.is_exact() else None
        if whole is not None and (whole >= 0 or not base.contains(0)):
            return _whole_power(base, int(whole))
        if base == 0 and exponent > 0:
            return base
        if base == 0 and exponent < 0:
            raise Undefined("a negative power of 0")
        if base > 0:
            return (exponent * base.log()).exp()
        if base < 0:
            raise Undefined("a broken power of a negative number")
        raise Undecidable("a power of a number that may not be positive")

    def function(self, name: str, value: arb) -> arb:
        """A ball around the function's value.

        Raises:
            Undecidable: the function may not be defined there.
        """
        if name == "log" and not value > 0:
            what = Undefined if value <= 0 else Undecidable
            raise what("the logarithm of a number that may not be positive")
        if name == "sqrt" and not value >= 0:
            what = Undefined if value < 0 else Undecidable
            raise what("the root of a number that may be negative")
        if name == "floor":
            return _floor(value)
        return getattr(value, name)()

    def maximum(self, values: Sequence[arb]) -> arb:
        """A ball around the largest."""
        best = values[0]
        for value in values[1:]:
            best = best.max(value)
        return best

    def compare(self, left: arb, relation: str, right: arb) -> bool:
        """Whether the relation holds for sure.

        Raises:
            Tied: the balls meet and are not one number each.
        """
        difference = left - right
        if difference.is_exact() or not difference.contains(0):
            sign = (difference > 0) - (difference < 0)
            return holds(sign, relation)
        raise Tied("two numbers that cannot be told apart")

    def integer(self, value: arb) -> int:
        """A whole number.

        Raises:
            Undecidable: it is none.
        """
        whole = value.unique_fmpz() if value.is_exact() else None
        if whole is None:
            raise Undecidable("an index that is no whole number")
        return int(whole)


def _floor(value: arb) -> arb:
    """The largest whole number that is not larger.

    Raises:
        Undecidable: a whole number lies in the ball.
    """
    found = value.floor()
    if not found.is_exact():
        raise Undecidable("a whole part that cannot be told")
    return found


def _whole_power(base: arb, exponent: int) -> arb:
    """By squaring: flint's own power gives nan for a ball around 0."""
    if exponent < 0:
        return 1 / _whole_power(base, -exponent)
    out = arb(1)
    while exponent:
        if exponent % 2:
            out = out * base
        base, exponent = base * base, exponent // 2
    return out


def digits(value: arb) -> float:
    """How many significant decimal digits a ball is good for (absolute digits for numbers below 1)."""
    return min(float(value.rel_accuracy_bits()), BITS) * 0.30103 if abs(value) > 1 else _absolute_digits(value)


def _absolute_digits(value: arb) -> float:
    radius = value.rad()
    if radius == 0:
        return BITS * 0.30103
    return -float((arb(radius).log() / arb(10).log()).mid())
