"""Sums of products: what a cotangent is while it is worked out.

A term is a number, factors, divisors and the letters that are summed over; a polynomial is several terms. Products keep
the order in which they were met, so that what comes out reads as an author would have written it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from sympy import Expr, Symbol

from symformer.notation import Add, Const, Div, Mul, Neg, Pow, Sum, Var, Written, loose_symbols, substitute

Letters = tuple[tuple[Symbol, Expr], ...]
POOL = tuple(Symbol(name, integer=True) for name in "ijklabcfghpqrst")


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
            inner = [apart(term, {node.index}) for term in expanded(node.body)]
            return tuple(term._replace(bound=((node.index, node.size), *term.bound)) for term in inner)
    return (factors_of(node),)


def multiplied(left: Poly, right: Poly) -> Poly:
    """Every term with every term, their bound letters kept apart."""
    out = []
    for one in left:
        for other in right:
            two = apart(other, letters_in(one))
            out.append(product((apart(one, letters_in(two)), two)))
    return tuple(out)


def product(terms: Iterable[Term]) -> Term:
    """The product of terms whose bound letters differ."""
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


@lru_cache(maxsize=1 << 16)
def loose(factor: Written) -> frozenset[Symbol]:
    """The letters and sizes that are not bound in a factor."""
    return frozenset(loose_symbols(factor))


def letters_in(term: Term) -> set[Symbol]:
    """The letters and sizes of a term, those that it sums over too."""
    own = {letter for letter, _ in term.bound}
    return own.union(*(loose(factor) for factor in (*term.over, *term.under)))


def renamed(term: Term, values: Mapping[Symbol, Written]) -> Term:
    """The factors at other letters; what the term sums over stays as it is."""

    def moved(factor: Written) -> Written:
        own = {old: new for old, new in values.items() if old in loose(factor)}
        return substitute(factor, own) if own else factor

    return term._replace(over=tuple(map(moved, term.over)), under=tuple(map(moved, term.under)))


def apart(term: Term, taken: set[Symbol], wanted: Sequence[Symbol] = ()) -> Term:
    """The term with bound letters that are not taken."""
    changed: dict[Symbol, Symbol] = {}
    for letter, _ in term.bound:
        if letter in taken:
            changed[letter] = free_letter(taken | letters_in(term) | set(changed.values()), wanted)
    if not changed:
        return term
    bound = tuple((changed.get(letter, letter), size) for letter, size in term.bound)
    return renamed(term, {old: Var((), (new,)) for old, new in changed.items()})._replace(bound=bound)


def free_letter(taken: set[Symbol], wanted: Sequence[Symbol] = ()) -> Symbol:
    """A letter that is not taken: one of those that are wanted, else a common one."""
    spare = (Symbol(f"k_{number}", integer=True) for number in range(1, len(taken) + 2))
    return next(letter for letter in (*wanted, *POOL, *spare) if letter not in taken)
