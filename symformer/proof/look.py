"""The witness of balls: a refutation, or how far two sides agree; and finite differences beside every derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy
from flint import arb
from sympy import Symbol

from symformer.evaluate import HIDDEN, Interpreter, Place, Undecidable
from symformer.notation import Derivative, ShapeError, Tensor, walk
from symformer.proof.balls import BITS, digits
from symformer.proof.points import different_sizes
from symformer.proof.statement import Statement, in_words, named
from symformer.proof.verdict import Verdict

POINTS = 5
DIGITS = 50
STEP = sympy.Rational(1, 10**24)


def look(statement: Statement, balls: Callable[[dict[Symbol, int], int], Interpreter]) -> Verdict:
    """Balls at random points: a refutation, or how many digits agreed."""
    seen: list[str] = []
    least = BITS * 0.30103
    derivatives = [
        part for side in (statement.left, statement.right) for part in walk(side) if isinstance(part, Derivative)
    ]
    for trial in range(POINTS):
        sizes = different_sizes(statement.sizes, trial, statement.least)
        interpreter = balls(sizes, trial)
        try:
            found, good = _compare(statement, interpreter)
            if found is None and derivatives and not _differences_agree(derivatives, interpreter):
                return Verdict("open", f"finite differences disagree at {in_words(sizes)}", {"sizes": named(sizes)})
        except (Undecidable, ShapeError) as reason:
            return Verdict("open", f"undecided: {reason}", {"sizes": named(sizes)})
        if found is not None:
            return _refuted(found, sizes, interpreter, statement)
        least = min(least, good)
        seen.append(in_words(sizes))
    if least < DIGITS:
        return Verdict("open", f"only {least:.0f} digits survived", {"digits": least})
    witness = ", and derivatives by finite differences" if derivatives else ""
    where = "; ".join(dict.fromkeys(seen))
    words = f"agrees to {int(least)} digits at {POINTS} random points ({where}){witness}"
    return Verdict("checked", words, {"digits": int(least), "points": POINTS, "differences": bool(derivatives)})


def _compare(statement: Statement, interpreter: Interpreter) -> tuple[dict[str, Any] | None, float]:
    least = BITS * 0.30103
    for env in statement.places(interpreter):
        left, right = interpreter.value(statement.left, env), interpreter.value(statement.right, env)
        if left is HIDDEN or right is HIDDEN:
            if left is not right:
                return {"at": env, "left": str(left), "right": str(right)}, least
            continue
        if _breaks(left, statement.relation, right):
            return {"at": env, "left": left, "right": right}, least
        least = min(least, digits(left), digits(right))
    return None, least


def _breaks(left: arb, relation: str, right: arb) -> bool:
    if relation == "=":
        return not left.overlaps(right)
    return bool(left > right) if relation == "≤" else bool(left < right)


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
    up, down = (_moved(interpreter, node.entry.tensor, place, move).value(node.target, env) for move in (step, -step))
    return (up - down) / (2 * step)


def _moved(interpreter: Interpreter, tensor: Tensor, place: Place, move: arb) -> Interpreter:
    def inputs(other: Tensor, at: Place) -> Any:
        value = interpreter.entry(other, at)
        return value + move if other == tensor and at == place else value

    return Interpreter(interpreter.field, interpreter.sizes, inputs, seed=(tensor, place))


def _refuted(
    found: dict[str, Any], sizes: Mapping[Symbol, int], interpreter: Interpreter, statement: Statement
) -> Verdict:
    left, right = (_short(found[side]) for side in ("left", "right"))
    at = in_words({**sizes, **found["at"]})
    inputs = _inputs(statement, interpreter)
    words = f"counterexample at {at}: left is {left}, right is {right}" + (f", with {inputs}" if inputs else "")
    data = {"sizes": named(sizes), "indices": named(found["at"]), "left": left, "right": right}
    return Verdict("refuted", words, data)


def _inputs(statement: Statement, interpreter: Interpreter) -> str:
    """The first inputs of the counterexample, short enough to read."""
    shown = []
    for tensor in list(statement.inputs().values())[:2]:
        entries = [_short(value) for value in interpreter.array(tensor).values()]
        shown.append(f"{tensor.name} = {', '.join(entries[:4])}" + (", …" if len(entries) > 4 else ""))
    return "; ".join(shown)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else value.str(8, radius=False)
