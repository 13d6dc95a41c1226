"""Counterexamples as a person would give them: the smallest sizes and numbers, and where the two sides part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from flint import arb
from sympy import Symbol

from symformer.evaluate import HIDDEN, Effort, Interpreter, Undecidable, Undefined
from symformer.notation import Add, Binder, Mul, ShapeError, Written
from symformer.proof.balls import BallField
from symformer.proof.points import interpreter_at
from symformer.proof.statement import Statement, in_words, named
from symformer.proof.verdict import Verdict
from symformer.typeset import text

MOST_TRIES = 40
MOST_BITS = 2000  # of a number that is printed digit by digit
PARTS = 10  # of a line, that cost as much as an entry or a term
MOST_STEPS = 4000  # at each point of the search for a small one
NO_VALUE = object()
DRAWS = 2


@dataclass(frozen=True)
class Break:
    """Where a claim fails: an interpreter, the free indices, and what the two sides are there."""

    interpreter: Interpreter
    sizes: Mapping[Symbol, int]
    env: Mapping[Symbol, int]
    left: Any
    right: Any


@dataclass
class Seen:
    """What was met at the places of a point.

    Attributes:
        watch: is shown the value of each side, where both have one.
        lost: the first place at which the line before has a value and the line has none.
        gained: whether the line has a value somewhere where the line before has none.
    """

    watch: Callable[[Any], None] = lambda value: None
    lost: Break | None = None
    gained: bool = False


def broken(
    statement: Statement, interpreter: Interpreter, sizes: Mapping[Symbol, int], seen: Seen | None = None
) -> Break | None:
    """The first choice of free indices at which both sides have a value and the claim fails for sure.

    Args:
        statement: the claim.
        interpreter: where to look.
        sizes: the sizes there.
        seen: takes note of what else is met.

    Raises:
        Undecidable: the field cannot answer.
    """
    seen = seen or Seen()
    for env in statement.places(interpreter):
        interpreter.effort.spend(1 + statement.parts // PARTS)
        left, right = (_value(interpreter, side, env) for side in (statement.left, statement.right))
        if left is NO_VALUE or right is NO_VALUE:
            seen.gained |= right is not NO_VALUE
            if left is not NO_VALUE and seen.lost is None:
                seen.lost = Break(interpreter, sizes, env, left, NO_VALUE)
            continue
        if breaks(left, statement.relation, right):
            return Break(interpreter, sizes, env, left, right)
        seen.watch(left)
        seen.watch(right)
    return None


def _value(interpreter: Interpreter, side: Written, env: Mapping[Symbol, int]) -> Any:
    """The value of a side, or NO_VALUE where it surely has none."""
    try:
        return interpreter.value(side, env)
    except Undefined:
        return NO_VALUE


def breaks(left: Any, relation: str, right: Any) -> bool:
    """Whether two values contradict a relation for sure."""
    if left is HIDDEN or right is HIDDEN:
        at_most = (relation == "≤" and left is HIDDEN) or (relation == "≥" and right is HIDDEN)
        return left is not right and not at_most
    if relation == "=":
        return not left.overlaps(right)
    return bool(left > right) if relation == "≤" else bool(left < right)


def refuted(found: Break, statement: Statement) -> Verdict:
    """The verdict on a claim that fails, with the smallest counterexample that a short search finds."""
    found = _smallest(statement, found)
    left, right = shown(found.left), shown(found.right)
    at = in_words({**found.sizes, **found.env})
    inputs = _inputs(statement, found.interpreter)
    words = f"counterexample{f' at {at}' if at else ''}: left is {left}, right is {right}"
    words += f", with {inputs}" if inputs else ""
    parted = _parted(found, statement.left, statement.right, found.env) if statement.relation == "=" else None
    data = {"sizes": named(found.sizes), "indices": named(found.env), "left": left, "right": right}
    if parted is not None:
        words += f"; they part at {parted[0]} on the left and {parted[1]} on the right"
        data["part"] = list(parted)
    return Verdict("refuted", words, data)


def _smallest(statement: Statement, found: Break) -> Break:
    for sizes in islice(_small(statement), MOST_TRIES):
        for draw in range(DRAWS):
            effort = Effort(MOST_STEPS)
            interpreter = interpreter_at(BallField(), sizes, draw, style="simple", effort=effort)
            try:
                smaller = broken(statement, interpreter, sizes) if statement.admits(interpreter) else None
            except (Undecidable, ShapeError):
                continue
            if smaller is not None and not effort.kinks:
                return smaller
    return found


def _small(statement: Statement) -> Iterator[dict[Symbol, int]]:
    """Sizes from the smallest on."""
    count = len(statement.sizes)
    for steps in chain.from_iterable(steps_of(count, total) for total in range(2 * count + 1)):
        sizes = {symbol: statement.least + step for symbol, step in zip(statement.sizes, steps, strict=True)}
        if statement.fits(sizes):
            yield sizes


def steps_of(count: int, total: int) -> Iterator[tuple[int, ...]]:
    """So many numbers from 0 to 2 with this sum, in lexicographic order."""
    if not count:
        yield ()
        return
    for first in range(max(0, total - 2 * (count - 1)), min(2, total) + 1):
        for rest in steps_of(count - 1, total - first):
            yield (first, *rest)


def _inputs(statement: Statement, interpreter: Interpreter) -> str:
    """The first inputs of the counterexample, short enough to read."""
    out = []
    for tensor in list(statement.inputs().values())[:2]:
        entries = [shown(value) for value in interpreter.array(tensor).values()]
        out.append(f"{tensor.name} = {', '.join(entries[:4])}" + (", …" if len(entries) > 4 else ""))
    return "; ".join(out)


def shown(value: Any) -> str:
    """A ball as a short decimal, or a whole number."""
    if value is NO_VALUE:
        return "undefined"
    if not isinstance(value, arb):
        return "−∞"
    if value.is_finite() and value != 0:
        mantissa, exponent = value.mid().man_exp()
        bits = int(exponent) + int(mantissa).bit_length()
        if abs(bits) > MOST_BITS:
            return f"{'−' if value < 0 else ''}10^{round(bits * 0.30103)}, nearly"
    whole = value.unique_fmpz() if value.is_exact() else None
    return value.str(8, radius=False) if whole is None else str(whole)


# -- where they part --------------------------------------------------------------------------------------------------


def _parted(found: Break, left: Written, right: Written, env: Mapping[Symbol, int]) -> tuple[str, str] | None:
    """The innermost pair of corresponding sub-expressions that differ there; None if that is the whole."""
    one, two = _descend(found.interpreter, left, right, env)
    return None if one is left or two is right else (text(one.layout().box), text(two.layout().box))


def _descend(
    interpreter: Interpreter, left: Written, right: Written, env: Mapping[Symbol, int]
) -> tuple[Written, Written]:
    if type(left) is not type(right):
        return left, right
    if isinstance(left, Binder) and isinstance(right, Binder):
        return _under_binders(interpreter, left, right, env)
    if not isinstance(left, (Add, Mul)) and (len(left.kids) != len(right.kids) or left.head != right.head):
        return left, right
    kids, others = _unshared(left, right) if isinstance(left, (Add, Mul)) else (left.kids, right.kids)
    if len(kids) != len(others):
        return left, right
    pairs = [pair for pair in zip(kids, others, strict=True) if _differ(interpreter, *pair, env)]
    return _descend(interpreter, *pairs[0], env) if len(pairs) == 1 else (left, right)


def _under_binders(
    interpreter: Interpreter, left: Binder, right: Binder, env: Mapping[Symbol, int]
) -> tuple[Written, Written]:
    if left.size != right.size or left.index != right.index:
        return left, right
    for place in range(1, interpreter.size(left.size) + 1):
        inside = {**env, left.index: place}
        if _differ(interpreter, left.body, right.body, inside):
            return _descend(interpreter, left.body, right.body, inside)
    return left, right


def _unshared(left: Written, right: Written) -> tuple[tuple[Written, ...], tuple[Written, ...]]:
    """The terms or factors that only one of two sums or products has."""
    theirs = list(right.kids)
    ours = []
    for kid in left.kids:
        if kid in theirs:
            theirs.remove(kid)
        else:
            ours.append(kid)
    return tuple(ours), tuple(theirs)


def _differ(interpreter: Interpreter, left: Written, right: Written, env: Mapping[Symbol, int]) -> bool:
    """Whether two expressions differ for sure; where that cannot be told, they count as equal."""
    try:
        return breaks(interpreter.value(left, env), "=", interpreter.value(right, env))
    except (Undecidable, ShapeError):
        return False
