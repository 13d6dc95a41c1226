"""Sums that close: the shares of a softmax sum to 1, what is centred sums to 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from symformer.calculus.terms import Poly, Term, expanded, product, renamed, renewed
from symformer.calculus.tidy import collected, components, same, written
from symformer.notation import Element, Tensor
from symformer.programs import Computed

DEEPEST = 4  # definitions that are opened to see that a sum closes


class Closed(NamedTuple):
    """What a sum is, and the definitions that were opened to see it."""

    value: int
    opened: tuple[Computed, ...]


def put_in(term: Term, tensor: Tensor, inner: Poly) -> Poly:
    """A term with a definition in place of its name; one that does not hold it stays as it is."""
    for place, factor in enumerate(term.over):
        if isinstance(factor, Element) and factor.tensor == tensor:
            rest = term._replace(over=(*term.over[:place], *term.over[place + 1 :]))
            values = dict(zip(tensor.origin.indices, factor.kids, strict=True))
            return tuple(product((rest, renamed(renewed(one), values))) for one in inner)
    return (term,)


def closed(part: Term, rank: Mapping[str, int]) -> Closed | None:
    """The number that a sum of one entry is, whatever the inputs are: 1 for shares, 0 for what is centred.

    Args:
        part: the sum.
        rank: the place of each definition in its program: the last one is opened first, in all terms at once.
    """
    if len(part.over) != 1 or part.under or not isinstance(part.over[0], Element) or len(part.bound) != 1:
        return None
    entry, letter = part.over[0], part.bound[0][0]
    if entry.tensor.domain.kind == "simplex" and entry.symbols[-1] == letter:
        return Closed(1, ())
    poly: Poly = (part,)
    opened: list[Computed] = []
    for _ in range(DEEPEST):
        found = [one.tensor for term in poly for one in term.over if isinstance(one, Element)]
        last = max((one for one in found if one.digest in rank), key=lambda one: rank[one.digest], default=None)
        if not isinstance(last, Computed):
            return None
        opened.append(last)
        poly = collected(tuple(new for term in poly for new in put_in(term, last, expanded(last.origin.body))))
        if not poly:
            return Closed(0, tuple(opened))
        if poly == (Term(),):
            return Closed(1, tuple(opened))
    return None


def put_sum(term: Term, part: Term, value: int) -> Poly:
    """A term with a number in place of a sum."""
    outside, parts = components(term)
    for place, own in enumerate(parts):
        if same(written((own,)), written((part,))):
            rest = (*parts[:place], *parts[place + 1 :])
            return (product((outside._replace(number=outside.number * value), *rest)),)
    return (term,)
