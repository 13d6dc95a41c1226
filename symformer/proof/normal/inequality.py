"""Proofs of left ≤ right for every size: the difference is shown to be nowhere negative.

First as it is written (squares, exponentials, declared positivity: multiplied out, a sum of squares is hard to see),
then on its normal form p, by these rules. Each is sufficient, none is complete; the search is bounded.

- Every term has a positive coefficient and factors that are nowhere negative.
- p is divided by what is positive: common factors and denominators; other denominators are multiplied away squared.
- c log P + q ≥ 0 if P ≥ exp(−q/c), for c > 0; q − c log P ≥ 0 if exp(q/c) ≥ P.
- A (exp a − exp b) ≥ 0 for a positive A if a ≥ b.
- max_k f_k is at least f_i for any i in the range of k, and it is f_k for some k.
- A Σ_k f_k is at least A f_i for any i in the range of k, where neither A nor any f_k is negative.
- A 0/1 factor or an entry of a simplex is at most 1, which bounds a term with a negative coefficient.
- Sums over one range are one sum, n of something is a sum of it over a range of n, and a sum is not negative if none
  of its terms is.
- Bounds that have names (`bounds`), sums of squares (`squares`), and cases by signs (`cases`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from math import lcm

import sympy
from sympy import Expr

from symformer.calculus import NoDerivative
from symformer.notation import Add, Const, Indicator, Mul, Neg, Pow, Var, Written, walk
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.arithmetic import is_bit
from symformer.proof.normal.atoms import Atom, Poly, Term, atoms_in, letters_of_poly, poly_key, real_term, single_sum
from symformer.proof.normal.binding import as_counts, picks
from symformer.proof.normal.bounds import Bounds, Step
from symformer.proof.normal.cases import Relation, shown_in_every_case
from symformer.proof.normal.equal import Proof, told
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp, Index
from symformer.proof.normal.powers import is_formal
from symformer.proof.normal.ranges import surely
from symformer.proof.normal.signs import NONNEGATIVE, sign
from symformer.proof.normal.squares import sum_of_squares

DEEPEST = 7
DEPTHS = (3, 5, DEEPEST)
MOST_NODES = 150
MOST_TOLD = 2


def at_most(
    left: Written,
    right: Written,
    spans: Mapping[str, Expr] | None = None,
    known: Sequence[Expr] = (),
    assumed: Sequence[Indicator] = (),
) -> Proof | str:
    """A proof that left ≤ right for every size, wherever both sides are defined; or why there is none."""
    try:
        form = Form(spans, known)
        one, two = form.of(left), form.of(right)
        difference = form.algebra.minus(two, one)
        if _visible(left, right) or _of_sizes(left, right, known):
            return Proof(difference, form.conditions)
        steps = _Search(form.algebra).shown(difference, list(told(form, assumed, spans or {})))
        if steps is not None:
            return Proof(difference, form.conditions, steps=tuple(dict.fromkeys(step for step in steps if step)))
        return "the difference is not visibly a sum of squares or of positive terms"
    except (GiveUp, NoDerivative) as reason:
        return str(reason)
    except RecursionError:
        return "too deeply nested"


def _visible(left: Written, right: Written) -> bool:
    """Whether right − left is, as it is written, nowhere negative."""
    if isinstance(left, Const) and left.value == 0:
        return sign(right) >= NONNEGATIVE
    if isinstance(right, Add) and left in right.kids:
        rest = list(right.kids)
        rest.remove(left)
        return all(sign(kid) >= NONNEGATIVE for kid in rest)
    return False


def _of_sizes(left: Written, right: Written, known: Sequence[Expr]) -> bool:
    """Whether both sides are polynomials in sizes, of which what is assumed says enough."""
    parts = [part for side in (left, right) for part in walk(side)]
    if not all(isinstance(part, (Const, Var, Add, Neg, Mul, Pow)) for part in parts):
        return False
    if not all(part.symbol.is_positive for part in parts if isinstance(part, Var)):
        return False
    return surely(sympy.expand(right.plain() - left.plain()), 0, known)


def _at_most_one(atom: Atom) -> bool:
    return is_bit(atom) or (atom.kind == "entry" and atom.parts[0].domain.kind in ("simplex", "unit"))


class _Search:
    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.bounds = Bounds(algebra, lambda term: self._term(term, Fraction(1)))
        self.nodes = 0
        self.seen: dict[str, int] = {}  # what was not shown, and how deep was looked
        self.told = 0  # how many times cases are told already

    def shown(self, poly: Poly, known: list[Relation]) -> list[str] | None:
        """The steps by which a polynomial is shown to be nowhere negative, or None; short proofs first."""
        if known:
            told_steps: list[str] = ["what is assumed"]
            found = shown_in_every_case(self.algebra, poly, lambda one: self._collects(one, told_steps), known)
            return told_steps if found else None
        for depth in DEPTHS:
            self.seen.clear()
            self.nodes = 0
            steps = self.nonnegative(poly, depth)
            if steps is not None:
                return steps
        return None

    def _collects(self, poly: Poly, steps: list[str]) -> bool:
        found = self.shown(poly, [])
        steps += found or []
        return found is not None

    def nonnegative(self, poly: Poly, depth: int) -> list[str] | None:
        """The steps by which a real polynomial is shown to be nowhere negative, or None."""
        self.nodes += 1
        key = poly_key(poly)
        if self.nodes > MOST_NODES or self.seen.get(key, -1) >= depth:
            return None
        found = self._found(poly, depth)
        if found is None:
            self.seen[key] = depth
        return found

    def _found(self, poly: Poly, depth: int) -> list[str] | None:
        written = poly
        if all(real_term(term) for term in poly):
            poly = self._divided(poly)
            direct = self._direct(poly)
            if direct is not None or depth == 0:
                return direct
        first = self.bounds.tangents(written) if written != poly else iter(())
        for name, found in chain(first, self._enough(poly)) if depth else ():
            steps = self.nonnegative(found, depth - 1)
            if steps is not None:
                return [name, *steps]
        return self._otherwise(poly, depth) if depth else None

    def _direct(self, poly: Poly) -> list[str] | None:
        """Term by term, as a sum of squares, or of what indices run over."""
        if all(self._term(*item) for item in poly.items()):
            return []
        if sum_of_squares(poly, lambda atom: self._atom(atom, Fraction(1))):
            return ["a sum of squares"]
        whole = as_counts(self.algebra.scale(poly, lcm(*(value.denominator for value in poly.values()))))
        return ["the ranges of sizes and indices"] if whole is not None and self.algebra.surely(whole) else None

    def _otherwise(self, poly: Poly, depth: int) -> list[str] | None:
        """By squares of two sides, or by cases."""
        squares = self.bounds.squared(poly)
        if squares is not None:
            steps = self.nonnegative(squares[1], depth - 1)
            if steps is not None:
                return ["the squares of both sides", *steps]
        if self.told == MOST_TOLD or not any(is_bit(atom) for term in poly for atom in atoms_in(term)):
            return None
        self.told += 1
        steps = ["cases by signs"]

        def goal(one: Poly) -> bool:
            found = None if one == poly else self.nonnegative(one, depth - 1)
            steps.extend(found or [])
            return found is not None

        shown = shown_in_every_case(self.algebra, poly, goal)
        self.told -= 1
        return steps if shown else None

    def _term(self, term: Term, value: Fraction) -> bool:
        """Whether a term is nowhere negative."""
        return value > 0 and real_term(term) and all(self._atom(*item) for item in term)

    def _atom(self, atom: Atom, power: Fraction) -> bool:
        """Whether an atom to a power is nowhere negative."""
        if power % 2 == 0 or is_bit(atom) or self.algebra.positive_atom(atom):
            return True
        if power.denominator != 1 and atom.kind == "poly":
            return True
        if atom.kind == "entry":
            return atom.parts[0].domain.kind in ("nonnegative", "simplex", "unit")
        if atom.kind == "max":
            return all(self._term(*item) for item in atom.parts[2].items())
        if atom.kind == "function" and atom.parts[0] == "log":
            more = self.algebra.minus(atom.parts[1], self.algebra.number(1))
            return all(self._term(*item) for item in more.items())
        return atom.kind == "sum" and all(self._atom(*item) for item in atom.parts[1])

    def _divided(self, poly: Poly) -> Poly:
        """The polynomial over its positive content, and without denominators."""
        for _ in range(DEEPEST):
            atoms = {atom for term in poly for atom, _ in term if self.algebra.positive_atom(atom)}
            least = {atom: min(dict(term).get(atom, Fraction(0)) for term in poly) for atom in atoms}
            by = [(atom, -power) for atom, power in least.items() if power]
            signed = {atom: power for term in poly for atom, power in term if power < 0 and atom not in atoms}
            by += [(atom, Fraction(2)) for atom in signed]
            if not by:
                return poly
            poly = self.algebra.add(
                *(self.algebra.scale(self.algebra.product((*term, *by)), value) for term, value in poly.items())
            )
        raise GiveUp("denominators inside denominators")

    def _enough(self, poly: Poly) -> Iterator[Step]:
        """Polynomials of which one needs to be nowhere negative, each with the name of the step."""
        if not all(real_term(term) for term in poly):
            yield from self.bounds.waves(poly)
            return
        named: tuple[tuple[str, Iterator[Poly]], ...] = (
            ("log grows", self._logarithms(poly)),
            ("exp grows", self._exponentials(poly)),
            ("a maximum is at least each of its terms", self._maxima(poly)),
            ("what is at most 1", self._ones(poly)),
            ("a sum of what is not negative is at least each of its terms", self._one_of_a_sum(poly)),
            ("term by term under one sum", self._under_one_sum(poly)),
        )
        for name, found in named:
            yield from ((name, one) for one in found)
        yield from self.bounds.of(poly)

    def _logarithms(self, poly: Poly) -> Iterator[Poly]:
        algebra = self.algebra
        for term, value in poly.items():
            if len(term) == 1 and term[0][1] == 1 and term[0][0].kind == "function" and term[0][0].parts[0] == "log":
                inside = term[0][0].parts[1]
                rest = algebra.minus(poly, {term: value})
                bound = algebra.exp(algebra.scale(rest, -1 / value))
                yield algebra.minus(inside, bound) if value > 0 else algebra.minus(bound, inside)

    def _exponentials(self, poly: Poly) -> Iterator[Poly]:
        if len(poly) != 2 or sum(poly.values()) != 0:
            return
        (up, _), (down, _) = sorted(poly.items(), key=lambda item: -item[1])
        if not all(self.algebra.positive_atom(atom) for atom, _ in up):
            return
        ratio = dict(up)
        for atom, power in down:
            ratio[atom] = ratio.get(atom, Fraction(0)) - power
        if all(atom.kind == "exp" and not is_formal(atom) for atom, power in ratio.items() if power):
            yield self.algebra.add(*({atom.parts[0]: power} for atom, power in ratio.items() if power))

    def _maxima(self, poly: Poly) -> Iterator[Poly]:
        for term, value in poly.items():
            for atom in [one for one, power in term if one.kind == "max" and power == 1]:
                name, size, body = atom.parts
                outer = tuple(item for item in term if item[0] != atom)
                if "dark(" in poly_key(body) or not self._term(outer, Fraction(1)):
                    continue
                rest = self.algebra.minus(poly, {term: value})
                letters: list[Index] = self._letters(poly, size) if value > 0 else [self._letter(size)]
                for letter in letters:
                    instance = self.algebra.mul({outer: Fraction(1)}, self.algebra.renamed(body, {name: letter}))
                    yield self.algebra.add(rest, self.algebra.scale(instance, value))

    def _ones(self, poly: Poly) -> Iterator[Poly]:
        """What lies between 0 and 1 is taken as 1 where it makes a term more negative."""
        changed = []
        for term, value in poly.items():
            rest = [(atom, power) for atom, power in term if power < 0 or not _at_most_one(atom)]
            loosened = value < 0 and all(self._atom(*item) for item in rest)
            changed.append(self.algebra.scale(self.algebra.product(rest if loosened else term), value))
        found = self.algebra.add(*changed)
        if found != poly:
            yield found
        lower = [self._lowered(term, value) for term, value in poly.items()]
        if lower != list(poly):
            yield self.algebra.add(*({term: value} for term, value in zip(lower, poly.values(), strict=True)))

    def _lowered(self, term: Term, value: Fraction) -> Term:
        """A negative term with squares of what is at most 1 as that."""
        if value > 0 or not all(self._atom(*item) for item in term):
            return term
        return tuple((atom, min(power, Fraction(1)) if _at_most_one(atom) else power) for atom, power in term)

    def _one_of_a_sum(self, poly: Poly) -> Iterator[Poly]:
        for term, value in poly.items():
            for atom, power in term:
                opened = single_sum(atom)
                if power != 1 or opened is None or not self._term(term, value):
                    continue
                name, size, inner = opened
                outer = self.algebra.product(item for item in term if item[0] != atom)
                for letter in self._letters(poly, size):
                    instance = self.algebra.mul(outer, self.algebra.renamed_term(list(inner), {name: letter}))
                    if any(poly.get(found, 0) < 0 for found in instance):
                        rest = self.algebra.minus(poly, {term: value})
                        yield self.algebra.add(rest, self.algebra.scale(instance, value))

    def _under_one_sum(self, poly: Poly) -> Iterator[Poly]:
        """Σ_k g_k as g_k, for each range that all terms can be sums over."""
        ranges = {poly_key(o[1]): o[1] for term in poly for a, _ in term if (o := single_sum(a)) is not None}
        for _, size in sorted(ranges.items()):
            letter = self._letter(size)
            parts = {term: self._as_summand(term, size, letter) for term in poly}
            if all(part is not None or self._term(term, poly[term]) for term, part in parts.items()):
                yield self.algebra.add(*(self.algebra.scale(part or {}, poly[term]) for term, part in parts.items()))

    def _as_summand(self, term: Term, size: Poly, letter: str) -> Poly | None:
        for atom, power in term:
            opened = single_sum(atom)
            rest = [item for item in term if item[0] != atom]
            if power == 1 and opened is not None and poly_key(opened[1]) == poly_key(size):
                inner = self.algebra.renamed_term(list(opened[2]), {opened[0]: letter})
                return self.algebra.mul(self.algebra.product(rest), inner)
            if power >= 1 and self.algebra.atom(atom) == size:
                return self.algebra.product([*rest, (atom, power - 1)])
        return None

    def _letters(self, poly: Poly, size: Poly) -> list[Index]:
        """The free letters that run over a range of this size, and entries of integer tensors that do."""
        found: set[Index] = {letter for letter in letters_of_poly(poly) if not letter.startswith("#")}
        found |= {pick for term in poly for atom, _ in term for pick in picks(atom)}
        return sorted((one for one in found if self.algebra.runs_over(one, size)), key=str)

    def _letter(self, size: Poly) -> str:
        """A letter that is used nowhere else."""
        return self.bounds.letter(size)
