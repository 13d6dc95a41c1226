"""The witness of balls: a refutation, or how far two sides agree; and finite differences beside every derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import sympy
from flint import arb
from sympy import Symbol

from symformer.evaluate import HIDDEN, Interpreter, Place, Undecidable
from symformer.notation import Derivative, ShapeError, Tensor, walk
from symformer.proof.balls import BITS, BallField, digits
from symformer.proof.counterexample import NO_VALUE, broken, refuted
from symformer.proof.points import interpreter_at
from symformer.proof.statement import Statement, in_words, named
from symformer.proof.verdict import Verdict

POINTS = 5
CORNERS = 12  # points at which an inequality is looked at with the smallest sizes
DIGITS = 50
FLAT = 3  # draws of equal entries at each choice of sizes
STEP = sympy.Rational(1, 10**24)


def look(statement: Statement, balls: Callable[[dict[Symbol, int], int], Interpreter]) -> Verdict:
    """Balls at random points: a refutation, or how many digits agreed."""
    derivatives = [
        part for side in (statement.left, statement.right) for part in walk(side) if isinstance(part, Derivative)
    ]
    seen: list[str] = []
    agreement = _Agreement()
    for trial in range(POINTS):
        try:
            sizes = statement.sizes_for(trial)
        except Undecidable as reason:
            return Verdict("open", f"undecided: {reason}")
        found = _look_at(statement, derivatives, balls(sizes, trial), sizes, agreement)
        if found is not None:
            return found
        seen.append(in_words(sizes))
    corner = _look_at_corners(statement)
    if corner is not None:
        return corner
    if not agreement.seen:
        return Verdict("open", "neither side has a value at any point")
    least = agreement.digits
    if least < DIGITS:
        return Verdict("open", f"only {least:.0f} digits survived", {"digits": least})
    witness = ", and derivatives by finite differences" if derivatives else ""
    where = "; ".join(dict.fromkeys(seen))
    words = f"agrees to {int(least)} digits at {POINTS} random points{f' ({where})' if where else ''}{witness}"
    data = {"digits": int(least), "points": POINTS, "largest_ball": agreement.radius, "differences": bool(derivatives)}
    return Verdict("checked", words, data)


def _look_at(
    statement: Statement,
    derivatives: list[Derivative],
    interpreter: Interpreter,
    sizes: dict[Symbol, int],
    agreement: _Agreement,
) -> Verdict | None:
    """The verdict after one point, if there is one already."""
    try:
        found = broken(statement, interpreter, sizes, agreement.watch)
        if found is not None:
            return refuted(found, statement)
        if derivatives and not _differences_agree(derivatives, interpreter):
            return Verdict("open", f"finite differences disagree at {in_words(sizes)}", {"sizes": named(sizes)})
    except (Undecidable, ShapeError) as reason:
        return Verdict("open", f"undecided: {reason}", {"sizes": named(sizes)})
    return None


def _look_at_corners(statement: Statement) -> Verdict | None:
    """A refutation at points that chance seldom draws; sides without a value there say nothing."""
    for interpreter in _corners(statement):
        try:
            found = broken(statement, interpreter, interpreter.sizes)
        except (Undecidable, ShapeError):
            continue
        if found is not None and found.right is not NO_VALUE:
            return refuted(found, statement)
    return None


def _corners(statement: Statement) -> Iterator[Interpreter]:
    """Points where every size is as small as can be; for an inequality more of them, and points with equal entries."""
    equation = statement.relation == "="
    try:
        sizes = statement.least_sizes()
        others = [] if equation else [statement.sizes_for(trial) for trial in range(POINTS)]
    except Undecidable:
        return
    for draw, simple in product(range(POINTS, POINTS + (1 if equation else CORNERS)), (False, True)):
        yield interpreter_at(BallField(), sizes, draw, simple=simple)
    for draw, other in product(range(FLAT), others):
        yield interpreter_at(BallField(), other, POINTS + draw, flat=True)


class _Agreement:
    """How well two sides agree: the digits that the worst ball is good for, and the largest radius."""

    def __init__(self) -> None:
        self.seen, self.digits, self.radius = 0, BITS * 0.30103, 0.0

    def watch(self, value: Any) -> None:
        """Takes a ball into account."""
        self.seen += 1
        if value is not HIDDEN:
            self.digits = min(self.digits, digits(value))
            self.radius = max(self.radius, float(value.rad()))


def _differences_agree(derivatives: list[Derivative], interpreter: Interpreter) -> bool:
    """Central differences of the forward function against every derivative in the line, at a few places each.

    A disagreement is no proof, since differences are approximate: the line is then open, and not refuted.
    """
    for node in derivatives:
        for env in _some_places(node, interpreter):
            slope = interpreter.value(node, env)
            if not abs(slope - _ratio(node, env, interpreter)) < (1 + abs(slope)) * arb("1e-20"):
                return False
    return True


def _some_places(node: Derivative, interpreter: Interpreter) -> Iterator[dict[Symbol, int]]:
    """First, last and a mixed choice of the indices of a derivative."""
    spans = {index: interpreter.size(found.size) for index, found in node.ranges.items()}
    chosen = [
        dict.fromkeys(spans, 1),
        dict(spans),
        {index: min(size, 1 + place % 2) for place, (index, size) in enumerate(spans.items())},
    ]
    unique: list[dict[Symbol, int]] = []
    for env in chosen:
        if env not in unique:
            unique.append(env)
    yield from unique


def _ratio(node: Derivative, env: Mapping[Symbol, int], interpreter: Interpreter) -> arb:
    place = tuple(interpreter.number(kid, env) for kid in node.entry.kids)
    field = interpreter.field
    step = field.number(STEP)
    if interpreter.value(node.target, env) is HIDDEN:
        return field.number(sympy.S.Zero)
    up, down = (_moved(interpreter, node, place, move).value(node.target, env) for move in (step, -step))
    return (up - down) / (2 * step)


def _moved(interpreter: Interpreter, node: Derivative, place: Place, move: arb) -> Interpreter:
    tensor = node.entry.tensor

    def inputs(other: Tensor, at: Place) -> Any:
        value = interpreter.entry(other, at)
        moves = other == tensor and at == place and value is not HIDDEN
        return value + move if moves else value

    return Interpreter(interpreter.field, interpreter.sizes, inputs, seed=(tensor, place), held=node.held)
