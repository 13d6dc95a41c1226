"""Numbers of every domain in several styles: where statements break.

- plain: real entries in (−2, 2), positive ones in (0, 3), over large denominators.
- flat: as plain, all entries of a tensor the same: a sum of m things is then as large as m times the largest.
- positive: as plain, and nothing negative: for roots and logarithms of what may be.
- simple: small whole numbers, for people.
- coarse: −1, 0 and 1: ties and zeros; the ends of intervals.
- zeros: 0, or the number of the domain that is next to nothing.
- large, small: powers of ten, each entry of its own size; a number of (0, 1) near one of its ends.
- mixed: each entry in another of these styles.
- near: numbers that stand in the line, numbers between and beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from sympy import Expr

from symformer.notation import Domain

STYLES = ("coarse", "zeros", "large", "small", "mixed", "near", "flat")
PRIMES = (10007, 15013, 20011, 30011, 50021, 70001, 90001)  # denominators: no multiple of them stands in a line
LARGEST = 6  # powers of ten


@dataclass(frozen=True)
class Drawing:
    """A source of numbers of one style."""

    random: Random
    style: str
    hints: Sequence[Fraction] = ()

    def real(self) -> Fraction:
        """Any real number."""
        return _REAL[self.style](self)

    def positive(self) -> Fraction:
        """More than 0."""
        number = abs(self.real())
        return number + Fraction(1, 10) if self.style in ("plain", "flat") else number or Fraction(1)

    def unit(self) -> Fraction:
        """More than 0 and less than 1: near 1 for large numbers, near 0 for small ones."""
        number = self.positive()
        return number / (1 + number)

    def between(self, low: Fraction, high: Fraction) -> Fraction:
        """From low to high; the ends where ties are looked for."""
        if self.style in ("coarse", "zeros"):
            return self.random.choice((low, high, (low + high) / 2))
        near = [hint for hint in self.hints if low <= hint <= high]
        if self.style == "near" and near:
            return self.random.choice(near)
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int | None) -> int:
        """A whole number; without a largest one, often far beyond."""
        if high is None:
            reach = {"large": 10 ** self.random.randint(1, LARGEST), "near": 40}.get(self.style, 5)
            near = [int(hint) for hint in self.hints if hint >= low] if self.style == "near" else []
            return self.random.choice(near) if near else low + self.random.randint(0, reach)
        return self.random.choice((low, high)) if self.style == "coarse" else self.random.randint(low, high)


def _plain(source: Drawing) -> Fraction:
    prime = source.random.choice(PRIMES)
    return Fraction(source.random.choice((-1, 1)) * source.random.randint(1, 2 * prime - 1), prime)


def _power(source: Drawing, sign: int) -> Fraction:
    number = source.random.choice((-1, 1)) * (1 + abs(_plain(source)))
    return number * Fraction(10) ** (sign * source.random.randint(1, LARGEST))


def _near(source: Drawing) -> Fraction:
    if not source.hints:
        return _plain(source)
    number = source.random.choice((-1, 1, 1)) * source.random.choice(list(source.hints))
    return number * (1 + source.random.choice((0, 0, Fraction(1, 1000), Fraction(-1, 1000), Fraction(1, 7))))


def _mixed(source: Drawing) -> Fraction:
    style = source.random.choice(("plain", "coarse", "large", "small", "near"))
    return _REAL[style](source)


_REAL: dict[str, Callable[[Drawing], Fraction]] = {
    "plain": _plain,
    "flat": _plain,
    "simple": lambda source: Fraction(source.random.choice((-2, -1, 1, 2))),
    "positive": lambda source: abs(_plain(source)),
    "coarse": lambda source: Fraction(source.random.choice((-1, 0, 1))),
    "zeros": lambda source: Fraction(0),
    "large": lambda source: _power(source, 1),
    "small": lambda source: _power(source, -1),
    "mixed": _mixed,
    "near": _near,
}


def draw_row(source: Drawing, domain: Domain, length: int, size: Callable[[Expr], int]) -> list[Fraction]:
    """A row of a tensor of this domain."""
    if domain.kind == "permutation":
        return _permutation(source, length)
    if domain.kind == "simplex":
        weights = [source.positive() for _ in range(length)]
        weights = weights[:1] * length if source.style == "flat" else weights
        return [weight / sum(weights) for weight in weights]
    if domain.kind == "sphere":
        return _on_sphere(source, length)
    numbers = [_entry(source, domain, size) for _ in range(length)]
    return numbers[:1] * length if source.style == "flat" and not domain.whole and domain.kind != "mask" else numbers


def _entry(source: Drawing, domain: Domain, size: Callable[[Expr], int]) -> Fraction:
    match domain.kind:
        case "positive":
            return source.positive()
        case "nonnegative":
            number = source.real()
            return max(number, Fraction(0)) if source.style == "plain" else abs(number)
        case "unit":
            return source.unit()
        case "interval":
            assert domain.bounds is not None
            return source.between(*(Fraction(int(end.p), int(end.q)) for end in domain.bounds))
        case "mask":
            return Fraction(source.random.randint(0, 1))
        case "integer":
            low = 1 if domain.lower is None else size(domain.lower)
            return Fraction(source.whole(low, None if domain.upper is None else size(domain.upper)))
    return source.real()


def _permutation(source: Drawing, length: int) -> list[Fraction]:
    """Any order; where ties are looked for, one round of all places, which comes back after `length` steps alone."""
    if source.style in ("coarse", "zeros"):
        return [Fraction(place % length + 1) for place in range(1, length + 1)]
    return [Fraction(number) for number in source.random.sample(range(1, length + 1), length)]


def _on_sphere(source: Drawing, length: int) -> list[Fraction]:
    """A rational point of the sphere."""
    if length == 1:
        return [Fraction(source.random.choice((-1, 1)))]
    flat = [source.real() for _ in range(length - 1)]
    *out, pole = projected(flat)
    out.insert(source.random.randrange(length), pole)
    return out


def projected(flat: Sequence[Any]) -> list[Any]:
    """The point of the sphere above a point of the plane, by stereographic projection; the pole's coordinate last."""
    square = sum(number * number for number in flat)
    return [*(2 * number / (square + 1) for number in flat), (square - 1) / (square + 1)]
