"""Definitions that stand written out in a cotangent, under their names again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sympy import Expr, Symbol

from symformer.calculus.terms import Poly, Term, factors_of
from symformer.calculus.tidy import place_of
from symformer.notation import Div, Element, Func, Sum, Written, match, substitute, walk
from symformer.programs import Computed, Definition


class Known:
    """Definitions whose names may come back, in the order of their program.

    One can stand written out only where all that it reads stands, too. It is looked for by that, so that the work for
    one cotangent does not grow with the program.
    """

    def __init__(self, statements: Iterable[Computed]) -> None:
        self.statements: list[Computed] = []
        self.rank: dict[str, int] = {}
        self._readers: dict[str, list[int]] = {}
        self._without_inputs: list[int] = []
        for statement in statements:
            self.add(statement)

    def add(self, statement: Computed) -> None:
        """One definition more."""
        place = self.rank[statement.digest] = len(self.statements)
        self.statements.append(statement)
        if not statement.origin.parents:
            self._without_inputs.append(place)
        for parent in statement.origin.parents:
            self._readers.setdefault(parent.digest, []).append(place)

    def after(self, last: int, poly: Poly) -> int | None:
        """The place of the next definition that may stand written out in a polynomial."""
        read = {part.tensor.digest for part in _parts(poly) if isinstance(part, Element)}
        places = {place for digest in read for place in self._readers.get(digest, ())}
        ready = [place for place in places if all(one.digest in read for one in self.statements[place].origin.parents)]
        return min((place for place in (*ready, *self._without_inputs) if place > last), default=None)


def _parts(poly: Poly) -> Iterator[Written]:
    """All nodes of all factors."""
    return (part for term in poly for factor in (*term.over, *term.under) for part in walk(factor))


def folded(term: Term, statement: Computed) -> Term:
    """A term with a definition that stands written out in it under its name."""
    pattern = factors_of(statement.origin.body)
    if pattern.number != 1:
        return term
    if len(pattern.over) + len(pattern.under) < 2:
        return _one_for_one(term, statement) if isinstance(statement.origin.body, Func) else term
    for factor in term.over:
        values = match(pattern.over[0], factor, frozenset(statement.indices)) if pattern.over else None
        if values is not None:
            left = _without(term, pattern, values) if len(values) == len(statement.indices) else None
            if left is not None:
                entry = Element(tuple(values[index] for index in statement.indices), (statement,))
                place = min(term.over.index(factor), len(left.over))
                return left._replace(over=(*left.over[:place], entry, *left.over[place:]))
    return term


def _one_for_one(term: Term, statement: Computed) -> Term:
    """A term with the value of a function under the name that a definition gives it."""

    def named(factor: Written) -> Written:
        values = match(statement.origin.body, factor, frozenset(statement.indices))
        if values is None or len(values) != len(statement.indices):
            return factor
        return Element(tuple(values[index] for index in statement.indices), (statement,))

    return term._replace(over=tuple(map(named, term.over)), under=tuple(map(named, term.under)))


class Shares(NamedTuple):
    """A softmax, as a definition that has no name yet."""

    shape: tuple[Expr, ...]
    definition: Definition


def shares(term: Term) -> Shares | None:
    """The softmax exp(x_j)/Σ_k exp(x_k) that a term holds written out."""
    for factor in term.over:
        for sum_ in term.under:
            if not isinstance(sum_, Sum) or not isinstance(factor, Func) or factor.name != "exp":
                continue
            if sum_.index in (match(sum_.body, factor, frozenset({sum_.index})) or {}):
                rows = tuple(sum_.ranges)
                index, body = sum_.lettered(frozenset(row.name for row in rows)).open()
                shape = (*(sum_.ranges[row].size for row in rows), sum_.size)
                return Shares(shape, Definition((*rows, index), Div((body, sum_))))
    return None


def _without(term: Term, pattern: Term, values: Mapping[Symbol, Written]) -> Term | None:
    sides: dict[str, list[Written]] = {"over": list(term.over), "under": list(term.under)}
    for side, left in sides.items():
        for factor in getattr(pattern, side):
            place = place_of(substitute(factor, values), left)
            if place is None:
                return None
            del left[place]
    return term._replace(over=tuple(sides["over"]), under=tuple(sides["under"]))
