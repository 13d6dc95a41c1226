"""A head computed again from the same inputs in balls of 60 digits: how far the model's numbers have drifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from flint import arb

from symformer.notation import Tensor
from symformer.trace.products import Recomputation
from symformer.trace.traced import Traced

BITS = 256
DIGITS = 50  # that every ball is good for, measured by the largest number of its tensor
MOST = 1e-3  # drift, relative to the largest number of its tensor, beyond which a check fails
CHECKED = ("S", "P", "O")


@dataclass(frozen=True)
class Drift:
    """How far a tensor has drifted.

    Attributes:
        name: the tensor.
        absolute: the largest difference from the ball's middle.
        relative: the same over the largest number of the tensor.
        digits: how many digits every ball is good for at least.
    """

    name: str
    absolute: float
    relative: float
    digits: int

    @property
    def passes(self) -> bool:
        """Whether the drift is one of rounding."""
        return self.digits >= DIGITS and self.relative <= MOST

    def sentence(self) -> str:
        """The drift in words."""
        return (
            f"{self.name}: recomputed from the same inputs to {self.digits} digits; the model's numbers are off by "
            f"{self.absolute:.1e} at most, {self.relative:.1e} of the largest"
        )


def drifts(traced: Traced) -> list[Drift]:
    """The drift of scores, weights and output of a head, or of what another part gives."""
    steps = {one.name: one for one in traced.head.steps.statements}
    names = [name for name in CHECKED if name in steps] or [one.name for one in traced.head.steps.outputs]
    with flint.ctx.workprec(BITS):
        again = Recomputation(traced.head.steps, traced.numbers, traced.sizes)
        return [_drift(traced, again, name) for name in names]


def _drift(traced: Traced, again: Recomputation, name: str) -> Drift:
    array = traced.numbers[name]
    pairs = list(_pairs(again, traced.head.steps[name], array))
    largest = max(max(abs(ball.mid()) for ball, _ in pairs), arb(2) ** -BITS)
    off = max(abs(ball.mid() - number) for ball, number in pairs)
    radius = max(max(ball.rad() for ball, _ in pairs), arb(2) ** -BITS * largest)
    return Drift(name, float(off), float(off / largest), int(float((largest / radius).log() / arb(10).log())))


def _pairs(again: Recomputation, tensor: Tensor, array: Any) -> Iterator[tuple[arb, arb]]:
    for place in np.ndindex(array.shape):
        yield again.entry(tensor, tuple(number + 1 for number in place)), arb(float(array[place]))
