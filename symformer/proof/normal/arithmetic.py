"""Sums and products of the normal form, within a budget of steps.

- δ_ab f(a) = δ_ab f(b), and δ² = δ; δ(π_i, π_j) = δ(i, j) for a permutation π.
- An indicator is its square, and an entry of a mask is 0 or 1, so M² = M.
- i² = −1, and exp(iπ) = −1.

Every rule removes a delta, a power or a nesting; the budget ends what is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any

from sympy import Expr

from symformer.proof.normal.atoms import ABOVE, FORMAL, PI, UNIT, Atom, Poly, Term, letters_of, poly_key
from symformer.proof.normal.atoms import ONE as EMPTY
from symformer.proof.normal.indices import GiveUp, Index, in_order, letters_of_index

STEPS = 40_000
MOST_TERMS = 600
HIGHEST_POWER = 1000
NOTHING, WHOLE = Fraction(0), Fraction(1)


class Arithmetic:
    """Polynomials of atoms, added and multiplied."""

    def __init__(self) -> None:
        self.steps = 0
        self.reindexed = 0
        self.contents: dict[str, bool] = {}  # by key, whether whole powers of a polynomial give something up
        self.spans: dict[str, str] = {}
        self.ranges: dict[str, Poly] = {}
        self.facts: tuple[Mapping[Any, int], ...] = ()  # sums of indices that are at least 0 in the case that is told
        self.known_sizes: tuple[Expr, ...] = ()  # polynomials in sizes that are at least 0
        self.filled: dict[str, Poly] = {}  # by key, ranges that some rule took to hold something

    def fill(self, size: Poly) -> None:
        """Notes that a rule holds only where a range is not empty."""
        self.filled[poly_key(size)] = size

    def span(self, index: Index, size: Poly) -> None:
        """Notes what an index runs over; an index with two ranges has none that a delta could rely on."""
        key = poly_key(size)
        self.spans[str(index)] = key if self.spans.get(str(index), key) == key else "?"
        self.ranges[str(index)] = size

    def step(self, size: int = 1) -> None:
        """Counts work.

        Raises:
            GiveUp: the budget is used up.
        """
        self.steps += size
        if self.steps > STEPS:
            raise GiveUp("the budget of the normal form is used up")

    def number(self, value: Fraction | int) -> Poly:
        """A constant."""
        return {EMPTY: Fraction(value)} if value else {}

    def atom(self, atom: Atom, power: Fraction | int = 1) -> Poly:
        """One atom to a power."""
        return {((atom, Fraction(power)),): WHOLE}

    def add(self, *polys: Poly) -> Poly:
        """The sum."""
        total: Poly = {}
        for poly in polys:
            self.step(len(poly))
            for term, value in poly.items():
                known = total.get(term)
                found = value if known is None else known + value
                if found:
                    total[term] = found
                else:
                    total.pop(term, None)
        return total

    def scale(self, poly: Poly, factor: Fraction | int) -> Poly:
        """Times a rational number."""
        if factor == 1:
            return poly
        return {term: value * factor for term, value in poly.items()} if factor else {}

    def minus(self, left: Poly, right: Poly) -> Poly:
        """The difference."""
        return self.add(left, self.scale(right, -1))

    def mul(self, left: Poly, right: Poly) -> Poly:
        """The product."""
        if len(left) * len(right) > MOST_TERMS:
            raise GiveUp("a product of too many terms")
        parts = [
            self.scale(self.product((*one, *two)), first * second)
            for one, first in left.items()
            for two, second in right.items()
        ]
        return self.add(*parts)

    def product(self, factors: Iterable[tuple[Atom, Fraction]]) -> Poly:
        """A product of atoms: powers collected, deltas applied, whole powers of polynomials multiplied out."""
        powers: dict[Atom, Fraction] = {}
        for atom, power in factors:
            self.step()
            known = powers.get(atom)
            powers[atom] = power if known is None else known + power
        _turn(powers)
        sign = _bits_and_units(powers)
        powers = {atom: power for atom, power in powers.items() if power}
        merged = self._merged_bits(powers)
        if merged is not None:
            return self.scale(merged, sign)
        unified = self._unified(powers)
        return self.scale(self._multiplied_out(powers) if unified is None else unified, sign)

    def _merged_bits(self, powers: dict[Atom, Fraction]) -> Poly | None:
        """The product with two of its 0/1 atoms as one, where one says what the other does, or both cannot be 1."""
        bits = [atom for atom in powers if atom.kind == "below" or is_above(atom)]
        for atom in bits:
            turned = self._turned_sign(atom, powers) if is_above(atom) else None
            if turned is not None:
                return turned
        for one, two in combinations(sorted(bits, key=lambda atom: atom.key), 2) if len(bits) > 1 else ():
            found = self.both(one, two)
            if found is not None:
                return self.mul(self.product(item for item in powers.items() if item[0] not in (one, two)), found)
        return None

    def _turned_sign(self, atom: Atom, powers: dict[Atom, Fraction]) -> Poly | None:
        """m [−m > 0] = m − m [m > 0], for a product m."""
        (term, value), *more = atom.parts[1].items()
        held = all(powers.get(factor, NOTHING) >= power for factor, power in term)
        if more or value > 0 or not held or not term:
            return None
        rest = self.product(item for item in powers.items() if item[0] != atom)
        return self.add(rest, self.scale(self.mul(rest, self.above({term: WHOLE})), -1))

    def above(self, poly: Poly) -> Poly:
        """[p > 0]."""
        raise NotImplementedError

    def both(self, one: Atom, two: Atom) -> Poly | None:
        """The product of two 0/1 atoms, where it is simpler than that."""
        raise NotImplementedError

    def _unified(self, powers: dict[Atom, Fraction]) -> Poly | None:
        """δ_ab f(a) = δ_ab f(b), for the first delta that something else depends on."""
        for atom in sorted((a for a in powers if a.kind == "delta"), key=lambda a: a.key):
            keep, gone = in_order(*atom.parts)
            others = [(other, power) for other, power in powers.items() if other != atom]
            if (
                isinstance(gone, str)
                and gone not in letters_of_index(keep)
                and any(gone in letters_of(other) for other, _ in others)
            ):
                return self.mul(self.renamed_term(others, {gone: keep}), self.atom(atom))
        return None

    def _multiplied_out(self, powers: dict[Atom, Fraction]) -> Poly:
        powers, inverted = self._inverted(powers)
        number = _whole_roots(powers)
        simple = {atom: power for atom, power in powers.items() if not (atom.kind == "poly" and power >= 1)}
        whole = [(atom, power) for atom, power in powers.items() if atom not in simple]
        for atom, power in whole:
            if power - floor(power):
                simple[atom] = power - floor(power)
        out: Poly = {tuple(sorted(simple.items(), key=lambda item: item[0].key)): number}
        for atom, power in whole:
            for _ in range(floor(power)):
                out = self.mul(out, atom.parts[0])
        return out if inverted is None else self.mul(out, inverted)

    def _inverted(self, powers: dict[Atom, Fraction]) -> tuple[dict[Atom, Fraction], Poly | None]:
        """Whole negative powers of polynomials that a root left: they give up more content than the root could."""
        out: Poly | None = None
        for atom, power in list(powers.items()):
            if atom.kind == "poly" and power < 0 and power.denominator == 1 and self.has_content(atom):
                powers = {other: value for other, value in powers.items() if other != atom}
                found = self.power(atom.parts[0], power)
                out = found if out is None else self.mul(out, found)
        return powers, out

    def has_content(self, atom: Atom) -> bool:
        """Whether a whole power of a polynomial would give something up."""
        raise NotImplementedError

    def power(self, poly: Poly, exponent: Fraction) -> Poly:
        """A rational power."""
        raise NotImplementedError

    def renamed_term(self, factors: Iterable[tuple[Atom, Fraction]], names: Mapping[Index, Index]) -> Poly:
        """A product under other names of its indices."""
        raise NotImplementedError


def _whole_roots(powers: dict[Atom, Fraction]) -> Fraction:
    """Takes whole powers out of roots of numbers, so that 1/√2 is √2/2; what they are together."""
    number = WHOLE
    for atom, power in list(powers.items()):
        if atom.kind == "poly" and set(atom.parts[0]) == {EMPTY} and abs(power) <= HIGHEST_POWER:
            times = floor(power)
            number *= atom.parts[0][EMPTY] ** times
            powers[atom] = power - times
            if power == times:
                del powers[atom]
    return number


def _turn(powers: dict[Atom, Fraction]) -> None:
    """exp(iπq) for a whole or half q is a power of i, and ((−1)^n)² is 1."""
    for atom, power in list(powers.items()):
        if atom.kind == "cis" and atom.parts[0] == ((PI, Fraction(1)),) and (2 * power).denominator == 1:
            del powers[atom]
            powers[UNIT] = powers.get(UNIT, NOTHING) + 2 * power
        elif atom.kind == "exp" and power.denominator == 1 and not 0 <= power <= 1 and _is_sign(atom):
            powers[atom] = power % 2


def _is_sign(atom: Atom) -> bool:
    """Whether it is (−1)^n for a whole n."""
    logs = (one for one, _ in atom.parts[0] if one.kind == "function" and one.parts[0] == FORMAL)
    return any(one.parts[1] == {EMPTY: -1} for one in logs)


def _bits_and_units(powers: dict[Atom, Fraction]) -> int:
    """Powers of 0/1 atoms become 1, and those of i become 0 or 1; the sign that i² leaves."""
    for atom, power in powers.items():
        if is_bit(atom):
            if power < 0:
                raise GiveUp("division by something that may be 0")
            powers[atom] = WHOLE if power else NOTHING
    turns = powers.pop(UNIT, None)
    if turns is None:
        return 1
    if turns.denominator != 1:
        raise GiveUp("a root of the imaginary unit")
    if turns % 2:
        powers[UNIT] = WHOLE
    return -1 if turns % 4 >= 2 else 1


def is_bit(atom: Atom) -> bool:
    """Whether an atom is 0 or 1, so that its powers are itself."""
    match atom.kind:
        case "delta" | "below":
            return True
        case "entry":
            return bool(atom.parts[0].domain.kind == "mask")
        case "function":
            return is_above(atom)
    return False


def is_above(atom: Atom) -> bool:
    """Whether it is 1 where something is positive, and 0 elsewhere."""
    return atom.kind == "function" and bool(atom.parts[0] == ABOVE)


def term_of(powers: Mapping[Atom, Fraction]) -> Term:
    """A product in the order of its keys."""
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))
