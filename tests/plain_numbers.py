"""Numbers of the plain evaluator: mpmath reals where they are defined, random letters, and inputs that are drawn."""

from __future__ import annotations

from collections import Counter
from random import Random

import mpmath

TINY = mpmath.mpf(10) ** -60  # what is smaller than this after a cancellation is 0


class Undefined(ArithmeticError):
    """The expression has no value here: a division by 0, the root of a negative number, arithmetic with −∞, ..."""


def number(value):
    """A number, where no random letters are left."""
    if isinstance(value, Chance):
        value = value.constant()
        if value is None:
            raise Undefined("a function of a random value that is no polynomial")
    if mpmath.isnan(value):
        raise Undefined("no number")
    return value


def finite(value):
    """A value that is not −∞."""
    if not isinstance(value, Chance) and not mpmath.isfinite(value):
        raise Undefined("arithmetic with −∞")
    return value


def nonzero(value):
    """A divisor; what is 0 but for rounding is 0."""
    value = number(value)
    if abs(value) < TINY:
        raise Undefined("division by 0")
    return value


def logarithm(value):
    """The logarithm of a positive number."""
    if value < TINY:
        raise Undefined(f"the logarithm of {mpmath.nstr(value, 5)}")
    return mpmath.log(value)


def root(value):
    """The root of what is not negative; what is 0 but for rounding is 0."""
    if value < -TINY:
        raise Undefined(f"the root of {mpmath.nstr(value, 5)}")
    return mpmath.sqrt(value) if value > TINY else mpmath.mpf(0)


def exponential(value):
    """exp, where its digits can be had."""
    if value > 2000:
        raise Undefined("an exponential out of reach")
    return mpmath.exp(value)


FUNCTIONS = {
    "exp": exponential, "log": logarithm, "sqrt": root, "tanh": mpmath.tanh, "sin": mpmath.sin, "cos": mpmath.cos,
    "erf": mpmath.erf,
    "Phi": mpmath.ncdf, "relu": lambda x: max(x, mpmath.mpf(0)),
    "sigmoid": lambda x: 1 / (1 + exponential(-x)), "softplus": lambda x: mpmath.log1p(exponential(x)),
    "abs": abs, "sign": lambda x: mpmath.mpf(0 if abs(x) < TINY else 1 if x > 0 else -1),
    "maximum": max, "minimum": min, "clip": lambda x, low, high: min(max(x, low), high),
    "log1p": lambda x: logarithm(1 + x), "expm1": lambda x: exponential(x) - 1, "stop_gradient": lambda x: x,
    "floor": lambda x: mpmath.floor(x + TINY), "mod": lambda x, y: x - y * mpmath.floor(x / nonzero(y) + TINY),
}  # fmt: skip


def draw(seed, tensor, row, length, upper):
    """A row of an input, within its domain.

    Every third seed draws small whole numbers: zeros, ties and equal signs. Of the others every fourth has heavy tails:
    numbers that are larger and smaller by up to six powers of ten.
    """
    random = Random(f"{seed}|{tensor.digest}|{row}")
    coarse, heavy = seed % 3 == 2, seed % 12 in (3, 7)
    ends = [mpmath.mpf(int(one.p)) / int(one.q) for one in tensor.domain.bounds or ()]
    lower = int(tensor.domain.lower) if tensor.domain.lower is not None else 1
    draws = {
        "real": lambda: random.randint(-2, 2) if coarse else mpmath.mpf(random.randint(-1500, 1500)) / 997,
        "positive": lambda: random.randint(1, 3) if coarse else mpmath.mpf(random.randint(60, 2500)) / 997,
        "nonnegative": lambda: random.randint(0, 2) if coarse else mpmath.mpf(random.randint(0, 2500)) / 997,
        "mask": lambda: random.randint(0, 1),
        "integer": lambda: random.randint(lower, upper),
        "unit": lambda: random.choice([0.25, 0.5]) if coarse else mpmath.mpf(random.randint(1, 996)) / 997,
        "interval": lambda: (
            random.choice(ends) if coarse else ends[0] + (ends[1] - ends[0]) * random.randint(0, 997) / 997
        ),
        "simplex": lambda: random.randint(1, 3 if coarse else 997),
    }
    if tensor.domain.kind == "permutation":
        return [mpmath.mpf(place) for place in random.sample(range(1, length + 1), length)]
    kind = "real" if tensor.domain.kind in ("random", "sphere") else tensor.domain.kind
    numbers = [mpmath.mpf(draws[kind]()) for _ in range(length)]
    if heavy and kind in ("real", "positive", "nonnegative"):
        numbers = [value * mpmath.mpf(10) ** random.randint(-6, 6) for value in numbers]
    if tensor.domain.kind == "sphere":
        return [part / nonzero(mpmath.sqrt(mpmath.fsum(one**2 for one in numbers))) for part in numbers]
    if tensor.domain.kind == "simplex":
        return [part / mpmath.fsum(numbers) for part in numbers]
    if tensor.domain.sees and not any(numbers):
        numbers[random.randrange(length)] = mpmath.mpf(1)
    return numbers


class Chance:
    """A polynomial in independent random letters: monomials to coefficients."""

    def __init__(self, terms):
        self.terms = terms

    @classmethod
    def letter(cls, name):
        """One random letter."""
        return cls({frozenset({(name, 1)}): mpmath.mpf(1)})

    @staticmethod
    def _terms(value):
        return value.terms if isinstance(value, Chance) else {frozenset(): mpmath.mpf(value)}

    def constant(self):
        """The number that it is, or None."""
        rest = [value for monomial, value in self.terms.items() if monomial and value != 0]
        return None if rest else self.terms.get(frozenset(), mpmath.mpf(0))

    def mean(self, moment):
        """The expectation; `moment(letter, order)` gives the moments."""
        total = mpmath.mpf(0)
        for monomial, value in self.terms.items():
            for letter, order in monomial:
                value = value * moment(letter, order)
            total += value
        return total

    def __add__(self, other):
        total = dict(self.terms)
        for monomial, value in self._terms(other).items():
            total[monomial] = total.get(monomial, 0) + value
        return Chance(total)

    def __mul__(self, other):
        total = {}
        for one, first in self.terms.items():
            for two, second in self._terms(other).items():
                powers = Counter(dict(one))
                powers.update(dict(two))
                monomial = frozenset(powers.items())
                total[monomial] = total.get(monomial, 0) + first * second
        return Chance(total)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * (1 / mpmath.mpf(other))

    def __rsub__(self, other):
        return -self + other

    __radd__, __rmul__ = __add__, __mul__
