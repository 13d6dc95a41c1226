"""A difference of normal forms that is 0 in every case: of comparisons, of bits, of signs under even roots.

- [d > 0] for a d in which an atom a stands once: where d > 0, a is what makes d a positive number t, which is put in
  its place everywhere; so where d < 0, with −t, and where d = 0. Then [d > 0] is known, and so are the roots,
  logarithms and comparisons whose sign t settles. max(a, b) = a + (b − a)[b > a] is max(b, a), as it is in all three.
- A 0/1 entry, a delta or an indicator of free indices is 0 or 1. Where a comparison stands in another one's argument,
  or a bit in a comparison's, the inner one is told first.
- √(p² q): where p > 0, where p < 0, where p = 0.
- [i ≤ j] of free indices: where it holds, j − i ≥ 0 is used for all that is known of indices; where not, i − j − 1 ≥ 0.
- What is assumed of inputs, x < y, is told in the same way before: y is x + t.

The case d = 0 is looked at even where d ≠ 0 is a condition of the statement, so that two derivatives that differ at a
kink alone do not both stand.

Termination: each case removes an atom or a comparison; more than a few are not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from symformer.notation import Domain, Tensor
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.arithmetic import is_above, is_bit
from symformer.proof.normal.atoms import (
    ABOVE,
    Atom,
    Poly,
    Term,
    atoms_in,
    letters_of,
    poly_key,
    single_sum,
    term_key,
)
from symformer.proof.normal.binding import ONE_LESS
from symformer.proof.normal.indices import Counts, counts, plus
from symformer.proof.normal.quotients import cleared, factors
from symformer.proof.normal.rebuilt import rebuilt

MOST_SPLIT = 5
SOME, PART = Tensor("t", (), Domain("positive")), Tensor("u", (), Domain("unit"))  # their atoms have keys of their own

Values = dict[str, Poly]  # by the key of an atom: what it is
Relation = tuple[Poly, str]  # a polynomial, and its relation to 0: >, ≥ or =


def shown_in_every_case(
    algebra: Algebra, poly: Poly, goal: Callable[[Poly], bool], known: Sequence[Relation] = ()
) -> bool:
    """Whether a goal is reached in every case; nothing is multiplied out, so that signs stay."""
    return _Cases(algebra, goal).vanish(poly, list(known), 0)


def vanishes(algebra: Algebra, rest: Poly, known: Sequence[Relation] = (), depth: int = 0) -> bool:
    """Whether a polynomial is 0 in every case.

    Args:
        algebra: what computes.
        rest: the polynomial.
        known: what is assumed of inputs.
        depth: how many cases were told already.
    """
    cases = _Cases(algebra)
    return cases.vanish(rest, list(known), depth) or cases.vanish(cases.opened(rest), list(known), depth)


class _Cases:
    def __init__(self, algebra: Algebra, goal: Callable[[Poly], bool] | None = None) -> None:
        self.algebra, self.goal = algebra, goal

    def vanish(self, rest: Poly, known: list[Relation], depth: int) -> bool:
        """Whether it is 0 in every case, or the goal is reached."""
        if not rest or (self.goal is not None and not known and self.goal(rest)):
            return True
        if depth > MOST_SPLIT:
            return False
        for place, (poly, relation) in enumerate(known):
            signs = {">": (1,), "≥": (1, 0), "=": (0,)}[relation]
            found = self._by_signs(rest, poly, signs, known[:place] + known[place + 1 :], depth)
            if found is not None:
                return found
        bit = min(self._bits(rest), key=lambda atom: (len(atom.key), atom.key), default=None)
        if bit is not None:
            return self._by_bit(rest, bit, known, depth)
        root = next(self._roots(rest), None)
        if root is not None and self._by_signs(rest, root, (1, -1, 0), known, depth):
            return True
        return self.goal is None and any(self.vanish(one, known, depth + 1) for one in self._summands(rest))

    def _summands(self, rest: Poly) -> Iterator[Poly]:
        """What is summed, with a free letter, where every term is a sum over one range."""
        algebra = self.algebra
        found = {poly_key(one[1]): one[1] for term in rest for atom, _ in term if (one := single_sum(atom)) is not None}
        for size in found.values():
            algebra.reindexed += 1
            letter = f"≤σ{algebra.reindexed}"
            algebra.span(letter, size)
            parts = [_summand(algebra, term, size, letter) for term in rest]
            if all(part is not None for part in parts):
                values = zip(parts, rest.values(), strict=True)
                yield algebra.add(*(algebra.scale(part or {}, value) for part, value in values))

    def opened(self, rest: Poly) -> Poly:
        """Exponentials with bits as sums, also of bound indices: exp(M x) = 1 + M (exp x − 1)."""

        def rule(atom: Atom) -> Poly | None:
            bits = atom.kind == "exp" and any(is_bit(inner) for inner, _ in atom.parts[0])
            return self.algebra.switched(atom.parts[0], Fraction(1), is_bit) if bits else None

        return rebuilt(self.algebra, rest, rule)

    def _bits(self, rest: Poly) -> Iterator[Atom]:
        """Free bits and comparisons that hold none themselves."""
        for atom in _free(rest):
            if is_bit(atom) and not (is_above(atom) and any(True for _ in self._bits(atom.parts[1]))):
                yield atom

    def _by_bit(self, rest: Poly, bit: Atom, known: list[Relation], depth: int) -> bool:
        if is_above(bit):
            found = self._by_signs(rest, bit.parts[1], (1, -1, 0), known, depth)
            return self._by_numbers(rest, bit, known, depth) if found is None else found
        if bit.kind == "entry":
            return all(self._vanish_at(rest, {bit.key: self.algebra.number(one)}, known, depth) for one in (0, 1))
        return self._by_indices(rest, bit, known, depth)

    def _vanish_at(self, rest: Poly, values: Values, known: list[Relation], depth: int) -> bool:
        """Whether it is 0 with these values, without the denominators that they leave."""
        told = [(self._put(poly, values), relation) for poly, relation in known]
        found = self._put(rest, values)
        if self.goal is None:
            found, _ = cleared(self.algebra, found)
        return self.vanish(found, told, depth + 1)

    def _put(self, poly: Poly, values: Values) -> Poly:
        return rebuilt(self.algebra, poly, lambda atom: values.get(atom.key))

    def _by_numbers(self, rest: Poly, above: Atom, known: list[Relation], depth: int) -> bool:
        """A comparison as a number, where nothing can be put in."""
        below = f"{ABOVE}({poly_key(self.algebra.scale(above.parts[1], -1))})"
        number = self.algebra.number
        told: list[Values] = [{above.key: number(one), below: number(two)} for one, two in ((1, 0), (0, 1), (0, 0))]
        return all(self._vanish_at(rest, values, known, depth) for values in told)

    def _by_signs(self, rest: Poly, poly: Poly, signs: Sequence[int], known: list[Relation], depth: int) -> bool | None:
        """Whether it is 0 where a polynomial has each of these signs; None where no atom can be solved for."""
        for sign in signs:
            solved = self._solved(self.algebra.scale(poly, sign or 1))
            if solved is None:
                return self._by_a_factor(rest, poly, signs, known, depth)
            found = self._value(solved, sign)
            atom = solved[0]
            if not self._vanish_at(rest, {atom.key: found}, known, depth):
                return False
        return True

    def _by_a_factor(
        self, rest: Poly, poly: Poly, signs: Sequence[int], known: list[Relation], depth: int
    ) -> bool | None:
        """By the signs of the first factor that can be solved for; None without one, or where a sign is ruled out."""
        found = next((one for one, _ in factors(poly) if one != poly and self._solved(one) is not None), None)
        return self._by_signs(rest, found, (1, -1, 0), known, depth) if found is not None and len(signs) == 3 else None

    def _value(self, solved: tuple[Atom, Fraction, Poly], sign: int) -> Poly:
        """What an atom is where v a + r is positive, or 0: (t − r)/v for a positive t, or what stays in its range."""
        algebra, (atom, value, others) = self.algebra, solved
        kind = atom.parts[0].domain.kind if atom.kind == "entry" else ""
        end = algebra.scale(others, -1 / value)  # where v a + r is 0
        left = algebra.minus(algebra.number(1), end)
        inside = kind == "unit" and algebra.positive(left)
        if sign and value < 0 and (kind == "positive" or inside) and algebra.positive(end):
            return algebra.mul(end, self._some(PART))
        if sign and value > 0 and inside and algebra.positive(end):
            return algebra.add(end, algebra.mul(left, self._some(PART)))
        return algebra.add(end, algebra.scale(self._some(SOME), 1 / value)) if sign else end

    def _some(self, tensor: Tensor) -> Poly:
        """A number of which nothing is known but its domain."""
        self.algebra.reindexed += 1
        return self.algebra.atom(Atom("entry", (tensor, ()), f"~t{self.algebra.reindexed}"))

    def _solved(self, poly: Poly) -> tuple[Atom, Fraction, Poly] | None:
        """(atom, coefficient, the rest) of a polynomial in which an atom stands once.

        A real entry, if there is one; else one that is added: where the polynomial is positive, it stays so visibly.
        """
        found = []
        for term, value in poly.items():
            if len(term) == 1 and term[0][1] == 1 and not is_bit(term[0][0]):
                atom = term[0][0]
                if self.goal is not None and atom.kind != "entry":
                    continue  # what else is known of a sum would be lost
                others = {other: number for other, number in poly.items() if other != term}
                if not any(atom.key in term_key(other) for other in others):
                    found.append((_hardly_known(atom), value < 0, atom.key, (atom, value, others)))
        return min(found, key=lambda one: one[:3])[3] if found else None

    def _roots(self, rest: Poly) -> Iterator[Poly]:
        """What stands squared under an even root."""
        for atom, power in _free_items(rest):
            if atom.kind == "poly" and power.denominator % 2 == 0:
                yield from (factor for factor, times in factors(atom.parts[0]) if times > 1)

    # -- indices ----------------------------------------------------------------------------------------------------

    def _by_indices(self, rest: Poly, bit: Atom, known: list[Relation], depth: int) -> bool:
        """Where the right side is larger, where the left one is, and where both are equal."""
        algebra = self.algebra
        difference = plus(counts(bit.parts[1]), counts(bit.parts[0]), -1)
        sides = [plus(difference, ONE_LESS), plus(plus({}, difference, -1), ONE_LESS)]
        for side in sides:
            if not self._where(side, lambda: self._empty() or self._vanish_at(rest, self._anew(rest), known, depth)):
                return False
        same = algebra.delta(*bit.parts)
        if not same:
            return True
        if len(same) != 1:
            return False
        at_one = algebra.mul(same, rest)
        return self._where(difference, lambda: self._empty() or self._vanish_at(at_one, {}, known, depth))

    def _empty(self) -> bool:
        """Whether what is known of indices cannot be."""
        return self.algebra.surely(ONE_LESS)

    def _where(self, fact: Counts, claim: Callable[[], bool]) -> bool:
        """Whether a claim is shown where a sum of indices is at least 0 as well."""
        before = self.algebra.facts
        self.algebra.facts = (*before, fact)
        try:
            return claim()
        finally:
            self.algebra.facts = before

    def _anew(self, rest: Poly) -> Values:
        """The bits of free indices under what is known now."""
        algebra = self.algebra
        make = {"delta": algebra.delta, "below": algebra.below}
        bits = {atom.key: atom for atom in _free(rest) if atom.kind in make}
        return {key: make[atom.kind](*atom.parts) for key, atom in bits.items()}


def _summand(algebra: Algebra, term: Term, size: Poly, letter: str) -> Poly | None:
    """What a product is a sum of over a range, if one of its factors is one."""
    for atom, power in term:
        found = single_sum(atom)
        if found is not None and power >= 1 and power.denominator == 1 and poly_key(found[1]) == poly_key(size):
            rest = algebra.product([*(item for item in term if item[0] != atom), (atom, power - 1)])
            return algebra.mul(rest, algebra.renamed_term(list(found[2]), {found[0]: letter}))
    return None


def _hardly_known(atom: Atom) -> int:
    """0 for a real entry, then what less is lost of if something else stands in its place."""
    if atom.kind != "entry":
        return 2
    return 0 if atom.parts[0].domain.kind == "real" else 1


def _free(rest: Poly) -> Iterator[Atom]:
    return (atom for term in rest for atom in atoms_in(term) if not _bound(atom))


def _free_items(rest: Poly) -> Iterator[tuple[Atom, Fraction]]:
    """Atoms with their powers, at the outside alone."""
    return ((atom, power) for term in sorted(rest, key=term_key) for atom, power in term if not _bound(atom))


def _bound(atom: Atom) -> bool:
    """Whether it depends on an index of a sum around it, whose names no author uses."""
    return any(letter.startswith(("#", "~")) for letter in letters_of(atom))
