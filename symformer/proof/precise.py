"""Whether a difference that balls take for 0 may be small and not 0: they look again with as many digits as it takes.

tanh(300 + x²) is 1 to 260 digits. What an evaluation meets, from its smallest number to its largest, says how many
digits a difference of two sides may hide in: sums of numbers of very different size, exp, tanh and erf far out.
"""

from __future__ import annotations

from typing import Any

import flint
from flint import arb
from sympy import Expr

from symformer.evaluate import Effort, Undecidable
from symformer.notation import ShapeError
from symformer.proof.balls import BITS, BallField
from symformer.proof.counterexample import Break, broken
from symformer.proof.points import interpreter_at
from symformer.proof.statement import LONG, Statement

MOST_BITS = 60_000
TRIALS = ((0, "plain"), (1, "plain"), (0, "coarse"))
STEPS = 40_000


class Reach(BallField):
    """Balls that note how far the exponents of their numbers reach."""

    def __init__(self) -> None:
        self.low, self.high = 0, 0

    @property
    def bits(self) -> int:
        """How many bits tell any two sums of these numbers apart, but for a conspiracy."""
        return 2 * (self.high - self.low) + BITS

    def _met(self, value: arb) -> arb:
        if value.is_finite() and not value.contains(0):
            exponent = int(value.mid().man_exp()[1]) + int(value.mid().man_exp()[0]).bit_length()
            self.low, self.high = min(self.low, exponent), max(self.high, exponent)
        return value

    def number(self, value: Expr) -> arb:
        return self._met(super().number(value))

    def add(self, left: arb, right: arb) -> arb:
        return self._met(super().add(left, right))

    def mul(self, left: arb, right: arb) -> arb:
        return self._met(super().mul(left, right))

    def div(self, left: arb, right: arb) -> arb:
        return self._met(super().div(left, right))

    def power(self, base: arb, exponent: arb) -> arb:
        return self._met(super().power(base, exponent))

    def function(self, name: str, value: arb) -> arb:
        if name in ("tanh", "erf") and value.is_finite():
            distance = (-2 * abs(value)).exp() if name == "tanh" else (-(value**2)).exp()
            self._met(distance)
        return self._met(super().function(name, value))


def too_close(statement: Statement) -> Break | str:
    """A difference that many digits show; or why one may be there; or nothing.

    Digits are added until they reach further than the numbers do.
    """
    effort = Effort(STEPS)
    for trial, style in TRIALS if statement.length <= LONG else TRIALS[:1]:
        bits = BITS
        while True:
            with flint.ctx.workprec(bits):
                reach = Reach()
                found = _at(statement, reach, trial, style, effort)
            if found is not None or reach.bits <= bits:
                break
            if reach.bits > MOST_BITS:
                return f"numbers of {reach.high - reach.low} binary digits more and less meet: too far apart to compare"
            bits = reach.bits
        if found is not None:
            return found
    return ""


def _at(statement: Statement, field: Reach, trial: int, style: str, effort: Effort) -> Break | None:
    effort.kinks = 0
    try:
        sizes = statement.sizes_for(trial)
        interpreter: Any = interpreter_at(field, sizes, trial, style=style, effort=effort)
        found = broken(statement, interpreter, sizes) if statement.admits(interpreter) else None
    except (Undecidable, ShapeError, RecursionError):
        return None
    return None if effort.kinks else found
