"""Probabilities that multiply what is divided by them: p_i · (y_i/p_i) is y_i, also where p_i is too small for a float.

The gradient of Σ y_i log p_i by the scores of a softmax p is p_i (dp_i − Σ_k p_k dp_k) with dp_i = y_i/p_i. In real
numbers p_i is positive and goes; in floating point it may be 0, and 0 · (y_i/0) is no number.
"""

from __future__ import annotations

from collections.abc import Callable

from symformer.notation import Add, Div, Element, Mul, Neg, Where, Written
from symformer.programs import definition_at, is_defined

MOST_OPENED = 6  # definitions one in the other


def cancelled(node: Mul, positive: Callable[[Written], bool]) -> Written | None:
    """A product without a positive entry that another factor is divided by; None where there is none.

    Args:
        node: the product.
        positive: which entries are positive as real numbers, however small.
    """
    for place, factor in enumerate(node.kids):
        if isinstance(factor, Element) and positive(factor):
            others = [*node.kids[:place], *node.kids[place + 1 :]]
            for where, other in enumerate(others):
                found = _times(other, factor)
                if found is not None:
                    others[where] = found
                    return others[0] if len(others) == 1 else Mul(tuple(others))
    return None


def _times(node: Written, factor: Element, depth: int = 0) -> Written | None:
    """`factor` times a node in which it cancels, at least in one term; None where it does not."""
    match node:
        case Element() if depth < MOST_OPENED and node != factor and _transparent(node):
            return _times(definition_at(node), factor, depth + 1)
        case Div():
            return _times_quotient(node, factor, depth)
        case Neg():
            inner = _times(node.kids[0], factor, depth)
            return None if inner is None else Neg((inner,))
        case Mul():
            found = [_times(kid, factor, depth) for kid in node.kids]
            for place, one in enumerate(found):
                if one is not None:
                    return node.rebuild((*node.kids[:place], one, *node.kids[place + 1 :]))
        case Add():
            return _in_terms(node, node.kids, factor, depth)
        case Where():
            return _in_terms(node, node.kids[1:], factor, depth)
    return None


def _times_quotient(node: Div, factor: Element, depth: int) -> Written | None:
    above, below = node.kids
    if below == factor:
        return above
    if isinstance(below, Mul) and factor in below.kids:
        place = below.kids.index(factor)
        rest = (*below.kids[:place], *below.kids[place + 1 :])
        return Div((above, rest[0] if len(rest) == 1 else Mul(rest)))
    inner = _times(above, factor, depth)
    return None if inner is None else Div((inner, below))


def _in_terms(node: Written, terms: tuple[Written, ...], factor: Element, depth: int) -> Written | None:
    """Every term times the factor, if it cancels in one of them."""
    found = [_times(term, factor, depth) for term in terms]
    if all(one is None for one in found):
        return None
    new = tuple(factor * term if one is None else one for one, term in zip(found, terms, strict=True))
    return node.rebuild((*node.kids[: len(node.kids) - len(terms)], *new))


def _transparent(node: Element) -> bool:
    return is_defined(node.tensor) and node.tensor.origin.definition.guard is None
