"""Numbers by their residues: mod p as values, mod q as exponents, mod r as angles; and a float, for signs alone."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import cos, erf, exp, isqrt, log, nan, pi, sin, sqrt
from random import Random
from typing import Any

# p = 2q + 1 and r | p + 1, all prime, p and q ≡ 3 mod 4; every prime up to 53 is a square mod p and mod q
PRIMES = (
    (0xC40ADAA6917EA8B35C46E2E99F3095018136F, 0x1DDF8547B4A5960CB3DA0A323A640CF409F),
    (0x1F4C346EF3DE7040C14D173CB5AB5CA3A9852F, 0xAE6A53EAD684B521D0383BD5FAACAEED0D),
)
RANGE = 1 << 48  # letters of exponents are drawn below this: the proof of the bound wants small whole numbers
FLOATS = {"exp": exp, "log": log, "sqrt": sqrt, "sin": sin, "cos": cos, "erf": erf}
SLOPES: dict[str, Callable[[float], float]] = {
    "exp": exp, "log": lambda f: 1 / f, "sqrt": lambda f: 0.5 / sqrt(f),
}  # fmt: skip


class Unknown(ArithmeticError):
    """Nothing can be said here."""


class NoValue(ArithmeticError):
    """There is no value here."""


class Outside(NoValue):
    """A place beyond the end of an axis."""


class Redraw(ArithmeticError):
    """Another point may do: at this one a positive number is no square, or a float does not tell a sign."""


class Point:
    """A random point: the fields, the base of exponentials, and a random number for each letter."""

    def __init__(self, seed: str, prime: int, deep: bool) -> None:
        self.p, self.r = PRIMES[prime % len(PRIMES)]
        self.q, self.deep, self.random = (self.p - 1) // 2, deep, Random(seed)
        self.mod_q = self.q if deep else 1  # without exponentials nothing has to be known mod q
        self.base = pow(self.random.randrange(2, self.p), 2, self.p)  # a square has the order q
        self.signed, self.most, self.circle = False, 1, (0, 0)
        self.letters: dict[Any, int] = {}
        self.constants: dict[Fraction, Num] = {}

    def number(self, value: Any) -> Num:
        """A rational number by its residues; what is none already, as it is."""
        if isinstance(value, Num):
            return value
        if value not in self.constants:
            over, under = value.numerator, value.denominator
            p, q, r = (over * pow(under, -1, m) % m for m in (self.p, self.mod_q, self.r))
            sure, f = (2 if value > 0 else 0), float(value)
            self.constants[value] = Num(self, p, q, 1, r, f, abs(f) * 1e-16, sure)
        return self.constants[value]

    def real(self, f: float, sure: int) -> Num:
        """A random number of the size and sign of a float; positive ones are squares, negative ones minus a square."""
        p, t, r = self.random.randrange(1, self.p) ** 2, self.random.randrange(1, RANGE), self.random.randrange(RANGE)
        sign = 1 if f > 0 else -1
        q = t * t if sure else sign * t
        return Num(self, sign * p % self.p, q % self.mod_q, 1, r, f, abs(f) * 1e-16, sure, None, 2)

    def letter(self, key: Any, below: int) -> int:
        """One random number for each key."""
        if (key, below) not in self.letters:
            self.letters[key, below] = self.random.randrange(1, below)
        return self.letters[key, below]

    def opaque(self, key: Any, of: Num, name: str, sure: int = 0) -> Num:
        """A function of which nothing is known but that equal arguments have equal values; a square where positive."""
        p, q, power = self.letter(key, self.p), self.letter(key, RANGE), 2 if sure else 1
        f, e = measured(name, of)
        return Num(self, p**power % self.p, q**power % self.mod_q, 1, self.letter((key, "r"), RANGE), f, e, sure,
                   None, 2)  # fmt: skip

    def positive(self, number: Num) -> Num:
        """The number, where it is a square as positive numbers are; raises Redraw where it is none."""
        square = number.p == 0 or pow(number.p, self.q, self.p) == 1
        if square and self.deep and number.z == 1 and number.q:
            square = pow(number.q, (self.q - 1) // 2, self.q) == 1
        if not square:
            raise Redraw
        return number

    def turned(self, times: int) -> tuple[int, int]:
        """Cosine and sine: a power of an element of F_p(i) of norm 1 and order r."""
        if self.circle == (0, 0):
            random = (3, self.random.randrange(2, self.p))  # to the power p − 1 it has norm 1
            self.circle = self.power_of_i(random, (self.p - 1) * (self.p + 1) // self.r)
        return self.power_of_i(self.circle, times)

    def power_of_i(self, value: tuple[int, int], times: int) -> tuple[int, int]:
        """A power in F_p(i)."""
        (a, b), c, d = value, 1, 0
        while times:
            if times & 1:
                c, d = (a * c - b * d) % self.p, (a * d + b * c) % self.p
            a, b, times = (a * a - b * b) % self.p, 2 * a * b % self.p, times >> 1
        return c, d


def measured(name: str, of: Num) -> tuple[float, float]:
    """A function's float and the error of it; nan where there is none."""
    try:
        f = FLOATS[name](of.f)
        slope = SLOPES[name](of.f) if name in SLOPES else 1.2
        return f, slope * of.e + abs(f) * 1e-15
    except (OverflowError, ValueError, ZeroDivisionError):
        return nan, nan


class Num:
    """A number by its residues.

    Attributes:
        p, q, r: residues; beside q stands z: the number mod q is q + log z, so that e^(log z) = z.
        f, e: a float and a bound of its error.
        sure: 2 where it is positive, 1 where it is not negative whatever the inputs are, else 0.
        parts: how a product, power, exponential or logarithm of positive numbers was made.
        over, under: bounds of the degrees of numerator and denominator, and of the binary logarithms of their terms.
    """

    __slots__ = ("at", "e", "f", "over", "p", "parts", "q", "r", "sure", "under", "z")

    def __init__(
        self, at: Point, p: int, q: int, z: int, r: int, f: float, e: float, sure: int = 0, parts: Any = None,
        over: int = 0, under: int = 0,
    ) -> None:  # fmt: skip
        self.at, self.p, self.q, self.z, self.r, self.f, self.e, self.sure = at, p, q, z, r, f, e, sure
        self.parts, self.over, self.under = parts, over, under

    def __add__(self, other: Any) -> Any:
        at = self.at
        if type(other) is not Num:
            if not isinstance(other, (int, Fraction)):
                return NotImplemented
            if not other:
                return self
            other = at.number(other)
        over, f = max(self.over + other.under, other.over + self.under) + 1, self.f + other.f
        sure = self.sure and other.sure and max(self.sure, other.sure)
        return Num(at, (self.p + other.p) % at.p, (self.q + other.q) % at.mod_q, self.z * other.z % at.p,
                   (self.r + other.r) % at.r, f, self.e + other.e + abs(f) * 1e-15, sure, None,
                   over, self.under + other.under)  # fmt: skip

    def __neg__(self) -> Num:
        at, z = self.at, self.z if self.z == 1 else pow(self.z, -1, self.at.p)
        return Num(at, -self.p % at.p, -self.q % at.mod_q, z, -self.r % at.r, -self.f, self.e, 0, None,
                   self.over, self.under)  # fmt: skip

    def __mul__(self, other: Any) -> Any:
        at = self.at
        if type(other) is not Num:
            if not isinstance(other, (int, Fraction)):
                return NotImplemented
            if not other or other == 1:
                return self if other else 0
            other = at.number(other)
        parts = ("×", self, other) if self.certain() > 0 and other.certain() > 0 else None
        sure = min(self.sure, other.sure) or int(self.p == other.p and self.near(other))
        q, z = self.product_of_exponents(other)
        e = abs(self.f) * other.e + abs(other.f) * self.e + self.e * other.e + abs(self.f * other.f) * 1e-15
        return Num(at, self.p * other.p % at.p, q, z, self.r * other.r % at.r, self.f * other.f, e, sure, parts,
                   self.over + other.over, self.under + other.under)  # fmt: skip

    __radd__, __rmul__ = __add__, __mul__

    def product_of_exponents(self, other: Num) -> tuple[int, int]:
        """A product mod q: a logarithm times a number is the logarithm of a power, and two are a letter."""
        at = self.at
        if self.z == 1 == other.z:
            return self.q * other.q % at.mod_q, 1
        if self.z != 1 != other.z:
            return at.letter(("×", *sorted((self.power_of_base(), other.power_of_base()))), RANGE) % at.mod_q, 1
        one, two = (self, other) if self.z != 1 else (other, self)
        return one.q * two.q % at.mod_q, pow(one.z, two.q, at.p)

    def power_of_base(self) -> int:
        """Its exponential mod p: that tells all that is known mod q."""
        return pow(self.at.base, self.q, self.at.p) * self.z % self.at.p

    def inverse(self) -> Num:
        """One over it."""
        at = self.at
        if self.p == 0 or self.f == 0:
            raise NoValue("a division by zero")
        known = self.z == 1 and self.q
        q = pow(self.q, -1, at.q) if known else at.letter(("inverse", self.power_of_base()), RANGE)
        parts = ("power", self, Fraction(-1)) if self.certain() > 0 else None
        f, r = 1 / self.f, pow(self.r, -1, at.r) if self.r else 0
        e = self.e / max(self.f * self.f - abs(self.f) * self.e, 1e-300) + abs(f) * 1e-15
        return Num(at, pow(self.p, -1, at.p), q % at.mod_q, 1, r, f, e, 2 if self.sure else 0, parts,
                   self.under, self.over)  # fmt: skip

    def near(self, other: Any = 0) -> bool:
        """Whether the floats may be those of equal numbers."""
        other = self.at.number(other)
        return not abs(self.f - other.f) > 256 * (self.e + other.e)

    def certain(self) -> int:
        """Its sign, as far as the float tells it: 0 where it does not."""
        return 0 if self.near() else 1 if self.f > 0 else -1

    def sign(self) -> int:
        """Its sign at this point.

        Raises:
            Redraw: the float does not tell it.
        """
        self.at.signed |= self.sure < 2
        if self.f != self.f or (self.near() and self.p):
            raise Redraw
        return self.certain()

    def sqrt(self) -> Any:
        """The root that is itself a square."""
        at, sign = self.at, self.sign()
        if sign < 1:
            return self.not_negative(sign)
        match self.parts:
            case ("×", one, two):
                return one.sqrt() * two.sqrt()
            case ("power", one, times) if times == -1:
                return one.sqrt().inverse()
        known, letter = self.z == 1 and at.deep, at.letter(("√", self.p), RANGE)
        p, q = pow(self.p, (at.p + 1) // 4, at.p), pow(self.q, (at.q + 1) // 4, at.q) if known else letter % at.mod_q
        if p * p % at.p != self.p or (known and q * q % at.q != self.q):
            raise Redraw
        f, e = measured("sqrt", self)
        return Num(at, p, q, 1, letter, f, e, self.sure, ("power", self, Fraction(1, 2)),
                   2 * self.over, 2 * self.under)  # fmt: skip

    def not_negative(self, sign: int) -> int:
        """The root of 0."""
        if sign < 0:
            raise NoValue("the root of a negative number")
        return 0

    def exp(self) -> Num:
        """A homomorphism from F_q into the squares of F_p; it undoes a logarithm."""
        if self.parts and self.parts[0] == "log":
            return self.parts[1]
        at, value = self.at, self.power_of_base()
        at.most = at.q if self.under else max(at.most, min(self.q, at.q - self.q))
        found = at.opaque(("exp", value), self, "exp", 2)
        found.p, found.parts, found.over = value, ("exp", self), self.over + 1
        return found

    def log(self) -> Any:
        """The sum over what a product remembers; else a letter mod p, and mod q the number itself, carried."""
        if self.sign() < 1:
            raise NoValue("the logarithm of what is not positive")
        match self.parts:
            case ("×", one, two):
                return one.log() + two.log()
            case ("power", one, times):
                return one.log() * times
            case ("exp", one):
                return one
        found = self.at.opaque(("log", self.at.positive(self).p), self, "log")
        found.q, found.z, found.parts, found.over = 0, self.p, ("log", self), self.over + 1
        return found

    def turn(self, name: str) -> Num:
        """Cosine or sine."""
        p = self.at.turned(self.r)[name == "sin"]
        found = self.odd(name, p)
        found.p = p
        return found

    def erf(self) -> Num:
        """The error function: a letter of which it is known that it is odd."""
        return self.odd("erf", self.p)

    def odd(self, name: str, key: int) -> Num:
        """A letter that changes its sign with its key."""
        at, other = self.at, self.at.p - key
        found = at.opaque((name, min(key, other)), self, name)
        if key > other:
            found.p, found.q, found.r = -found.p % at.p, -found.q % at.mod_q, -found.r % at.r
        return found

    def vanishes(self) -> bool:
        """Whether it is 0 mod p, or mod q."""
        return self.p == 0 or (self.at.deep and self.power_of_base() == 1)


def function(name: str, value: Any, at: Point) -> Any:
    """An elementary function of a number, a dual number or a rational number; at 0 and 1 it may be rational."""
    if not isinstance(value, (int, Fraction)):
        return value.turn(name) if name in ("sin", "cos") else getattr(value, name)()
    if value in (0, 1) and (name, value) in EXACT:
        return EXACT[name, int(value)]
    if name in ("sqrt", "log") and value <= 0:
        raise NoValue(f"{name} of {value}")
    root = Fraction(isqrt(abs(value.numerator)), isqrt(value.denominator))
    return root if name == "sqrt" and root * root == value else function(name, at.number(value), at)


EXACT = {("exp", 0): 1, ("sin", 0): 0, ("cos", 0): 1, ("erf", 0): 0, ("sqrt", 0): 0, ("log", 1): 0}


def constant_pi(at: Point) -> Num:
    """π: a positive letter."""
    found = at.opaque("π", at.number(Fraction(1)), "exp", 2)
    found.f, found.e = pi, 1e-15
    return found
