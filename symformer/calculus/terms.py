"""Sums of products: what a cotangent is while it is worked out.

A term is a number, factors, divisors and the letters that are summed over; a polynomial is several terms. Products keep
the order in which they were met, so that what comes out reads as an author would have written it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from sympy import Expr, Symbol

from symformer.notation import Add, Const, Div, Mul, Neg, Pow, Sum, Var, Written, fresh

Letters = tuple[tuple[Symbol, Expr], ...]


class Term(NamedTuple):
    """number · Σ over the bound letters of the product of `over`, divided by the product of `under`."""

    number: Fraction = Fraction(1)
    over: tuple[Written, ...] = ()
    under: tuple[Written, ...] = ()
    bound: Letters = ()


Poly = tuple[Term, ...]


def factors_of(node: Written) -> Term:
    """The factors of a product, a fraction or a whole power; anything else is one factor."""
    match node:
        case Const() if node.value.is_Rational:
            return Term(Fraction(int(node.value.p), int(node.value.q)))
        case Neg():
            inner = factors_of(node.kids[0])
            return inner._replace(number=-inner.number)
        case Mul():
            return product(map(factors_of, node.kids))
        case Div():
            return product((factors_of(node.kids[0]), inverse(factors_of(node.kids[1]))))
        case Pow() if isinstance(node.kids[1], Const) and node.kids[1].value in (2, 3, 4):
            return product([factors_of(node.kids[0])] * int(node.kids[1].value))
    return Term(over=(node,))


def expanded(node: Written) -> Poly:
    """An expression as a sum of products: sums are distributed over, and opened where they stand alone."""
    match node:
        case Add():
            return tuple(term for kid in node.kids for term in expanded(kid))
        case Neg():
            return tuple(term._replace(number=-term.number) for term in expanded(node.kids[0]))
        case Mul():
            terms: Poly = (Term(),)
            for kid in node.kids:
                terms = multiplied(terms, expanded(kid))
            return terms
        case Div():
            return multiplied(expanded(node.kids[0]), (inverse(factors_of(node.kids[1])),))
        case Sum():
            index, body = node.open()
            return tuple(term._replace(bound=((index, node.size), *term.bound)) for term in expanded(body))
    return (factors_of(node),)


def multiplied(left: Poly, right: Poly) -> Poly:
    """Every term with every term."""
    return tuple(product((one, other)) for one in left for other in right)


def product(terms: Iterable[Term]) -> Term:
    """The product of terms, none of which has the bound indices of another."""
    number = Fraction(1)
    over: list[Written] = []
    under: list[Written] = []
    bound: list[tuple[Symbol, Expr]] = []
    for term in terms:
        number *= term.number
        over += term.over
        under += term.under
        bound += term.bound
    return Term(number, tuple(over), tuple(under), tuple(bound))


def inverse(term: Term) -> Term:
    """One divided by a term without sums."""
    return Term(1 / term.number, term.under, term.over)


def renamed(term: Term, values: Mapping[Symbol, Written]) -> Term:
    """The factors at other indices; what the term sums over stays as it is."""
    over, under = (tuple(factor.at(values) for factor in side) for side in (term.over, term.under))
    return term._replace(over=over, under=under)


def renewed(term: Term) -> Term:
    """The term with bound indices that no other term has: for one that is put in more than once."""
    values = {index: fresh(index) for index, _ in term.bound}
    bound = tuple((values[index], size) for index, size in term.bound)
    return renamed(term, {old: Var((), (new,)) for old, new in values.items()})._replace(bound=bound)


def free_in(term: Term) -> frozenset[Symbol]:
    """The indices and sizes of a term that it does not sum over."""
    own = {index for index, _ in term.bound}
    return frozenset[Symbol]().union(*(factor.free for factor in (*term.over, *term.under))) - own
