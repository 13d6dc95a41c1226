"""Indices of the normal form: a letter, a number, an entry of an integer tensor, or a sum of these and sizes.

An index that is computed, as j − i + n or s_t + i, is a sum of index letters, entries of integer tensors and products
of sizes, with whole coefficients. Equal ones are written alike, so that x[i + 1 − 1] is x[i]. What is read outside an
axis has no value, and an equation is claimed only where both sides have one. A factor [1 ≤ a] turns what stands beside
it off: a value that does not depend on what is read outside is that for whatever number stands there, so that guards
are multiplied out as any bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

import sympy
from sympy import Expr, Symbol

from symformer.notation import Tensor

MOST_TERMS = 24
ANYWHERE = "±"  # what letters begin with that are any whole numbers, and in no range


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


Letter = str | Pick


class Monomial(NamedTuple):
    """A product of index letters (or picks) and of sizes, each in order."""

    letters: tuple[Letter, ...] = ()
    sizes: tuple[Symbol, ...] = ()

    def times(self, other: Monomial) -> Monomial:
        """The product."""
        letters, sizes = self.letters + other.letters, self.sizes + other.sizes
        return Monomial(tuple(sorted(letters, key=str)), tuple(sorted(sizes, key=str)))

    def __str__(self) -> str:
        return " ".join((*map(str, self.letters), *(f"|{size}|" for size in self.sizes)))


Counts = Mapping[Monomial, int]
Divisor = tuple[tuple[Symbol, ...], int]


@dataclass(frozen=True)
class Affine:
    """An index that is computed: its terms in order, none of which is 0 or holds two letters."""

    terms: tuple[tuple[Monomial, int], ...]

    def __str__(self) -> str:
        return "⟨" + "".join(f"{count:+}{monomial}" for monomial, count in self.terms) + "⟩"


Index = str | int | Pick | Affine


def counts(index: Index) -> Counts:
    """An index as a polynomial."""
    match index:
        case int():
            return {Monomial(): index} if index else {}
        case Affine():
            return dict(index.terms)
    return {Monomial((index,)): 1}


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


def put_in(found: Counts, get: Callable[[Letter], Index]) -> Counts:
    """The polynomial with other indices in place of its letters."""
    out: Counts = {}
    for one, count in found.items():
        term: Counts = {Monomial((), one.sizes): count}
        for letter in one.letters:
            term = product(term, counts(get(letter)))
        out = plus(out, term)
    return out


def solved(difference: Counts, letter: Letter) -> Index | None:
    """What a letter is where a polynomial is 0; None where that takes a division, or it stands in its own pick."""
    own = Monomial((letter,))
    count = difference.get(own, 0)
    rest = {one: number for one, number in difference.items() if one != own}
    if abs(count) != 1 or any(letter in letters_of_counts({one: 1}) for one in rest):
        return None
    return index_of({one: -count * number for one, number in rest.items()})


def letters_of_counts(found: Counts) -> frozenset[str]:
    """The letters that a polynomial depends on."""
    return frozenset().union(*(letters_of_index(letter) for one in found for letter in one.letters))


def without_content(difference: Counts) -> Counts:
    """The polynomial over what divides all of it: a whole number, and a polynomial in sizes that is at least 1."""
    content = gcd(*difference.values()) if difference else 1
    if content > 1:
        difference = {one: count // content for one, count in difference.items()}
    shared = set.intersection(*(set(one.sizes) for one in difference)) if difference else set()
    for size in sorted(shared, key=str):
        difference = {_less(one, (size,)): count for one, count in difference.items()}
    return without_content(difference) if shared else difference


def over(difference: Counts, divisor: Divisor) -> tuple[Counts, Counts]:
    """(U, V) of q U + V: what is divisible by a product of sizes and a number, and the rest."""
    sizes, number = divisor
    whole: Counts = {}
    rest: Counts = {}
    for one, count in difference.items():
        left = _taken(one.sizes, sizes)
        if left is None:
            rest = plus(rest, {one: count})
            continue
        times, more = divmod(count, number)
        whole = plus(whole, {Monomial(one.letters, left): times} if times else {})
        rest = plus(rest, {one: more} if more else {})
    return whole, rest


def divisors(difference: Counts) -> list[Divisor]:
    """Products of sizes and numbers that stand before a letter, the largest first."""
    found = {(one.sizes, abs(count)) for one, count in difference.items() if one.letters}
    found |= {(sizes, 1) for sizes, _ in found}
    return sorted((one for one in found if one != ((), 1)), key=lambda one: (-len(one[0]), -one[1], str(one)))


def _taken(sizes: tuple[Symbol, ...], taken: tuple[Symbol, ...]) -> tuple[Symbol, ...] | None:
    left = list(sizes)
    for size in taken:
        if size not in left:
            return None
        left.remove(size)
    return tuple(left)


def _less(one: Monomial, taken: tuple[Symbol, ...]) -> Monomial:
    return Monomial(one.letters, _taken(one.sizes, taken) or ())


def least(found: Counts, spans: Mapping[Letter, Counts]) -> Expr | None:
    """What a polynomial is at least, as an expression of sizes; None where a letter has no range.

    Every letter is at least 1 (a pick, at least what its tensor says) and at most what it runs over: so is each term,
    by its sign.
    """
    out: Counts = {}
    for one, count in found.items():
        term: Counts = {Monomial((), one.sizes): count}
        for letter in one.letters:
            low = lowest(letter)
            if low is None or (count < 0 and (letter not in spans or low < 0)) or (low < 0 and len(one.letters) > 1):
                return None
            term = product(term, spans[letter] if count < 0 else {Monomial(): low} if low else {})
        out = plus(out, term)
    return sympy.Add(*(count * sympy.Mul(*one.sizes) for one, count in out.items()))


def lowest(letter: Letter) -> int | None:
    """The least value of a letter, or of a pick; None where it is not known."""
    if isinstance(letter, str) and letter.startswith(ANYWHERE):
        return None
    low = letter.tensor.domain.lower if isinstance(letter, Pick) else None
    return 1 if low is None else int(low) if low.is_Integer else None


def letters_of_index(index: Index) -> frozenset[str]:
    """The letters that an index depends on."""
    match index:
        case str():
            return frozenset((index,))
        case Pick():
            return frozenset().union(*(letters_of_index(inner) for inner in index.indices))
        case Affine():
            return letters_of_counts(dict(index.terms))
    return frozenset()


def in_order(left: Index, right: Index) -> tuple[Index, Index]:
    """Numbers, picks, sums, then names by length and letters: the second gives way to the first."""
    first, second = sorted((left, right), key=rank)
    return first, second


def rank(index: Index) -> tuple[int, int, str]:
    """The place of an index in that order."""
    kind = next(place for place, kind in enumerate((int, Pick, Affine, str)) if isinstance(index, kind))
    return kind, len(str(index)), str(index)
