"""Numbers of a user's code, as they were written: 0.9 is 9/10, 1e-5 is 10⁻⁵, and 1 − 0.9 is 1/10."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any

import sympy
from sympy import Expr

from symformer.notation import Const, Mul, Neg, Pow, Written, lift

LONG = 5  # zeros before or after the digits from which a power of ten is written


def exact(value: Any) -> Expr | None:
    """A real number as an exact SymPy one; a decimal as it is written. None for what is no number."""
    if isinstance(value, (bool, Integral)):
        return sympy.Integer(int(value))
    if isinstance(value, Rational):
        return sympy.Rational(value.numerator, value.denominator)
    number = float(value) if isinstance(value, Real) else math.nan
    if math.isnan(number):
        return None
    if math.isinf(number):
        return sympy.oo if number > 0 else -sympy.oo
    known = {math.pi: sympy.pi, 2 * math.pi: 2 * sympy.pi}
    decimal = Fraction(Decimal(repr(number)))
    return known.get(number, sympy.Rational(decimal.numerator, decimal.denominator))


def written(value: Expr) -> Written:
    """A number in a formula: decimals as decimals, and what is far from 1 with a power of ten."""
    if not value.is_Rational or (value.q == 1 and abs(value.p) < 10**LONG):
        return lift(value)
    if value < 0:
        return Neg((written(-value),))
    digits = _decimal(value)
    if digits is None:
        return lift(value)
    mantissa, power = digits
    if -LONG < power + len(str(mantissa)) - 1 < LONG:
        plain = f"{Decimal(mantissa).scaleb(power):f}"
        return lift(value) if power >= 0 else Const((), (value, plain))
    return _scientific(mantissa, power)


def _scientific(mantissa: int, power: int) -> Written:
    places = len(str(mantissa)) - 1
    ten = Pow((lift(10), lift(power + places)))
    if mantissa == 10**places:
        return ten
    front = sympy.Rational(mantissa, 10**places)
    return Mul((Const((), (front, str(Decimal(mantissa).scaleb(-places)))) if places else lift(front), ten))


def _decimal(value: Any) -> tuple[int, int] | None:
    """Digits without zeros at the end, and a power of ten; None for a fraction without an end, or a long one."""
    twos, rest = _power_in(value.q, 2)
    fives, rest = _power_in(rest, 5)
    if rest != 1:
        return None
    places = max(twos, fives)
    digits, power = int(value * 10**places), -places
    while digits % 10 == 0:
        digits, power = digits // 10, power + 1
    return (digits, power) if len(str(digits)) <= 17 else None


def _power_in(number: int, prime: int) -> tuple[int, int]:
    count = 0
    while number % prime == 0:
        number, count = number // prime, count + 1
    return count, number
