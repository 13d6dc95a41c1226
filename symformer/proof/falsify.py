"""A search for a counterexample, where there is no proof: points at which statements break, and steps uphill.

What is found in floating point counts for nothing until balls say so. What is not found is told: `tried`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from symformer.evaluate import HIDDEN, Effort, Interpreter, Place, Unbounded, Undecidable, Undefined
from symformer.notation import ShapeError, Tensor
from symformer.proof.balls import BallField
from symformer.proof.counterexample import Break, broken
from symformer.proof.drawing import STYLES
from symformer.proof.floats import FloatField
from symformer.proof.points import Point, interpreter_at
from symformer.proof.sizes import Sizes, breaking_sizes
from symformer.proof.statement import LONG, Statement, in_words
from symformer.proof.swarm import COUNT, Floats, Swarm

STEPS = 8_000  # entries and terms that may be computed; fewer where each costs more
BEYOND_STEPS = 40_000
MOST_SIZES = 26
SWARMS = 3  # choices of sizes at which points move
GENERATIONS = 30
SEARCH_STEPS = 9_000
PLACES = 6  # choices of the free indices at which points move
REPEATS = 3  # of every style at the first sizes
FEW = 3  # candidates that balls look at


@dataclass
class Search:
    """What a search found, and what it tried.

    Attributes:
        found: where the claim fails.
        empty: an empty range at which it fails: no refutation, but a condition.
        kink: a derivative is asked for where there is none, and the two sides say different things of it.
        unbounded: −∞ stands where a number is asked for, and what; "" where it does not.
        short: whether the budget did not reach sizes beyond the numbers of the line.
        tried: in words.
    """

    found: Break | None = None
    empty: Sizes | None = None
    kink: Break | None = None
    unbounded: str = ""
    short: bool = False
    tried: list[str] = field(default_factory=list)


def falsify(statement: Statement) -> Search:
    """Looks for a counterexample."""
    search = Search()
    choices = _choices(statement)
    seen = _special_points(statement, search, choices)
    if search.found is None:
        _look_at_empty(statement, search)
    steps = 0
    moving = statement.length <= LONG
    if moving and search.found is None and any(not _drawn(tensor) for tensor in statement.inputs().values()):
        for seed, sizes in enumerate([sizes for sizes in choices if statement.fits(sizes)][:SWARMS]):
            steps += _uphill(statement, search, sizes, seed)
            if search.found is not None:
                break
    search.tried = _words(seen, steps)
    return search


def _words(seen: list[Sizes], steps: int) -> list[str]:
    sizes = "; ".join(dict.fromkeys(in_words(one) for one in seen if one))
    out = ["entries of size 10^±6, zeros, ties and ends of domains" + (f" at {sizes}" if sizes else "")]
    return out + ([f"{steps} generations of {COUNT} points, each uphill from the last"] if steps else [])


def _drawn(tensor: Tensor) -> bool:
    """Whether entries are masks or whole numbers, which do not move."""
    return tensor.domain.kind == "mask" or tensor.domain.whole


def _choices(statement: Statement) -> list[Sizes]:
    found: dict[str, Sizes] = {}
    for sizes in breaking_sizes(statement.sizes, statement.spanned, statement.beyond):
        raised = {symbol: max(number, statement.least) for symbol, number in sizes.items()}
        for fitted in (raised, statement.fitted(raised)):
            if fitted is not None and statement.fits(fitted):
                found.setdefault(in_words(fitted), fitted)
                break
    return list(found.values())[:MOST_SIZES]


def _special_points(statement: Statement, search: Search, choices: list[Sizes]) -> list[Sizes]:
    """Balls at points of every style; the sizes at which some were reached."""
    seen = _look_beyond(statement, search)
    effort = Effort(statement.share(STEPS))
    for place, sizes in enumerate(choices):
        styles = STYLES * REPEATS if place < 2 else (STYLES[place % len(STYLES)], STYLES[(place + 3) % len(STYLES)])
        for trial, style in enumerate(styles):
            if search.found is not None or effort.left <= 0:
                return seen
            if _at(statement, search, sizes, trial, style, effort) and sizes not in seen:
                seen.append(sizes)
    return seen


def _look_beyond(statement: Statement, search: Search) -> list[Sizes]:
    """One point beyond the numbers of the line in each size, first of all: `short` where it cannot be reached."""
    seen: list[Sizes] = []
    for symbol in statement.sizes if statement.numbered else ():
        raised = {other: max(2, statement.least) for other in statement.sizes}
        raised[symbol] = max(statement.beyond[symbol], statement.least)
        sizes = raised if statement.fits(raised) else statement.fitted(raised)
        reached = sizes is None or any(
            _at(statement, search, sizes, trial, style, Effort(BEYOND_STEPS))
            for trial, style in ((0, "plain"), (0, "positive"))
        )
        search.short |= not reached
        seen += [sizes] if reached and sizes is not None else []
    return seen


def _at(statement: Statement, search: Search, sizes: Sizes, trial: int, style: str, effort: Effort) -> bool:
    """Looks at one point; whether it could be looked at."""
    own = Effort(effort.left)
    before = own.left
    try:
        interpreter = interpreter_at(BallField(), sizes, trial, style=style, hints=statement.hints, effort=own)
        if not statement.admits(interpreter):
            return False
        found = broken(statement, interpreter, sizes)
    except Unbounded as reason:
        search.unbounded = f"undecided: {reason} at {in_words(sizes)}"
        return True
    except (Undecidable, ShapeError, RecursionError):
        return own.left > 0
    finally:
        effort.left -= before - own.left
    _take(search, found, own)
    return True


def _take(search: Search, found: Break | None, effort: Effort) -> None:
    if found is not None and effort.kinks:
        search.kink = found
    elif found is not None:
        search.found = found


def _look_at_empty(statement: Statement, search: Search) -> None:
    """Points where some range that is no axis is empty: there a claim may need a condition."""
    if not statement.lengths:
        return
    for sizes in breaking_sizes(statement.sizes, statement.spanned, statement.beyond):
        if statement.fits(sizes, empty=True) and not statement.fits(sizes):
            aside = Search()
            _at(statement, aside, sizes, 0, "plain", Effort(STEPS // 10))
            if aside.found is not None:
                search.empty = sizes
                return


# -- uphill -----------------------------------------------------------------------------------------------------------


def _uphill(statement: Statement, search: Search, sizes: Sizes, seed: int) -> int:
    """Moves points towards where the claim fails by more; how many generations were tried."""
    lengths = Interpreter(FloatField(), sizes, _nothing)
    swarm = Swarm(seed, Point(seed, lengths.size), statement.hints)
    effort = Effort(statement.share(SEARCH_STEPS) // SWARMS)
    best: list[tuple[float, Any]] = []
    done = 0
    for generation in range(GENERATIONS):
        scores = _scores(statement, sizes, swarm, effort, generation % 2 == 0)
        if scores is None:
            break
        done += 1
        top = int(np.argmax(np.nan_to_num(scores, nan=-np.inf, neginf=-np.inf)))
        if np.isfinite(scores[top]) and scores[top] > 1e-12:
            best = [(float(scores[top]), swarm.exact(top)), *best]
            if len(best) == 1 or generation == GENERATIONS - 1 or scores[top] > 1e-6:
                _confirm(statement, search, sizes, best[0][1])
            if search.found is not None:
                return done
            if len(best) > FEW:
                break
        swarm.breed(scores)
    return done


def _nothing(tensor: Tensor, place: Place) -> Any:
    raise Undecidable("an entry where sizes alone are asked for")


def _scores(statement: Statement, sizes: Sizes, swarm: Swarm, effort: Effort, relative: bool) -> Floats | None:
    """By how much the claim fails at every point, at the worst place; None where floats cannot tell."""
    interpreter = Interpreter(FloatField(), sizes, swarm.entry, effort=effort)
    worst = np.full(COUNT, -np.inf)
    with np.errstate(all="ignore"):
        for env in _some(statement, interpreter):
            try:
                left, right = (interpreter.value(side, env) for side in (statement.left, statement.right))
            except Undefined:
                continue
            except (Undecidable, ShapeError, RecursionError):
                return None
            if left is HIDDEN or right is HIDDEN:
                continue
            worst = np.fmax(worst, _failure(left, statement.relation, right, relative) + np.zeros(COUNT))
    return worst if np.isfinite(worst).any() else None


def _failure(left: Any, relation: str, right: Any, relative: bool) -> Any:
    gap = left - right
    gap = np.abs(gap) if relation == "=" else gap if relation == "≤" else -gap
    size = np.abs(left) + np.abs(right)
    return gap / (size + 1e-300) if relative else np.where(np.abs(gap) < 1e-13 * size, 0, gap)


def _some(statement: Statement, interpreter: Interpreter) -> Iterator[dict[Any, int]]:
    places = list(statement.places(interpreter))
    return iter(places if len(places) <= PLACES else places[:: -(-len(places) // PLACES)])


def _confirm(statement: Statement, search: Search, sizes: Sizes, point: Any) -> None:
    """Takes a point as a counterexample if balls say so."""
    balls = BallField()

    def inputs(tensor: Tensor, place: Place) -> Any:
        number = point(tensor, place)
        return balls.number(sympy.Rational(number.numerator, number.denominator))

    effort = Effort(BEYOND_STEPS)
    interpreter = Interpreter(balls, sizes, inputs, effort=effort)
    try:
        if statement.admits(interpreter):
            _take(search, broken(statement, interpreter, sizes), effort)
    except (Undecidable, ShapeError, RecursionError):
        return
