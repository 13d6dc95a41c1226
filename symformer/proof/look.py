"""The witness of balls: a refutation, or how far two sides agree; and finite differences beside every derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy
from flint import arb
from sympy import Symbol

from symformer.evaluate import HIDDEN, Interpreter, Place, Tied, Unbounded, Undecidable
from symformer.notation import Derivative, Element, Func, ShapeError, Tensor, walk
from symformer.programs import is_defined, reachable
from symformer.proof.balls import BITS, BallField, digits
from symformer.proof.counterexample import Break, Seen, broken, refuted, shown
from symformer.proof.points import interpreter_at
from symformer.proof.statement import Statement, in_words, named
from symformer.proof.verdict import Verdict

POINTS = 5
MORE_POINTS = 8  # where sides had no value at some
COMPARED = 2  # points at which derivatives are compared with differences
DIGITS = 50
STEPS = 120_000  # entries and terms that may be computed
STEP = sympy.Rational(1, 10**24)

Balls = Callable[[dict[Symbol, int], int], Interpreter]


def look(statement: Statement, balls: Balls) -> Verdict:
    """Balls at random points: a refutation, or how many digits agreed.

    Where numbers of many digits are compared with themselves, small whole ones are drawn, which balls hold exactly.
    """
    glance = _Glance(statement, balls)
    found = _looked(glance)
    if not glance.tied or glance.points:
        return found
    exact = _looked(_Glance(statement, lambda sizes, trial: interpreter_at(BallField(), sizes, trial, style="simple")))
    return exact if exact.kind != "open" else found


def _looked(glance: _Glance) -> Verdict:
    for trial in range(POINTS + MORE_POINTS):
        if glance.points == POINTS or glance.left == 0:
            break  # where all steps are spent, the points so far have to do
        found = glance.at(trial)
        if found is not None:
            return found
    return glance.verdict()


class _Glance:
    """A look at one point after the other."""

    def __init__(self, statement: Statement, balls: Balls) -> None:
        self.statement, self.balls = statement, balls
        sides = (statement.left, statement.right)
        self.derivatives = [part for side in sides for part in walk(side) if isinstance(part, Derivative)]
        self.points, self.left = 0, STEPS
        self.seen: list[str] = []
        self.agreement = _Agreement()
        self.lost: Break | None = None
        self.unbounded, self.tied = "", False
        self.reason = "neither side has a value at any point"

    def at(self, trial: int) -> Verdict | None:
        """The verdict after one point, if there is one already; a point that says nothing is passed over."""
        try:
            sizes = self.statement.sizes_for(trial)
        except Undecidable as reason:
            return Verdict("open", f"undecided: {reason}")
        interpreter = self.balls(sizes, trial)
        interpreter.effort.left, interpreter.effort.kinks = self.left, 0
        noted = Seen(self.agreement.watch)
        before = self.agreement.seen
        try:
            if not self.statement.admits(interpreter):
                self.reason = "no point was found that satisfies what is assumed"
                return None
            found = broken(self.statement, interpreter, sizes, noted)
            if found is None and self.points < COMPARED and not _differences_agree(self.derivatives, interpreter):
                return Verdict("open", f"finite differences disagree at {in_words(sizes)}", {"sizes": named(sizes)})
        except Unbounded as reason:
            self.unbounded = f"undecided: {reason} at {in_words(sizes)}"
            return None
        except (Undecidable, ShapeError) as reason:
            self.reason = f"undecided: {reason}"
            self.tied = self.tied or isinstance(reason, Tied)
            used_up = interpreter.effort.left == 0 and not self.points
            return Verdict("open", self.reason, {"sizes": named(sizes)}) if used_up else None
        finally:
            self.left = interpreter.effort.left
        if found is not None:
            return at_kink(found) if interpreter.effort.kinks else refuted(found, self.statement)
        self.lost = self.lost or noted.lost
        if self.agreement.seen > before:
            self.points += 1
            self.seen.append(in_words(sizes))
        return None

    def verdict(self) -> Verdict:
        """The verdict after all points."""
        if not self.points and self.lost is not None:
            return refuted(self.lost, self.statement)
        if not self.points or self.unbounded:
            return Verdict("open", self.unbounded or self.reason)
        least = self.agreement.digits
        if least < DIGITS:
            return Verdict("open", f"only {least:.0f} digits survived", {"digits": least})
        witness = ", and derivatives by finite differences" if self.derivatives else ""
        where = "; ".join(dict.fromkeys(self.seen))
        points = f"{self.points} random point{'s' if self.points > 1 else ''}"
        words = f"agrees to {int(least)} digits at {points}{f' ({where})' if where else ''}{witness}"
        data = {"digits": int(least), "points": self.points, "largest_ball": self.agreement.radius,
                "differences": bool(self.derivatives)}  # fmt: skip
        return Verdict("checked", words, data)


def at_kink(found: Break) -> Verdict:
    """The verdict on two sides that differ where a function has no derivative."""
    where = in_words({**found.sizes, **found.env})
    words = f"a derivative is asked for at a kink{f' at {where}' if where else ''}, where there is none"
    return Verdict("open", f"{words}: left is {shown(found.left)} there, right is {shown(found.right)}")


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
        if _stops(node):
            continue  # a function whose derivative is not that of its value has no differences to compare with
        for env in _some_places(node, interpreter):
            slope = interpreter.value(node, env)
            if not abs(slope - _ratio(node, env, interpreter)) < (1 + abs(slope)) * arb("1e-20"):
                return False
    return True


def _stops(node: Derivative) -> bool:
    """Whether a gradient is stopped somewhere in the target."""
    tensors = reachable(*(part.tensor for part in walk(node.target) if isinstance(part, Element)))
    bodies = [one.origin.definition.body for one in tensors if is_defined(one)]
    parts = (part for body in (node.target, *bodies) for part in walk(body))
    return any(isinstance(part, Func) and part.primitive.value == "still" for part in parts)


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

    return Interpreter(
        interpreter.field, interpreter.sizes, inputs, seed=tensor, held=node.held, effort=interpreter.effort
    )
