"""The witnesses of `≈` and `→`: degrees where both sides are polynomials, else balls on the way to the limit.

A quotient of polynomials vanishes, or not, by its degrees: that is a proof either way. Anything else is looked at in
balls at points of the way, each a thousand times nearer to its end: `checked` if the distance falls at every step as
fast as claimed, `refuted` if it is slower than that at every step, which is evidence and no proof; else `open`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import sympy
from flint import arb
from sympy import Symbol

from symformer.evaluate import Interpreter, Place, Undecidable
from symformer.notation import ShapeError, Tensor, Written, lift
from symformer.proof.balls import BITS, BallField
from symformer.proof.normal import vanishes
from symformer.proof.points import Point
from symformer.proof.statement import Statement
from symformer.proof.toward import Toward
from symformer.proof.verdict import ORDER, Verdict

FAR = (10**3, 10**6, 10**9, 10**12)
NEAR_SIZES = (8, 16, 32, 64)  # for a size that something runs over: each doubling costs
SLACK = 0.1  # of an order, for what the next order adds
SLOWEST = 0.25  # the order that counts as a limit where none is claimed
NOTHING = arb("1e-60")
TRIALS = 2


def judge_limit(statement: Statement, claim: Toward, equal: Callable[[Written, Written], Verdict]) -> Verdict:
    """The verdict on `left ≈ right` or `left → right`.

    Args:
        statement: the sides.
        claim: the limit, and what is dropped.
        equal: judges an equation.
    """
    left, right = statement.left, statement.right
    if statement.relation == "→":
        return _small(statement, claim, left - right, lift(1), bounded=False)
    if claim.dropped is not None:
        exact = equal(left, right + claim.dropped)
        if exact.kind in ("refuted", "open"):
            return exact
        small = _small(statement, claim, claim.dropped, right, bounded=False)
        words = f"{exact.evidence}; {small.evidence}"
        return Verdict(min(exact.kind, small.kind, key=ORDER.index), words, {**exact.data, **small.data})
    return _small(statement, claim, left - right, _power(claim), bounded=True)


def _power(claim: Toward) -> Written:
    """The variable to the order that is claimed; turned over where it grows."""
    assert claim.order is not None
    variable = claim.variable[()] if isinstance(claim.variable, Tensor) and not claim.variable.shape else claim.variable
    if isinstance(variable, Tensor):
        return lift(1)
    power = lift(variable) ** claim.order
    return power if claim.end == "0" else lift(1) / power


def _small(statement: Statement, claim: Toward, over: Written, under: Written, *, bounded: bool) -> Verdict:
    """Whether over/under vanishes, or stays bounded."""
    scaled = isinstance(claim.variable, Tensor) and bool(claim.variable.shape)
    spans = {str(index): size for index, size in statement.free.items()}
    known = vanishes(over, under, claim.variable, claim.end, bounded=bounded, spans=spans)
    name = claim.variable.name
    if isinstance(known, bool):
        goes = "stays bounded" if bounded else "vanishes"
        words = f"by its degree in {name}, what is left {goes if known else 'does not vanish'} as {name} → {claim.end}"
        return Verdict("proved" if known else "refuted", words, {"limit": f"{name} → {claim.end}"})
    order = (claim.order or 0) if bounded and scaled else 0
    looked = _looked(statement, claim, over, under, order, 0.0 if bounded else SLOWEST)
    return replace(looked, evidence=f"{looked.evidence}; no proof: {known}")


def _looked(statement: Statement, claim: Toward, over: Written, under: Written, order: int, falls: float) -> Verdict:
    way = _way(statement, claim)
    data: dict[str, Any] = {"limit": f"{claim.variable.name} → {claim.end}"}
    what = "the distance" if falls else "the error, over the order that is claimed,"
    shown = ""
    try:
        for trial in range(TRIALS):
            found = [_worst(statement, claim, over, under, step, trial) for step in way]
            data["distances"] = [value.str(4, radius=False) for value in found]
            shown = ", ".join(
                f"{value} at {claim.variable.name} = {step if claim.end == '∞' else f'1/{step}'}"
                for value, step in zip(data["distances"], way, strict=True)
            )
            rates = _rates(found, way)
            if min(rates) < order + falls - SLACK:
                kind = "refuted" if max(rates) < order + falls - 2 * SLACK else "open"
                return Verdict(kind, f"{what} does not go as claimed: {shown}", data)
    except (Undecidable, ShapeError) as reason:
        return Verdict("open", f"undecided: {reason}", data)
    return Verdict("checked", f"{what} goes as claimed: {shown}", data)


def _rates(found: Sequence[arb], way: Sequence[int]) -> list[float]:
    """The powers of the way at which the distance falls, step by step."""
    steps = zip(pairwise(found), pairwise(way), strict=True)
    return [_rate(one, two, after / before) for (one, two), (before, after) in steps]


def _way(statement: Statement, claim: Toward) -> tuple[int, ...]:
    """How far the variable goes, step by step."""
    runs = isinstance(claim.variable, Symbol) and claim.variable in statement.spanned
    return NEAR_SIZES if runs else FAR


def _rate(one: arb, two: arb, factor: float) -> float:
    """The power of the way at which the distance falls from one to two."""
    if two < NOTHING:
        return float("inf")
    return float(((one / two).log() / arb(factor).log()).mid())


def _worst(statement: Statement, claim: Toward, over: Written, under: Written, step: int, trial: int) -> arb:
    """The largest |over/under| over all free indices, with the variable at one step of its way."""
    sizes = statement.sizes_for(trial)
    if isinstance(claim.variable, Symbol):
        sizes[claim.variable] = step
    interpreter = _interpreter(sizes, claim, step, trial)
    worst = arb(0)
    for env in statement.places(interpreter):
        one, two = (interpreter.value(side, env) for side in (over, under))
        worst = worst.max(abs(interpreter.field.div(one, two)))
    if not worst.is_finite() or (worst.rel_accuracy_bits() < BITS // 8 and not worst < NOTHING):
        raise Undecidable("too few digits survived on the way to the limit")
    return worst


def _interpreter(sizes: Mapping[Symbol, int], claim: Toward, step: int, trial: int) -> Interpreter:
    field = BallField()
    factor = field.number(sympy.Integer(step) if claim.end == "∞" else sympy.Rational(1, step))
    point = Point(trial, lambda size: interpreter.size(size))

    def inputs(tensor: Tensor, place: Place) -> Any:
        if tensor == claim.variable and not tensor.shape:
            return factor
        drawn = point(tensor, place)
        number = field.number(sympy.Rational(drawn.numerator, drawn.denominator))
        return number * factor if tensor == claim.variable else number

    interpreter = Interpreter(field, sizes, inputs)
    return interpreter
