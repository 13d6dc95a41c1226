"""Sums in index notation: a contraction, sums of the terms of what is summed, or a sum over a label such as a head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sympy import Expr, Symbol

from symformer.display.compound import Repeated, Total
from symformer.display.factors import Factor
from symformer.display.matrices import Index, Matrix
from symformer.display.named import Declined
from symformer.display.network import Network
from symformer.display.parts import chooses
from symformer.notation import Add, Neg, Sum, Written, summed

Bound = Mapping[Symbol, Expr]


class Rules(Protocol):
    """What a sum asks of the recogniser."""

    def form(self, node: Written, at: Index, to: Index) -> Matrix: ...

    def factors(self, node: Written) -> list[Factor]: ...

    def within(self, sizes: Bound, labels: frozenset[Symbol] = frozenset()) -> Rules: ...

    def size(self, letter: Symbol) -> Expr: ...

    def between(self, network: Network, at: Index, to: Index) -> Matrix: ...


def summed_form(rules: Rules, node: Sum, at: Index, to: Index) -> Matrix:
    """The form of a sum.

    Raises:
        Declined: it has none.
    """
    bound, body = _flattened(node)
    if isinstance(body, Neg):
        return Total(((rules.form(_over(bound, body.kids[0]), at, to), True),))
    try:
        return _contraction(rules.within(bound), body, bound, at, to)
    except Declined:
        pass
    if isinstance(body, Add):
        try:
            return rules.form(Add(tuple(_summed_term(bound, kid) for kid in body.kids)), at, to)
        except Declined:
            pass
    return _labelled(rules, bound, body, at, to)


def _contraction(inside: Rules, body: Written, bound: Bound, at: Index, to: Index) -> Matrix:
    outer = [letter for letter in (at, to) if letter is not None]
    factors, bound = _inlined(inside, inside.factors(body), bound, frozenset(outer))
    order = [letter for letter in (at, *bound, to) if letter is not None]
    network = Network(order, {letter: bound.get(letter, inside.size(letter)) for letter in order})
    for factor in factors:
        network.add(factor)
    network.contract(tuple(bound))
    return inside.between(network, at, to)


def _inlined(rules: Rules, factors: list[Factor], bound: Bound, taken: frozenset[Symbol]) -> tuple[list[Factor], Bound]:
    """Sums among the factors that have too many letters for a matrix, in one network with the others."""
    out: list[Factor] = []
    for factor in factors:
        if len(factor.letters) > 2 and isinstance(factor.node, Sum) and not factor.inverse:
            more, body = _flattened(factor.node)
            if more.keys() & (bound.keys() | taken):
                raise Declined
            inner = rules.within(more)
            found, bound = _inlined(inner, inner.factors(body), {**bound, **more}, taken)
            out += found
        else:
            out.append(factor)
    return out, bound


def _labelled(rules: Rules, bound: Bound, body: Written, at: Index, to: Index) -> Matrix:
    """Σ over the first letter that chooses one of several matrices of the sum over the others."""
    for label, size in bound.items():
        rest = {letter: other for letter, other in bound.items() if letter != label}
        try:
            form = rules.within({label: size}, frozenset({label})).form(_over(rest, body), at, to)
        except Declined:
            continue
        if chooses(form, label, 1):
            return Repeated(label, size, form)
    raise Declined


def _flattened(node: Sum) -> tuple[dict[Symbol, Expr], Written]:
    """The letters of sums that stand directly in one another, and what is summed."""
    bound: dict[Symbol, Expr] = {}
    body: Written = node
    while isinstance(body, Sum) and body.index not in bound:
        bound[body.index] = body.size
        body = body.body
    return bound, body


def _over(bound: Bound, body: Written) -> Written:
    """The sum over letters, the first one outermost."""
    return summed(body, bound.items())


def _summed_term(bound: Bound, term: Written) -> Written:
    return Neg((_over(bound, term.kids[0]),)) if isinstance(term, Neg) else _over(bound, term)
