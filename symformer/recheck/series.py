"""Polynomials over numbers: in ε with ε² = 0, for derivatives, and in random entries, for expectations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .numbers import Num, Point, Unknown, constant_pi, function


class Series:
    """Coefficients by monomial, a sorted tuple of letters; a letter that begins with ε stands there once at most."""

    def __init__(self, terms: dict[Any, Any]) -> None:
        self.terms = terms

    def __add__(self, other: Any) -> Series:
        terms = dict(self.terms)
        for letters, one in terms_of(other).items():
            terms[letters] = terms[letters] + one if letters in terms else one
        return Series(terms)

    def __mul__(self, other: Any) -> Series:
        total: dict[Any, Any] = {}
        for one, first in self.terms.items():
            for two, second in terms_of(other).items():
                letters = tuple(sorted((*one, *two)))
                if not any(a == b and a[0] == "ε" for a, b in pairwise(letters)):
                    total[letters] = total.get(letters, 0) + first * second
        return Series(total)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Series:
        return Series({letters: -one for letters, one in self.terms.items()})

    def parted(self) -> tuple[Any, Any, Any]:
        """(ε, what stands without it, what it multiplies), for one of the ε in it."""
        found = sorted({letter for letters in self.terms for letter in letters if letter[0] == "ε"})
        if not found:
            raise Unknown("no polynomial in what is random")
        return Series({(found[0],): 1}), plain(self.without(found[0])), plain(self.slope(found[0]))

    def without(self, letter: Any) -> dict[Any, Any]:
        """The terms in which a letter does not stand."""
        return {letters: one for letters, one in self.terms.items() if letter not in letters}

    def slope(self, letter: Any) -> dict[Any, Any]:
        """What a letter multiplies."""
        return {tuple(other for other in letters if other != letter): one
                for letters, one in self.terms.items() if letter in letters}  # fmt: skip

    def sign(self) -> int:
        """The sign where ε is 0; there is none at a kink, unless what is compared is equal with its slope."""
        _, rest, tangent = self.parted()
        found = sign(rest)
        if not found and not zero(tangent):
            raise Unknown("a derivative at a kink")
        return found


def zero(value: Any) -> bool:
    """Whether a value is 0, with all that ε multiplies, as far as residues and floats tell."""
    parts = value.terms.values() if isinstance(value, Series) else [value]
    return all(part.near() and part.p == 0 if isinstance(part, Num) else not part for part in parts)


def terms_of(value: Any) -> dict[Any, Any]:
    """The terms of a polynomial, or of a number as a constant."""
    return value.terms if isinstance(value, Series) else {(): value}


def plain(terms: dict[Any, Any]) -> Any:
    """A number where nothing but a constant is in it."""
    return terms.get((), 0) if set(terms) <= {()} else Series(terms)


def sign(value: Any) -> int:
    """The sign of a number, a polynomial where ε is 0, or a rational number."""
    return value.sign() if isinstance(value, (Num, Series)) else (value > 0) - (value < 0)


SLOPES: dict[str, Callable[[Any, Point], Any]] = {
    "exp": lambda x, at: call("exp", x, at),
    "log": lambda x, at: inverse(x),
    "sqrt": lambda x, at: inverse(2 * call("sqrt", x, at)),
    "sin": lambda x, at: call("cos", x, at),
    "cos": lambda x, at: -call("sin", x, at),
    "erf": lambda x, at: 2 * call("exp", -(x * x), at) * inverse(call("sqrt", constant_pi(at), at)),
}


def call(name: str, value: Any, at: Point) -> Any:
    """An elementary function."""
    if not isinstance(value, Series):
        return function(name, value, at)
    epsilon, rest, tangent = value.parted()
    return call(name, rest, at) + epsilon * (SLOPES[name](rest, at) * tangent)


def inverse(value: Any) -> Any:
    """One over a value; raises ZeroDivisionError or NoValue where that is nothing."""
    if isinstance(value, (int, Fraction)):
        return 1 / Fraction(value)
    if isinstance(value, Num):
        return value.inverse()
    epsilon, rest, tangent = value.parted()
    over = inverse(rest)
    return over + epsilon * -(over * over * tangent)


def power(base: Any, exponent: Any, at: Point) -> Any:
    """A power: of anything where the exponent is whole, else of a positive number."""
    if not isinstance(exponent, (int, Fraction)) or exponent.denominator > 2:
        return call("exp", exponent * call("log", base, at), at)
    if exponent.denominator == 2:
        return power(call("sqrt", base, at), 2 * exponent, at)
    if exponent < 0:
        return power(inverse(base), -exponent, at)
    result: Any = 1
    for _ in range(int(exponent)):
        result = base * result
    return result
