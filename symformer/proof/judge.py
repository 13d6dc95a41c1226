"""The judge: is this line equal to (at most, at least) the one before?

It first looks for a refutation in ball arithmetic at random points and sizes, with all independent sizes different, so
that a swapped axis fails. A line that survives is then tried as an identity of rational functions. It may give up; it
is never wrong: `refuted` rests on balls that do not meet, `exact` on polynomial identities. The room for `proved`, a
normal form at symbolic sizes, is a third witness before the two below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import flint
import sympy
from flint import arb
from sympy import Symbol

from symformer.evaluate import HIDDEN, Interpreter, Place, Undecidable
from symformer.notation import Derivative, Range, Tensor, Written, lift, merge_ranges, walk
from symformer.notation.operators import Binder
from symformer.programs import elements, reachable, size_symbols
from symformer.proof.balls import BITS, BallField, digits
from symformer.proof.points import different_sizes, interpreter_at, small_sizes
from symformer.proof.rational import Letters, RationalField, Restart
from symformer.proof.verdict import Verdict

POINTS = 3
DIGITS = 50
MOST_LETTERS = 512
STEP = sympy.Rational(1, 10**24)


class Judge:
    """A judge for lines that share definitions: what one line has computed, the next need not compute again.

    Verdicts do not depend on that, only the time they take.
    """

    def __init__(self) -> None:
        self._balls: dict[tuple[Any, ...], Interpreter] = {}
        self._exact: dict[tuple[Any, ...], _Exact] = {}

    def judge(self, left: Any, relation: str, right: Any, ranges: Mapping[Symbol, Range] | None = None) -> Verdict:
        """The verdict on `left relation right`, for relation =, ≤ or ≥.

        Args:
            left: the line before.
            relation: "=", "≤" or "≥".
            right: the line.
            ranges: ranges of free indices that neither side carries.
        """
        statement = _Statement(lift(left), relation, lift(right), ranges or {})
        with flint.ctx.workprec(BITS):
            looked = _look(statement, self.balls)
            if looked.kind in ("refuted", "open") or relation != "=":
                return looked
            return _exact(statement, self.exact) or looked

    def agrees(self, left: Any, right: Any) -> bool:
        """Whether two expressions are equal as far as balls can tell: for two notations of one formula."""
        with flint.ctx.workprec(BITS):
            return _look(_Statement(lift(left), "=", lift(right), {}), self.balls).kind == "checked"

    def balls(self, sizes: dict[Symbol, int], trial: int) -> Interpreter:
        """Balls at a random point of these sizes."""
        key = (trial, *sizes.items())
        if key not in self._balls:
            self._balls[key] = interpreter_at(BallField(), sizes, trial)
        return self._balls[key]

    def exact(self, sizes: dict[Symbol, int], trial: int) -> _Exact:
        """Rational functions at these sizes."""
        key = (trial, *sizes.items())
        if key not in self._exact:
            self._exact[key] = _Exact(sizes, trial)
        return self._exact[key]


def judge(left: Any, relation: str, right: Any, ranges: Mapping[Symbol, Range] | None = None) -> Verdict:
    """The verdict on one line, `left relation right`; see `Judge.judge`."""
    return Judge().judge(left, relation, right, ranges)


class _Statement:
    """Two sides, their free indices and all sizes."""

    def __init__(self, left: Written, relation: str, right: Written, ranges: Mapping[Symbol, Range]) -> None:
        self.left, self.relation, self.right = left, relation, right
        merged = merge_ranges(left.ranges, right.ranges, ranges)
        self.free = {index: found.size for index, found in sorted(merged.items(), key=lambda item: item[0].name)}
        self.sizes = sorted(
            all_sizes(left) | all_sizes(right) | {s for size in self.free.values() for s in size.free_symbols}, key=str
        )

    def inputs(self) -> dict[str, Tensor]:
        """The input tensors that the two sides depend on, by name."""
        tensors = [t for side in (self.left, self.right) for e in elements(side) for t in reachable(e.tensor)]
        return {tensor.name: tensor for tensor in tensors if tensor.origin is None}

    def draws(self) -> bool:
        """Whether some inputs are drawn even in exact arithmetic, because they are no letters."""
        return any(tensor.domain.kind in ("mask", "integer") for tensor in self.inputs().values())

    def places(self, interpreter: Interpreter) -> Iterator[dict[Symbol, int]]:
        """Every choice of the free indices."""
        spans = [range(1, interpreter.size(size) + 1) for size in self.free.values()]
        for numbers in product(*spans):
            yield dict(zip(self.free, numbers, strict=True))


def all_sizes(node: Written) -> set[Symbol]:
    """The size symbols that an expression depends on, through its definitions too."""
    found = {symbol for element in elements(node) for symbol in size_symbols(element.tensor)}
    for part in walk(node):
        if isinstance(part, Binder):
            found |= part.size.free_symbols
        found |= {symbol for symbol in part.head if isinstance(symbol, Symbol) and symbol.is_positive}
    return found


def _look(statement: _Statement, balls: Callable[[dict[Symbol, int], int], Interpreter]) -> Verdict:
    """Balls at random points: a refutation, or how many digits agreed."""
    seen: list[str] = []
    least = float(BITS)
    derivatives = [
        part for side in (statement.left, statement.right) for part in walk(side) if isinstance(part, Derivative)
    ]
    for trial in range(POINTS):
        sizes = different_sizes(statement.sizes, trial)
        interpreter = balls(sizes, trial)
        try:
            found, good = _compare(statement, interpreter)
            if found is None and derivatives:
                found = _differences(derivatives, interpreter, statement)
        except Undecidable as reason:
            return Verdict("open", f"undecided: {reason}", {"sizes": _named(sizes)})
        if found is not None:
            return _refuted(found, sizes, interpreter, statement)
        least = min(least, good)
        seen.append(_words(sizes))
    if least < DIGITS:
        return Verdict("open", f"only {least:.0f} digits survived", {"digits": least})
    witness = ", and derivatives by finite differences" if derivatives else ""
    where = "; ".join(dict.fromkeys(seen))
    words = f"agrees to {int(least)} digits at {POINTS} random points ({where}){witness}"
    return Verdict("checked", words, {"digits": int(least), "points": POINTS, "differences": bool(derivatives)})


def _compare(statement: _Statement, interpreter: Interpreter) -> tuple[dict[str, Any] | None, float]:
    least = float(BITS)
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


def _differences(
    derivatives: list[Derivative], interpreter: Interpreter, statement: _Statement
) -> dict[str, Any] | None:
    """Central differences of the forward function against every derivative in the line, at one place each."""
    for node in derivatives:
        for env in _some_places(node, interpreter):
            dual = interpreter.value(node, env)
            ratio = _ratio(node, env, interpreter)
            scale = 1 + abs(dual)
            if not abs(dual - ratio) < scale * arb("1e-30"):
                return {"at": env, "left": ratio, "right": dual, "differences": True}
    return None


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
    found: dict[str, Any], sizes: Mapping[Symbol, int], interpreter: Interpreter, statement: _Statement
) -> Verdict:
    left, right = (_short(found[side]) for side in ("left", "right"))
    at = _words({**sizes, **found["at"]})
    what = "finite differences give" if found.get("differences") else "left is"
    inputs = _inputs(statement, interpreter)
    words = f"counterexample at {at}: {what} {left}, right is {right}" + (f", with {inputs}" if inputs else "")
    data = {"sizes": _named(sizes), "indices": _named(found["at"]), "left": left, "right": right}
    return Verdict("refuted", words, data)


def _inputs(statement: _Statement, interpreter: Interpreter) -> str:
    """The first inputs of the counterexample, short enough to read."""
    shown = []
    for tensor in list(statement.inputs().values())[:2]:
        entries = [_short(value) for value in interpreter.array(tensor).values()]
        shown.append(f"{tensor.name} = {', '.join(entries[:4])}" + (", …" if len(entries) > 4 else ""))
    return "; ".join(shown)


def _exact(statement: _Statement, exact: Callable[[dict[Symbol, int], int], _Exact]) -> Verdict | None:
    """An identity of rational functions at two choices of sizes, or None."""
    seen = []
    for trial in range(2):
        sizes = small_sizes(statement.sizes, trial)
        try:
            if not exact(sizes, trial).holds(statement):
                return None
        except Undecidable:
            return None
        seen.append(_words(sizes))
    where = "; ".join(dict.fromkeys(seen))
    drawn = ", for masks and indices drawn at random" if statement.draws() else ""
    words = "an identity of rational functions" + (f" at {where}" if where else "") + drawn
    return Verdict("exact", words, {"sizes": where})


class _Exact:
    """Rational functions at given sizes; starts again with more letters when they run out."""

    def __init__(self, sizes: dict[Symbol, int], trial: int) -> None:
        self.sizes, self.trial, self.letters = sizes, trial, Letters()
        self._start()

    def _start(self) -> None:
        self.field = RationalField(self.letters)
        self.interpreter = interpreter_at(self.field, self.sizes, self.trial, self._letter)

    def holds(self, statement: _Statement) -> bool:
        """Whether both sides are the same rational function, at every choice of the free indices.

        Raises:
            Undecidable: the budget is used up, or a rule does not apply.
        """
        self.field.operations = 0
        while self.letters.count <= MOST_LETTERS:
            try:
                return self._identical(statement)
            except Restart:
                self._start()
        raise Undecidable("too many letters")

    def _letter(self, tensor: Tensor, place: Place) -> Any:
        kind = tensor.domain.kind
        if kind in ("mask", "integer"):
            return None
        if kind == "simplex" and place[-1] == self.interpreter.shape(tensor)[-1]:
            total = self.field.number(sympy.S.One)
            for other in range(1, place[-1]):
                total = self.field.add(total, self.field.neg(self.interpreter.entry(tensor, (*place[:-1], other))))
            return total
        return self.field.letter(f"{tensor.digest}{place}", positive=kind in ("positive", "simplex"))

    def _identical(self, statement: _Statement) -> bool:
        for env in statement.places(self.interpreter):
            left, right = (self.interpreter.value(side, env) for side in (statement.left, statement.right))
            if left is HIDDEN or right is HIDDEN:
                if left is not right:
                    return False
            elif self.field.add(left, self.field.neg(right)).over:
                return False
        return True


def _named(numbers: Mapping[Symbol, int]) -> dict[str, int]:
    return {symbol.name: number for symbol, number in numbers.items()}


def _words(numbers: Mapping[Symbol, int]) -> str:
    return ", ".join(f"{symbol.name} = {number}" for symbol, number in numbers.items())


def _short(value: Any) -> str:
    return value if isinstance(value, str) else value.str(8, radius=False)
