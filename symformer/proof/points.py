"""Concrete inputs to look at: the same ones in every run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Effort, Interpreter, Place
from symformer.notation import Tensor
from symformer.proof.drawing import Drawing, draw_row

ALL_ONES, LAST_ONE, FIRST_ONE = 2, 3, 4  # trials with masks that chance seldom draws
FLIPPED = 1  # in this trial all real numbers have the other sign than in the first, so that √(b²) = b cannot pass


class Point:
    """A random input: numbers for every entry that is asked for, within the domains of the tensors.

    The same trial and style give the same numbers, whatever is asked first; two tensors of one name differ.

    Args:
        trial: other numbers for another trial.
        size: a size as a number.
        style: what kind of numbers; see `drawing`.
        hints: numbers that stand in the line, for the style `near`.
    """

    def __init__(
        self, trial: int, size: Callable[[Expr], int], style: str = "plain", hints: Sequence[Fraction] = ()
    ) -> None:
        self.trial, self.size, self.style, self.hints = trial, size, style, hints
        self.drawn: dict[tuple[str, Place], Fraction] = {}

    def __call__(self, tensor: Tensor, place: Place) -> Fraction:
        """The entry of a tensor at a place."""
        key = (tensor.digest, place)
        if key not in self.drawn:
            self._draw_row(tensor, place[:-1])
        return self.drawn[key]

    def _draw_row(self, tensor: Tensor, row: Place) -> None:
        flipped = self.trial == FLIPPED and self.style == "plain"
        seed = str(0 if flipped else self.trial) if self.style == "plain" else f"{self.style} {self.trial}"
        same = self.style == "flat" and not tensor.domain.whole and tensor.domain.kind != "mask"
        length = self.size(tensor.shape[-1]) if tensor.shape else 1
        drawing = Drawing(Random(f"{seed}/{tensor.digest}/{'flat' if same else row}"), self.style, self.hints)
        numbers = draw_row(drawing, tensor.domain, length, self.size)
        if flipped and tensor.domain.kind in ("real", "random", "sphere"):
            numbers = [-number for number in numbers]
        if tensor.domain.kind == "mask":
            numbers = self._mask(numbers, tensor, drawing.random)
        for place, number in enumerate(numbers, start=1):
            self.drawn[(tensor.digest, (*row, place) if tensor.shape else ())] = number

    def _mask(self, numbers: list[Fraction], tensor: Tensor, random: Random) -> list[Fraction]:
        length = len(numbers)
        if self.style == "zeros" or self.trial == ALL_ONES:
            numbers = [Fraction(int(self.trial == ALL_ONES))] * length
        elif self.trial in (LAST_ONE, FIRST_ONE):
            chosen = length if self.trial == LAST_ONE else 1
            numbers = [Fraction(int(place == chosen)) for place in range(1, length + 1)]
        if tensor.domain.sees and not any(numbers):
            numbers[random.randrange(length)] = Fraction(1)
        return numbers


def interpreter_at(
    field: Any,
    sizes: Mapping[Symbol, int],
    trial: int,
    letters: Callable[[Tensor, Place], Any] | None = None,
    *,
    style: str = "plain",
    hints: Sequence[Fraction] = (),
    effort: Effort | None = None,
) -> Interpreter:
    """An interpreter at a random point; `letters` may give another value than the drawn number (or None)."""
    point = Point(trial, lambda size: interpreter.size(size), style, hints)

    def inputs(tensor: Tensor, place: Place) -> Any:
        own = letters(tensor, place) if letters is not None else None
        if own is not None:
            return own
        number = point(tensor, place)
        return field.number(sympy.Rational(number.numerator, number.denominator))

    interpreter = Interpreter(field, sizes, inputs, effort=effort)
    return interpreter
