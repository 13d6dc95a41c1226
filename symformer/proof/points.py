"""Concrete sizes and inputs to look at: the same ones in every run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Interpreter, Place
from symformer.notation import Tensor


def different_sizes(symbols: Sequence[Symbol], trial: int, least: int = 1) -> dict[Symbol, int]:
    """A number for each size, another choice for each trial: any two differ (a swapped axis then fails) in most trials.

    Four are always different; more would make arrays so large that looking at them takes seconds.
    """
    more = max(least - 2, 0)
    turns = {symbol: place + trial * (1 + place // 4) for place, symbol in enumerate(symbols)}
    return {symbol: more + (3, 4, 2, 5)[turn % 4] for symbol, turn in turns.items()}


def small_sizes(symbols: Sequence[Symbol], trial: int, least: int = 1) -> dict[Symbol, int]:
    """2 and 3 in turn, the other way round in the next trial: exact arithmetic pays dearly for length."""
    return {symbol: max(2, least) + (place + trial) % 2 for place, symbol in enumerate(symbols)}


ALL_ONES, LAST_ONE, FIRST_ONE = 2, 3, 4  # trials with masks that chance seldom draws
FLIPPED = 1  # in this trial all real numbers have the other sign than in the first, so that √(b²) = b cannot pass


class Point:
    """A random input: numbers for every entry that is asked for, within the domains of the tensors.

    Real entries lie in (−2, 2), positive ones in (0, 3), as fractions; masks, simplex rows and integers keep their
    promises. The same trial gives the same numbers, whatever is asked first; two tensors of one name differ. A simple
    point has small whole numbers instead, for people. At a flat one all entries of a tensor are the same: there a sum
    of m things is as large as m times the largest.
    """

    def __init__(self, trial: int, size: Callable[[Expr], int], *, simple: bool = False, flat: bool = False) -> None:
        self.trial, self.size, self.simple, self.flat = trial, size, simple, flat
        self.drawn: dict[tuple[str, Place], Fraction] = {}

    def __call__(self, tensor: Tensor, place: Place) -> Fraction:
        """The entry of a tensor at a place."""
        key = (tensor.digest, place)
        if key not in self.drawn:
            self._draw_row(tensor, place[:-1])
        return self.drawn[key]

    def _draw_row(self, tensor: Tensor, row: Place) -> None:
        flipped = self.trial == FLIPPED and not self.simple
        seed = f"simple {self.trial}" if self.simple else str(0 if flipped else self.trial)
        flat = self.flat and tensor.domain.kind in _FLAT
        random = Random(f"{seed}/{tensor.digest}/{'flat' if flat else row}")
        length = self.size(tensor.shape[-1]) if tensor.shape else 1
        upper = self.size(tensor.domain.upper) if tensor.domain.upper is not None else 3
        draw = (_SIMPLE if self.simple else {}).get(tensor.domain.kind, _DRAW[tensor.domain.kind])
        numbers = draw(random, length, upper)
        if flat:
            numbers = [Fraction(1, length) if tensor.domain.kind == "simplex" else numbers[0]] * length
        if flipped and tensor.domain.kind in ("real", "random"):
            numbers = [-number for number in numbers]
        if tensor.domain.kind == "mask" and self.trial == ALL_ONES:
            numbers = [Fraction(1)] * length
        if tensor.domain.kind == "mask" and self.trial in (LAST_ONE, FIRST_ONE):
            chosen = length if self.trial == LAST_ONE else 1
            numbers = [Fraction(int(place == chosen)) for place in range(1, length + 1)]
        if tensor.domain.sees and not any(numbers):
            numbers[random.randrange(length)] = Fraction(1)
        for place, number in enumerate(numbers, start=1):
            self.drawn[(tensor.digest, (*row, place) if tensor.shape else ())] = number


def _real(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(random.choice((-1, 1)) * random.randint(1, 193), 97) for _ in range(length)]


def _positive(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(random.randint(10, 290), 97) for _ in range(length)]


def _nonnegative(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(max(random.randint(-97, 290), 0), 97) for _ in range(length)]


def _permutation(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(number) for number in random.sample(range(1, length + 1), length)]


def _whole(low: int, high: int) -> Callable[[Random, int, int], list[Fraction]]:
    def draw(random: Random, length: int, upper: int) -> list[Fraction]:
        return [Fraction(random.choice([n for n in range(low, high + 1) if n])) for _ in range(length)]

    return draw


def _mask(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(random.randint(0, 1)) for _ in range(length)]


def _simplex(random: Random, length: int, upper: int) -> list[Fraction]:
    weights = [random.randint(1, 97) for _ in range(length)]
    return [Fraction(weight, sum(weights)) for weight in weights]


def _integer(random: Random, length: int, upper: int) -> list[Fraction]:
    return [Fraction(random.randint(1, upper)) for _ in range(length)]


_DRAW: dict[str, Callable[[Random, int, int], list[Fraction]]] = {
    "real": _real, "random": _real, "positive": _positive, "nonnegative": _nonnegative, "mask": _mask,
    "simplex": _simplex, "integer": _integer, "permutation": _permutation,
}  # fmt: skip
_FLAT = ("real", "random", "positive", "nonnegative", "simplex")
_SIMPLE = {"real": _whole(-2, 2), "random": _whole(-2, 2), "positive": _whole(1, 3), "nonnegative": _whole(0, 2)}


def interpreter_at(
    field: Any,
    sizes: Mapping[Symbol, int],
    trial: int,
    letters: Callable[[Tensor, Place], Any] | None = None,
    *,
    simple: bool = False,
    flat: bool = False,
) -> Interpreter:
    """An interpreter at a random point; `letters` may give another value than the drawn number (or None)."""
    point = Point(trial, lambda size: interpreter.size(size), simple=simple, flat=flat)

    def inputs(tensor: Tensor, place: Place) -> Any:
        own = letters(tensor, place) if letters is not None else None
        if own is not None:
            return own
        number = point(tensor, place)
        return field.number(sympy.Rational(number.numerator, number.denominator))

    interpreter = Interpreter(field, sizes, inputs)
    return interpreter
