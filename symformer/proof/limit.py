"""The witnesses of `≈` and `→`, each an argument: degrees, continuity, Taylor coefficients, Gruntz's algorithm.

- A quotient of polynomials vanishes, or not, by its degrees: a proof either way.
- A composition of continuous functions that is defined at the end goes to its value there, and an error is of order k
  where its first k Taylor coefficients are 0: the equations at the end are judged like any other, either way.
- What is none of these is asked of SymPy's `limit` (Gruntz 1996) with numbers for all else: `checked` at those.

What no argument reaches is open: points on the way prove nothing (cos(2πn/8) is 1 at 8, 16, 32 and 64).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symformer.notation import Tensor, Written, lift
from symformer.proof.continuity import Smooth
from symformer.proof.gruntz import checked_by_gruntz
from symformer.proof.normal import vanishes
from symformer.proof.statement import Statement
from symformer.proof.toward import Toward
from symformer.proof.verdict import ORDER, Verdict

MOST_ORDER = 8
Equal = Callable[[Written, Written], Verdict]


def judge_limit(statement: Statement, claim: Toward, equal: Equal) -> Verdict:
    """The verdict on `left ≈ right` or `left → right`.

    Args:
        statement: the sides.
        claim: the limit, and what is dropped.
        equal: judges an equation.
    """
    left, right = statement.left, statement.right
    if statement.relation == "→":
        return _tends(statement, claim, left, right, equal)
    if claim.dropped is not None:
        exact = equal(left, right + claim.dropped)
        if exact.kind in ("refuted", "open"):
            return exact
        small = _tends(statement, claim, claim.dropped / right, lift(0), equal, by_degrees=(claim.dropped, right))
        return _weaker(exact, small)
    return _of_order(statement, claim, equal)


def _weaker(one: Verdict, two: Verdict) -> Verdict:
    """What two verdicts are worth together."""
    conditions = [*one.data.get("conditions", ()), *two.data.get("conditions", ())]
    data = {**one.data, **two.data, "conditions": list(dict.fromkeys(conditions))}
    return Verdict(min(one.kind, two.kind, key=ORDER.index), f"{one.evidence}; {two.evidence}", data)


def _tends(
    statement: Statement,
    claim: Toward,
    left: Written,
    right: Written,
    equal: Equal,
    by_degrees: tuple[Written, Written] | None = None,
) -> Verdict:
    """Whether left goes to right."""
    if (runs := _runs(statement, claim)) is not None:
        return runs
    over, under = by_degrees or (left - right, lift(1))
    found = _by_degrees(statement, claim, over, under, bounded=False)
    if isinstance(found, Verdict):
        return found
    smooth = Smooth.of(claim, left, right)
    if smooth is not None:
        at_end = equal(*smooth.at_end)
        if at_end.kind != "open":
            words = f"continuous as {_goes(claim)}, and at the end {at_end.evidence}"
            return replace(at_end, evidence=words, data={**at_end.data, "limit": _goes(claim)})
    return checked_by_gruntz(statement, claim, left, right, found)


def _by_degrees(statement: Statement, claim: Toward, over: Written, under: Written, *, bounded: bool) -> Verdict | str:
    """Whether over/under vanishes, or stays bounded, by its degrees; or why they do not tell."""
    spans = {str(index): size for index, size in statement.free.items()}
    if isinstance(claim.variable, Tensor) and claim.variable.shape:
        return f"{claim.variable.name} has axes"
    known = vanishes(over, under, claim.variable, claim.end, bounded=bounded, spans=spans)
    if isinstance(known, str):
        return known
    goes, conditions = "stays bounded" if bounded else "vanishes", list(known.conditions)
    words = f"by its degree in {claim.variable.name}, what is left {goes if known.holds else 'does not vanish'}"
    words += f" as {_goes(claim)}" + (f", where {' and '.join(conditions)}" if conditions else "")
    data = {"limit": _goes(claim), "conditions": conditions}
    return Verdict("proved" if known.holds else "refuted", words, data)


def _of_order(statement: Statement, claim: Toward, equal: Equal) -> Verdict:
    """Whether the error is of the order that is claimed."""
    assert claim.order is not None
    if (runs := _runs(statement, claim)) is not None:
        return runs
    left, right = statement.left, statement.right
    found = _by_degrees(statement, claim, left - right, _power(claim), bounded=True)
    if isinstance(found, Verdict):
        return found
    smooth = Smooth.of(claim, left, right)
    if smooth is None or not 0 < claim.order <= MOST_ORDER:
        return Verdict("open", f"no argument for the order of the error: {found}", {"limit": _goes(claim)})
    best: Verdict | None = None
    for number in range(claim.order):
        sides = smooth.coefficient(number)
        one = equal(*sides) if sides is not None else Verdict("open", "no derivative of that order")
        if one.kind in ("open", "refuted"):
            words = f"Taylor coefficient {number} of the error as {_goes(claim)}: {one.evidence}"
            return replace(one, evidence=words, data={**one.data, "limit": _goes(claim)})
        best = one if best is None else _weaker(best, one)
    assert best is not None
    words = f"the first {claim.order} Taylor coefficients of the two sides agree as {_goes(claim)}"
    conditions = best.data.get("conditions", [])
    words += f", where {' and '.join(conditions)}" if conditions else ""
    return Verdict(best.kind, words, {"limit": _goes(claim), "conditions": conditions})


def _runs(statement: Statement, claim: Toward) -> Verdict | None:
    """What is said of a claim one of whose free indices runs over the variable: i/n does not go to 0 for i = n."""
    if not any(claim.variable in size.free_symbols for size in statement.free.values()):
        return None
    return Verdict("open", f"an index runs over {claim.variable.name}: no argument for all of its values")


def _goes(claim: Toward) -> str:
    return f"{claim.variable.name} → {claim.end}"


def _power(claim: Toward) -> Written:
    """The variable to the order that is claimed; turned over where it grows."""
    assert claim.order is not None
    variable = claim.variable[()] if isinstance(claim.variable, Tensor) and not claim.variable.shape else claim.variable
    if isinstance(variable, Tensor):
        return lift(1)
    power = lift(variable) ** claim.order
    return power if claim.end == "0" else lift(1) / power
