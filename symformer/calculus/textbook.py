"""From what reverse mode finds to what a textbook prints: named rewrites, one row each, for the judge to look at.

A rewrite here need not be proved where it stands: each row is judged against the one before it. What they are for is
brevity: a cotangent of a row's statistic goes into what uses it, a definition that stands written out gets its name
back, a sum that is known closes, and what all terms share is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sympy import Expr, Symbol

from symformer.calculus.names import Names
from symformer.calculus.terms import (
    Letters,
    Poly,
    Term,
    apart,
    expanded,
    factors_of,
    free_letter,
    letters_in,
    loose,
    product,
    renamed,
)
from symformer.calculus.tidy import collected, components, place_of, same, taken_out, written
from symformer.notation import Div, Domain, Element, Func, Sum, Tensor, Var, Written, substitute, walk
from symformer.programs import Computed, DefinedTensor, Definition
from symformer.typeset import Box

Reason = tuple[str | Written | Box, ...]
Row = tuple[Poly, Reason]
LONGEST = 60  # nodes of a cotangent that takes others in
DEEPEST = 4  # definitions that are opened to see that a sum closes


@dataclass
class Textbook:
    """The rewrites, and what they know.

    Attributes:
        forward: definitions of the program, whose names come back where they stand written out.
        names: names that are free.
        cotangents: what was found so far, by digest, at the letters of its tensor: it may be put in for its name.
    """

    forward: tuple[Computed, ...]
    names: Names
    cotangents: dict[str, tuple[Tensor, Poly]] = field(default_factory=dict)

    @property
    def rank(self) -> dict[str, int]:
        """The place of each definition in the program."""
        return {statement.digest: place for place, statement in enumerate(self.forward)}

    def rows(self, raw: Poly) -> list[Row]:
        """The way from a raw cotangent to its textbook form; the last row is that form, not yet taken out."""
        plain = list(self._simplified(raw))
        short = plain[-1][0] if plain else raw
        inlined = list(self._inlined(short))
        if not inlined:
            return plain
        rows = [*plain, *inlined, *self._simplified(inlined[-1][0])]
        used = sum(size(written(poly)) for _, poly in self._users(short))
        allowed = min(LONGEST, size(written(short)) + used)
        return rows if size(taken_out(rows[-1][0])) <= allowed else plain

    def row_sum(self, poly: Poly, letters: Letters) -> Row | None:
        """The sum over a row in `P dP − P Σ P dP` under a name of its own, as FlashAttention has it."""
        split = [components(term) for term in poly]
        sums = [parts for _, parts in split if parts]
        if len(poly) != 2 or len(sums) != 1 or len(sums[0]) != 1 or any(outside.under for outside, _ in split):
            return None
        (part,) = sums[0]
        own = letters_in(part) - {letter for letter, _ in part.bound}
        rows = tuple((letter, size) for letter, size in letters if letter in own)
        if contracts(part) or not rows or len(rows) == len(letters):
            return None
        indices, shape = zip(*rows, strict=True)
        named = DefinedTensor(self.names.free("D"), shape, Domain(), Definition(indices, written((part,))))
        new = tuple(product((outside, Term(over=(named.entry,)))) if parts else outside for outside, parts in split)
        return new, ("the sum over a row is called ", named.entry)

    def _simplified(self, poly: Poly) -> Iterator[Row]:
        for rewrite in (self._collect, self._fold, self._share, self._close, self._collect):
            for new, reason in rewrite(poly):
                if not same(written(new), written(poly)):
                    poly = new
                    yield poly, reason

    def _collect(self, poly: Poly) -> Iterator[Row]:
        yield collected(poly), ("equal factors cancel",)

    # -- cotangents put in ------------------------------------------------------------------------------------------

    def _users(self, poly: Poly) -> list[tuple[Tensor, Poly]]:
        """The cotangents that a polynomial may take in: those that hold a sum over a row, but no matrix product."""
        found: dict[str, tuple[Tensor, Poly]] = {}
        for term in poly:
            for factor in term.over if not contracts(term) else ():
                if isinstance(factor, Element) and factor.tensor.digest in self.cotangents:
                    tensor, inner = self.cotangents[factor.tensor.digest]
                    if any(components(one)[1] for one in inner) and not any(map(contracts, inner)):
                        found[tensor.digest] = tensor, inner
        return list(found.values())

    def _inlined(self, poly: Poly) -> Iterator[Row]:
        for _ in range(DEEPEST):
            users = self._users(poly)
            for tensor, inner in users:
                poly = collected(tuple(new for term in poly for new in put_in(term, tensor, inner)))
                yield poly, ("definition of ", tensor[_letters(tensor)])
            if not users:
                return

    # -- definitions by their names ---------------------------------------------------------------------------------

    def _fold(self, poly: Poly) -> Iterator[Row]:
        for statement in self.forward:
            new = tuple(folded(term, statement) for term in poly)
            while new != poly:
                poly, new = new, tuple(folded(term, statement) for term in new)
            yield poly, ("definition of ", statement.entry)

    def _share(self, poly: Poly) -> Iterator[Row]:
        """A softmax that has no name gets one."""
        for term in poly:
            found = shares(term)
            if found is not None:
                share = DefinedTensor(self.names.free("p"), found.shape, Domain(), found.definition)
                self.forward = (*self.forward, share)
                yield tuple(folded(one, share) for one in poly), ("the shares are called ", share.entry)
                return

    # -- sums that close --------------------------------------------------------------------------------------------

    def _close(self, poly: Poly) -> Iterator[Row]:
        for term in poly:
            for part in components(term)[1]:
                value = closed(part, self.rank)
                if value is not None:
                    poly = collected(tuple(new for one in poly for new in _put_sum(one, part, value)))
                    yield poly, (written((part,)), f" is {value}")


def put_in(term: Term, tensor: Tensor, inner: Poly) -> Poly:
    """A term with a cotangent's definition in place of its name; one that does not hold it stays as it is."""
    for place, factor in enumerate(term.over):
        if isinstance(factor, Element) and factor.tensor == tensor:
            rest = term._replace(over=(*term.over[:place], *term.over[place + 1 :]))
            values = dict(zip(_letters(tensor), factor.kids, strict=True))
            taken = letters_in(term)
            here = tuple(renamed(apart(one, taken), values) for one in inner)
            return tuple(product((rest, one)) for one in here)
    return (term,)


def _letters(tensor: Tensor) -> tuple[Symbol, ...]:
    letters: tuple[Symbol, ...] = tensor.origin.indices
    return letters


def contracts(term: Term) -> bool:
    """Whether a term holds a matrix product: a sum of factors none of which carries all of its free letters."""
    for part in components(term)[1]:
        bound = {letter for letter, _ in part.bound}
        free = [{s for s in loose(factor) if not s.is_positive} - bound for factor in part.over]
        if len(part.over) > 1 and not any(own == set().union(*free) for own in free):
            return True
    return False


def folded(term: Term, statement: Computed) -> Term:
    """A term with a definition that stands written out in it under its name."""
    pattern = factors_of(statement.origin.body)
    if pattern.number != 1:
        return term
    if len(pattern.over) + len(pattern.under) < 2:
        return _one_for_one(term, statement) if isinstance(statement.origin.body, Func) else term
    for factor in term.over:
        values: dict[Symbol, Written] = {}
        if pattern.over and match(pattern.over[0], factor, set(statement.indices), values):
            left = _without(term, pattern, values) if len(values) == len(statement.indices) else None
            if left is not None:
                entry = Element(tuple(values[index] for index in statement.indices), (statement,))
                place = min(term.over.index(factor), len(left.over))
                return left._replace(over=(*left.over[:place], entry, *left.over[place:]))
    return term


def _one_for_one(term: Term, statement: Computed) -> Term:
    """A term with the value of a function under the name that a definition gives it."""

    def named(factor: Written) -> Written:
        values: dict[Symbol, Written] = {}
        whole = match(statement.origin.body, factor, set(statement.indices), values)
        if not whole or len(values) != len(statement.indices):
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
            if isinstance(sum_, Sum) and isinstance(factor, Func) and factor.name == "exp":
                values: dict[Symbol, Written] = {}
                if match(sum_.body, factor, {sum_.index}, values) and sum_.index in values:
                    rows = tuple(index for index in sum_.ranges)
                    letters = (*rows, sum_.index)
                    shape = (*(sum_.ranges[index].size for index in rows), sum_.size)
                    return Shares(shape, Definition(letters, Div((sum_.body, rebound(sum_, set(letters))))))
    return None


def rebound(node: Sum, taken: set[Symbol]) -> Written:
    """The sum over another letter, which is not taken."""
    letter = free_letter(taken | loose(node.body))
    return Sum((substitute(node.body, {node.index: letter}),), (letter, node.size))


def _without(term: Term, pattern: Term, values: Mapping[Symbol, Written]) -> Term | None:
    sides: dict[str, list[Written]] = {"over": list(term.over), "under": list(term.under)}
    for side, left in sides.items():
        for factor in getattr(pattern, side):
            place = place_of(substitute(factor, values), left)
            if place is None:
                return None
            del left[place]
    return term._replace(over=tuple(sides["over"]), under=tuple(sides["under"]))


def match(pattern: Written, node: Written, holes: set[Symbol], values: dict[Symbol, Written]) -> bool:
    """Whether a node is the pattern with something in place of its letters, which is then in `values`."""
    if isinstance(pattern, Var) and pattern.symbol in holes:
        return values.setdefault(pattern.symbol, node) == node
    if type(pattern) is not type(node) or pattern.head != node.head or len(pattern.kids) != len(node.kids):
        return False
    return all(match(one, other, holes, values) for one, other in zip(pattern.kids, node.kids, strict=True))


def closed(part: Term, rank: Mapping[str, int]) -> int | None:
    """The number that a sum of one entry is, whatever the inputs are: 1 for shares, 0 for what is centred.

    Args:
        part: the sum.
        rank: the place of each definition in its program: the last one is opened first, in all terms at once.
    """
    if len(part.over) != 1 or part.under or not isinstance(part.over[0], Element) or len(part.bound) != 1:
        return None
    entry, letter = part.over[0], part.bound[0][0]
    if entry.tensor.domain.kind == "simplex" and entry.symbols[-1] == letter:
        return 1
    poly: Poly = (part,)
    for _ in range(DEEPEST):
        found = [one.tensor for term in poly for one in term.over if isinstance(one, Element)]
        last = max((one for one in found if one.digest in rank), key=lambda one: rank[one.digest], default=None)
        if last is None:
            return None
        inner = expanded(last.origin.body)
        poly = collected(tuple(new for term in poly for new in put_in(term, last, inner)))
        if not poly:
            return 0
        if len(poly) == 1 and not (poly[0].over or poly[0].under or poly[0].bound) and poly[0].number == 1:
            return 1
    return None


def _put_sum(term: Term, part: Term, value: int) -> Poly:
    """A term with a number in place of a sum."""
    outside, parts = components(term)
    for place, own in enumerate(parts):
        if same(written((own,)), written((part,))):
            rest: Any = [*parts[:place], *parts[place + 1 :]]
            whole = Term(outside.number * value, outside.over, outside.under)
            for other in rest:
                whole = Term(whole.number, (*whole.over, *other.over), (*whole.under, *other.under),
                             (*whole.bound, *other.bound))  # fmt: skip
            return (whole,)
    return (term,)


def size(node: Written) -> int:
    """How many nodes an expression has."""
    return sum(1 for _ in walk(node))
