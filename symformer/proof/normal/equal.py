"""The proof that two sides are equal for every size: the difference of their normal forms is zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from sympy import Expr, Symbol

from symformer.calculus import NoDerivative
from symformer.notation import Indicator, Written, substitute
from symformer.proof.normal.atoms import Poly
from symformer.proof.normal.cases import Relation, vanishes
from symformer.proof.normal.ends import by_ends
from symformer.proof.normal.form import MOST_SPELLED, Form, spelled
from symformer.proof.normal.indices import GiveUp
from symformer.proof.normal.quotients import cleared

MOST_TOLD = 4  # instances of what is assumed


@dataclass(frozen=True)
class Proof:
    """A proof for every size: the normal form of the left side, where both are defined, and whether cases were told."""

    form: Poly
    conditions: tuple[str, ...]
    by_cases: bool = False
    steps: tuple[str, ...] = ()  # of an inequality


def prove(
    left: Written,
    right: Written,
    spans: Mapping[str, Expr] | None = None,
    known: Sequence[Expr] = (),
    assumed: Sequence[Indicator] = (),
) -> Proof | str:
    """A proof that left = right for every size, wherever both sides are defined; or why there is none.

    The difference of the normal forms is multiplied by every negative power that it holds, until none is left; it is
    0 where the polynomial that then stands there has no term, or none in every case of a comparison, or none where sums
    are told by their ends. Free indices of a few values are tried one by one.

    Args:
        left: one side.
        right: the other.
        spans: what the free indices run over, by name.
        known: polynomials in sizes that are assumed to be at least 0.
        assumed: relations of inputs that are assumed.
    """
    try:
        form = Form(spans, known)
        one: Poly = {}
        by_cases = False
        for left_at, right_at in zip(*(_cases(side, spans or {}) for side in (left, right)), strict=True):
            one, two = form.of(left_at), form.of(right_at)
            rest, lifted = cleared(form.algebra, form.algebra.minus(one, two))
            by_cases = by_cases or bool(rest)
            if rest and not _vanishes(form, rest, {atom.key[1:-1] for atom, _ in lifted}, assumed, spans or {}):
                terms = "one term is" if len(rest) == 1 else f"{len(rest)} terms are"
                return f"{terms} left of the difference of the normal forms"
        return Proof(one, form.conditions, by_cases)
    except (GiveUp, NoDerivative) as reason:
        return str(reason)
    except RecursionError:
        return "too deeply nested"


def _vanishes(
    form: Form, rest: Poly, divided: set[str], assumed: Sequence[Indicator], spans: Mapping[str, Expr]
) -> bool:
    """Whether the difference is 0 with sums told by their ends, or by cases."""
    notes: set[str] = set()
    ended = rest
    if any(atom.kind == "sum" for term in rest for atom, _ in term):
        ended, _ = cleared(form.algebra, by_ends(form.algebra, rest, notes, divided))
        if not ended:
            form.noted |= notes
            return True
    known = list(told(form, assumed, spans))
    if vanishes(form.algebra, rest, known):
        return True
    form.noted |= notes
    return ended != rest and vanishes(form.algebra, ended, known)


def told(form: Form, assumed: Sequence[Indicator], spans: Mapping[str, Expr]) -> Iterator[Relation]:
    """What is assumed of inputs, at the free indices that run over the same ranges."""
    for relation in assumed:
        choices = [
            [Symbol(name, integer=True) for name, size in spans.items() if size == found.size]
            for found in relation.ranges.values()
        ]
        for letters in islice(product(*choices), MOST_TOLD):
            at = dict(zip(relation.ranges, letters, strict=True))
            one, two = (form.of(substitute(kid, at)) for kid in relation.kids)
            sign = {"<": -1, "≤": -1}.get(relation.relation, 1)
            kind = {"<": ">", ">": ">", "≤": "≥", "≥": "≥", "=": "="}.get(relation.relation)
            if kind is not None:
                yield form.algebra.scale(form.algebra.minus(one, two), sign), kind


def _cases(node: Written, spans: Mapping[str, Expr]) -> list[Written]:
    """The expression at every value of the free indices that have few."""
    found = [node]
    for name, size in spans.items():
        if size.is_Integer and size <= MOST_SPELLED:
            index = Symbol(name, integer=True)
            found = [at for one in found for at in spelled(one, index, int(size))]
    return found
