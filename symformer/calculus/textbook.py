"""From what reverse mode finds to what a textbook prints: named rewrites, one row each, for the judge to look at.

A rewrite here need not be proved where it stands: each row is judged against the one before it. What they are for is
brevity: a cotangent of a row's statistic goes into what uses it, a definition that stands written out gets its name
back, a sum that is known gets its value, and common factors are factored out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sympy import Expr, Symbol

from symformer.calculus.closing import DEEPEST, closed, put_in, put_sum
from symformer.calculus.folding import Known, folded, shares
from symformer.calculus.names import Names
from symformer.calculus.terms import Letters, Poly, Term, free_in, product
from symformer.calculus.tidy import collected, components, same, taken_out, written
from symformer.notation import BoundIndex, Domain, Element, Written, substitute, walk
from symformer.programs import Computed, DefinedTensor, Definition
from symformer.typeset import Box

Reason = tuple[str | Written | Box, ...]
DEFINITION = "definition of "
PLACES = tuple(BoundIndex(letter) for letter in "ijklmnpqrst")  # what the rows of a sum are called to compare sums
LONGEST = 60  # nodes of a cotangent that takes others in


class Row(NamedTuple):
    """A polynomial, why it equals the one before, and the definitions that this rests on."""

    poly: Poly
    reason: Reason
    uses: tuple[Computed, ...] = ()


class Handed(NamedTuple):
    """A cotangent that was found: at the letters of its tensor, with what gave a name to a part of its definition."""

    tensor: Computed
    poly: Poly
    named: tuple[Computed, ...] = ()


@dataclass
class Textbook:
    """The rewrites, and what they know.

    Attributes:
        known: definitions of the program, whose names come back where they stand written out.
        names: names that are free.
        named: digests of all cotangents so far, those that were given too.
        cotangents: what was found so far, by digest: it may be put in for its name.
        row_sums: the sums over rows that have a name, by what they are.
    """

    known: Known
    names: Names
    named: set[str] = field(default_factory=set)
    cotangents: dict[str, Handed] = field(default_factory=dict)
    row_sums: dict[str, Computed] = field(default_factory=dict)

    def rows(self, raw: Poly) -> list[Row]:
        """The way from a raw cotangent to its textbook form; the last row is that form, not yet factored."""
        plain = list(self._simplified(raw))
        short = plain[-1].poly if plain else raw
        inlined = list(self._inlined(short))
        if not inlined:
            return plain
        simplified = list(self._simplified(inlined[-1].poly))
        if len(short) == 1 and not short[0].bound and not simplified:
            return plain  # dS = dT (1 − tanh²) says all; dT written out in it says it twice
        rows = [*plain, *inlined, *simplified]
        return rows if self._is_better(short, rows[-1].poly) else plain

    def _is_better(self, short: Poly, long: Poly) -> bool:
        """Whether a cotangent reads better with others put in: it is no longer, and a sum over one of them closes."""
        users = self._users(short)
        summed = len(short) == 1 and bool(short[0].bound)
        if summed and len(long) >= sum(len(user.poly) for user in users):
            return False
        used = sum(size(written(user.poly)) for user in users)
        return size(taken_out(long)) <= min(LONGEST, size(written(short)) + used)

    def row_sum(self, poly: Poly, letters: Letters) -> Row | None:
        """The sum over a row in `P dP − P Σ P dP` under a name of its own, as FlashAttention has it."""
        split = [components(term) for term in poly]
        sums = [parts for _, parts in split if parts]
        if len(poly) != 2 or len(sums) != 1 or len(sums[0]) != 1 or any(outside.under for outside, _ in split):
            return None
        (part,) = sums[0]
        own = free_in(part)
        rows = tuple((letter, size) for letter, size in letters if letter in own)
        if contracts(part) or not rows or len(rows) == len(letters):
            return None
        indices, shape = zip(*rows, strict=True)
        named = self._sum_named(indices, shape, written((part,)))
        new = tuple(product((outside, Term(over=(named.entry,)))) if parts else outside for outside, parts in split)
        return Row(new, ("write ", named.entry, " for the sum over the row"), (named,))

    def _sum_named(self, indices: tuple[Symbol, ...], shape: tuple[Expr, ...], body: Written) -> Computed:
        """A sum over a row under its name: one that has a name already, in whatever letters, keeps it."""
        digest = substitute(body, {letter: PLACES[place] for place, letter in enumerate(indices)}).digest
        if digest not in self.row_sums:
            name = self.names.free("D")
            self.row_sums[digest] = DefinedTensor(name, shape, Domain(), Definition(indices, body))
        return self.row_sums[digest]

    def _simplified(self, poly: Poly) -> Iterator[Row]:
        for rewrite in (self._collect, self._fold, self._share, self._close, self._collect):
            for found in rewrite(poly):
                if found.poly != poly and not same(written(found.poly), written(poly)):
                    poly = found.poly
                    yield found

    def _collect(self, poly: Poly) -> Iterator[Row]:
        yield Row(collected(poly), ("equal factors cancel",))

    # -- cotangents put in ------------------------------------------------------------------------------------------

    def _users(self, poly: Poly) -> list[Handed]:
        """The cotangents that a polynomial takes in: those that hold a sum over a row, but no matrix product.

        One that stands alone, as where two branches meet, keeps its name, unless others are made of the same.
        """
        found: dict[str, Handed] = {}
        for place, term in enumerate(poly):
            rest = (*poly[:place], *poly[place + 1 :])
            for factor in term.over if not contracts(term) else ():
                if isinstance(factor, Element) and factor.tensor.digest in self.cotangents:
                    user = self.cotangents[factor.tensor.digest]
                    summed = any(components(one)[1] for one in user.poly) and not any(map(contracts, user.poly))
                    if summed and (term != Term(over=(factor,)) or self._akin(user, rest)):
                        found[user.tensor.digest] = user
        return list(found.values())

    def _akin(self, user: Handed, rest: Poly) -> bool:
        """Whether the rest of a polynomial reads a cotangent, or is made of one that it is made of."""
        own = {user.tensor.digest, *_read(user.poly)}
        others = [self.cotangents[digest].poly for digest in _read(rest) if digest in self.cotangents]
        return bool(own & _read(rest).union(*map(_read, others)) & self.named)

    def _inlined(self, poly: Poly) -> Iterator[Row]:
        for _ in range(DEEPEST):
            users = self._users(poly)
            for tensor, inner, named in users:
                poly = collected(tuple(new for term in poly for new in put_in(term, tensor, inner)))
                yield Row(poly, (DEFINITION, tensor.entry), (tensor, *named))
            if not users:
                return

    # -- definitions by their names ---------------------------------------------------------------------------------

    def _fold(self, poly: Poly) -> Iterator[Row]:
        place = self.known.after(-1, poly)
        while place is not None:
            statement, before = self.known.statements[place], poly
            new = tuple(folded(term, statement) for term in poly)
            while new != poly:
                poly, new = new, tuple(folded(term, statement) for term in new)
            if poly != before:
                yield Row(poly, (DEFINITION, statement.entry), (statement,))
            place = self.known.after(place, poly)

    def _share(self, poly: Poly) -> Iterator[Row]:
        """A softmax that has no name gets one."""
        for term in poly:
            found = shares(term)
            if found is not None:
                share = DefinedTensor(self.names.free("p"), found.shape, Domain(), found.definition)
                self.known.add(share)
                named = tuple(folded(one, share) for one in poly)
                yield Row(named, ("write ", share.entry, " for the softmax"), (share,))
                return

    # -- sums that close --------------------------------------------------------------------------------------------

    def _close(self, poly: Poly) -> Iterator[Row]:
        for term in poly:
            for part in components(term)[1]:
                found = closed(part, self.known.rank)
                if found is not None:
                    poly = collected(tuple(new for one in poly for new in put_sum(one, part, found.value)))
                    yield Row(poly, (written((part,)), f" is {found.value}"), found.opened)


def _read(poly: Poly) -> set[str]:
    """Digests of the tensors that a polynomial reads."""
    parts = (part for term in poly for factor in (*term.over, *term.under) for part in walk(factor))
    return {part.tensor.digest for part in parts if isinstance(part, Element)}


def contracts(term: Term) -> bool:
    """Whether a term holds a matrix product: a sum of factors none of which carries all of its free letters."""
    for part in components(term)[1]:
        bound = {letter for letter, _ in part.bound}
        free = [{s for s in factor.free if not s.is_positive} - bound for factor in part.over]
        if len(part.over) > 1 and not any(own == set().union(*free) for own in free):
            return True
    return False


def size(node: Written) -> int:
    """How many nodes an expression has."""
    return sum(1 for _ in walk(node))
