"""Sums of squares: whether a polynomial in atoms is a square form of products of them that is nowhere negative.

A term is the square of a product m if every factor that may be negative stands in it to an even power. Every other term
must be a product m m′ of two of these; then the polynomial is mᵀ G m, and G is looked at exactly, by symmetric
elimination: it is positive semidefinite where every pivot is positive, or 0 with nothing beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

from symformer.proof.normal.arithmetic import term_of
from symformer.proof.normal.atoms import Atom, Poly, Term

MOST_SQUARES = 16


def sum_of_squares(poly: Poly, positive: Callable[[Atom], bool]) -> bool:
    """Whether it is visibly a sum of squares, with factors that are declared positive to any power."""
    roots = [found for term in poly if (found := _root(term, positive)) is not None]
    if not 0 < len(roots) <= MOST_SQUARES:
        return False
    place = {term: at for at, term in enumerate(roots)}
    form = [[Fraction(0)] * len(roots) for _ in roots]
    products: dict[Term, tuple[int, int]] = {}
    for one, two in combinations(roots, 2):
        products.setdefault(_times(one, two), (place[one], place[two]))
    for term, value in poly.items():
        root = _root(term, positive)
        at = products.get(term) if root is None or value < 0 else None
        if at is not None:
            form[at[0]][at[1]] += value / 2
            form[at[1]][at[0]] += value / 2
        elif root is not None:
            form[place[root]][place[root]] += value
        else:
            return False
    return semidefinite(form)


def semidefinite(form: list[list[Fraction]]) -> bool:
    """Whether a symmetric matrix of fractions is positive semidefinite."""
    if not form:
        return True
    pivot, *row = form[0]
    if pivot < 0 or (pivot == 0 and any(row)):
        return False
    rest = [line[1:] for line in form[1:]]
    if pivot:
        lines = zip(rest, row, strict=True)
        rest = [[value - one * two / pivot for value, two in zip(line, row, strict=True)] for line, one in lines]
    return semidefinite(rest)


def _root(term: Term, positive: Callable[[Atom], bool]) -> Term | None:
    """What a term is the square of."""
    if not all(power % 2 == 0 or positive(atom) for atom, power in term):
        return None
    return tuple((atom, power / 2) for atom, power in term)


def _times(one: Term, two: Term) -> Term:
    powers = dict(one)
    for atom, power in two:
        powers[atom] = powers.get(atom, Fraction(0)) + power
    return term_of({atom: power for atom, power in powers.items() if power})
