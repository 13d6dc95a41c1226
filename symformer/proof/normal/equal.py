"""The proof that two sides are equal for every size: the difference of their normal forms is zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from symformer.calculus import NoDerivative
from symformer.notation import Written
from symformer.proof.normal.atoms import Poly
from symformer.proof.normal.cases import vanishes
from symformer.proof.normal.form import MOST_SPELLED, Form, spelled
from symformer.proof.normal.indices import GiveUp
from symformer.proof.normal.quotients import cleared


@dataclass(frozen=True)
class Proof:
    """A proof for every size: the normal form of the left side, where both are defined, and whether cases were told."""

    form: Poly
    conditions: tuple[str, ...]
    by_cases: bool = False


def prove(
    left: Written, right: Written, spans: Mapping[str, Expr] | None = None, known: Sequence[Expr] = ()
) -> Proof | str:
    """A proof that left = right for every size, wherever both sides are defined; or why there is none.

    The difference of the normal forms is multiplied by every negative power that it holds, until none is left; it is
    0 where the polynomial that then stands there has no term, or none in every case of a comparison. Free indices of a
    few values are tried one by one.

    Args:
        left: one side.
        right: the other.
        spans: what the free indices run over, by name.
    """
    try:
        form = Form(spans, known)
        one: Poly = {}
        by_cases = False
        for left_at, right_at in zip(*(_cases(side, spans or {}) for side in (left, right)), strict=True):
            one, two = form.of(left_at), form.of(right_at)
            rest, _ = cleared(form.algebra, form.algebra.minus(one, two))
            by_cases = by_cases or bool(rest)
            if rest and not vanishes(form.algebra, rest):
                terms = "one term is" if len(rest) == 1 else f"{len(rest)} terms are"
                return f"{terms} left of the difference of the normal forms"
        return Proof(one, form.conditions, by_cases)
    except (GiveUp, NoDerivative) as reason:
        return str(reason)
    except RecursionError:
        return "too deeply nested"


def _cases(node: Written, spans: Mapping[str, Expr]) -> list[Written]:
    """The expression at every value of the free indices that have few."""
    found = [node]
    for name, size in spans.items():
        if size.is_Integer and size <= MOST_SPELLED:
            index = Symbol(name, integer=True)
            found = [at for one in found for at in spelled(one, index, int(size))]
    return found
