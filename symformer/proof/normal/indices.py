"""Indices of the normal form: a letter, a number, an entry of an integer tensor, or a sum of these letters and sizes.

An index that is computed, as j − i + n, is a sum of index letters and products of sizes, with whole coefficients.
Equal ones are written alike, so that x[i + 1 − 1] is x[i]. What is read outside an axis has no value, and an equation
is claimed only where both sides have one. A factor [1 ≤ a] turns what stands beside it off: a value that does not
depend on what is read outside is that for whatever number stands there, so that guards are multiplied out as any bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sympy
from sympy import Expr, Symbol

from symformer.notation import Tensor

MOST_TERMS = 24


class GiveUp(ArithmeticError):
    """The normal form has no rule for this, or its budget is used up: nothing is said."""


@dataclass(frozen=True)
class Pick:
    """An entry of an integer tensor that stands as an index."""

    tensor: Tensor
    indices: tuple[Index, ...]

    def __str__(self) -> str:
        return f"{self.tensor.name}.{self.tensor.digest}[{','.join(map(str, self.indices))}]"

    @property
    def row(self) -> tuple[Tensor, tuple[Index, ...]]:
        """The row of the tensor that it is picked from."""
        return self.tensor, self.indices[:-1]

    @property
    def permutes(self) -> bool:
        """Whether it runs over all values once as its last index does."""
        return self.tensor.domain.kind == "permutation"


class Monomial(NamedTuple):
    """A product of index letters and of sizes, each in order."""

    letters: tuple[str, ...] = ()
    sizes: tuple[Symbol, ...] = ()

    def times(self, other: Monomial) -> Monomial:
        """The product."""
        letters, sizes = self.letters + other.letters, self.sizes + other.sizes
        return Monomial(tuple(sorted(letters)), tuple(sorted(sizes, key=str)))

    def __str__(self) -> str:
        return " ".join((*self.letters, *(f"|{size}|" for size in self.sizes)))


Counts = Mapping[Monomial, int]


@dataclass(frozen=True)
class Affine:
    """An index that is computed: its terms in order, none of which is 0 or holds two letters."""

    terms: tuple[tuple[Monomial, int], ...]

    def __str__(self) -> str:
        return "⟨" + "".join(f"{count:+}{monomial}" for monomial, count in self.terms) + "⟩"


Index = str | int | Pick | Affine


def counts(index: Index) -> Counts:
    """An index as a polynomial.

    Raises:
        GiveUp: it is picked from a tensor.
    """
    match index:
        case int():
            return {Monomial(): index} if index else {}
        case str():
            return {Monomial((index,)): 1}
        case Affine():
            return dict(index.terms)
    raise GiveUp("an index that is computed from one that is picked")


def index_of(found: Counts) -> Index:
    """The index that a polynomial is: a number, a letter, or what is computed."""
    terms = tuple(sorted(((one, count) for one, count in found.items() if count), key=lambda item: str(item[0])))
    if len(terms) > MOST_TERMS or any(len(one.letters) > 1 for one, _ in terms):
        raise GiveUp("an index that is no short sum of letters")
    if all(one == Monomial() for one, _ in terms):
        return sum(count for _, count in terms)
    if len(terms) == 1 and terms[0][1] == 1 and len(terms[0][0].letters) == 1 and not terms[0][0].sizes:
        return terms[0][0].letters[0]
    return Affine(terms)


def plus(left: Counts, right: Counts, times: int = 1) -> Counts:
    """left + times · right."""
    out = dict(left)
    for one, count in right.items():
        out[one] = out.get(one, 0) + times * count
    return {one: count for one, count in out.items() if count}


def product(left: Counts, right: Counts) -> Counts:
    """left · right."""
    out: Counts = {}
    for one, count in left.items():
        out = plus(out, {one.times(other): count * more for other, more in right.items()})
    return out


def put_in(index: Affine, names: Mapping[Index, Index]) -> Index:
    """The index with letters replaced."""
    out: Counts = {}
    for one, count in index.terms:
        term: Counts = {Monomial((), one.sizes): count}
        for letter in one.letters:
            term = product(term, counts(names.get(letter, letter)))
        out = plus(out, term)
    return index_of(out)


def least(found: Counts, spans: Mapping[str, Counts]) -> Expr | None:
    """What a polynomial is at least, as an expression of sizes; None where a letter has no range.

    Every letter is at least 1 and at most what it runs over: so is each term by its sign.
    """
    out: Counts = {}
    for one, count in found.items():
        term: Counts = {Monomial((), one.sizes): count}
        for letter in one.letters if count < 0 else ():
            if letter not in spans:
                return None
            term = product(term, spans[letter])
        out = plus(out, term)
    return sympy.Add(*(count * sympy.Mul(*one.sizes) for one, count in out.items()))


def letters_of_index(index: Index) -> frozenset[str]:
    """The letters that an index depends on."""
    match index:
        case str():
            return frozenset((index,))
        case Pick():
            return frozenset().union(*(letters_of_index(inner) for inner in index.indices))
        case Affine():
            return frozenset(letter for one, _ in index.terms for letter in one.letters)
    return frozenset()


def in_order(left: Index, right: Index) -> tuple[Index, Index]:
    """Numbers, picks, sums, then names by length and letters: the second gives way to the first."""
    first, second = sorted((left, right), key=_rank)
    return first, second


def _rank(index: Index) -> tuple[int, int, str]:
    kind = next(place for place, kind in enumerate((int, Pick, Affine, str)) if isinstance(index, kind))
    return kind, len(str(index)), str(index)
