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
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import sympy
from sympy import Expr

from symformer.calculus import NoDerivative
from symformer.notation import Add, Const, Mul, Neg, Pow, Var, Written, walk
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.arithmetic import is_bit
from symformer.proof.normal.atoms import Atom, Poly, Term, letters_of_poly, poly_key, real_term
from symformer.proof.normal.equal import Proof
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp
from symformer.proof.normal.powers import is_formal
from symformer.proof.normal.ranges import surely
from symformer.proof.normal.signs import NONNEGATIVE, sign

DEEPEST = 7


def at_most(
    left: Written, right: Written, spans: Mapping[str, Expr] | None = None, known: Sequence[Expr] = ()
) -> Proof | str:
    """A proof that left ≤ right for every size, wherever both sides are defined; or why there is none."""
    try:
        form = Form(spans, known)
        one, two = form.of(left), form.of(right)
        difference = form.algebra.minus(two, one)
        if (
            _visible(left, right)
            or _of_sizes(left, right, known)
            or _Search(form.algebra).nonnegative(difference, DEEPEST)
        ):
            return Proof(difference, form.conditions)
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
        self.fresh = 0

    def nonnegative(self, poly: Poly, depth: int) -> bool:
        """Whether a real polynomial is shown to be nowhere negative."""
        if not all(real_term(term) for term in poly):
            return False
        poly = self._divided(poly)
        if all(self._term(*item) for item in poly.items()):
            return True
        return depth > 0 and any(self.nonnegative(found, depth - 1) for found in self._enough(poly))

    def _term(self, term: Term, value: Fraction) -> bool:
        """Whether a term is nowhere negative."""
        return value > 0 and all(self._atom(*item) for item in term)

    def _atom(self, atom: Atom, power: Fraction) -> bool:
        """Whether an atom to a power is nowhere negative."""
        if power % 2 == 0 or is_bit(atom) or self.algebra.positive_atom(atom):
            return True
        if power.denominator != 1 and atom.kind == "poly":
            return True
        if atom.kind == "entry":
            return atom.parts[0].domain.kind in ("nonnegative", "simplex", "unit")
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

    def _enough(self, poly: Poly) -> Iterator[Poly]:
        """Polynomials of which one needs to be nowhere negative."""
        yield from self._logarithms(poly)
        yield from self._exponentials(poly)
        yield from self._maxima(poly)
        yield from self._ones(poly)
        yield from self._one_of_a_sum(poly)
        yield from self._under_one_sum(poly)

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
            if len(term) == 1 and term[0][1] == 1 and term[0][0].kind == "max":
                name, size, body = term[0][0].parts
                if "dark(" in poly_key(body):
                    continue
                rest = self.algebra.minus(poly, {term: value})
                letters = self._letters(poly, size) if value > 0 else [self._letter(size)]
                for letter in letters:
                    instance = self.algebra.renamed(body, {name: letter})
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

    def _one_of_a_sum(self, poly: Poly) -> Iterator[Poly]:
        for term, value in poly.items():
            for atom, power in term:
                opened = self._single(atom)
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
        ranges = {poly_key(o[1]): o[1] for term in poly for a, _ in term if (o := self._single(a)) is not None}
        for _, size in sorted(ranges.items()):
            letter = self._letter(size)
            parts = {term: self._as_summand(term, size, letter) for term in poly}
            if all(part is not None or self._term(term, poly[term]) for term, part in parts.items()):
                yield self.algebra.add(*(self.algebra.scale(part or {}, poly[term]) for term, part in parts.items()))

    def _as_summand(self, term: Term, size: Poly, letter: str) -> Poly | None:
        for atom, power in term:
            opened = self._single(atom)
            rest = [item for item in term if item[0] != atom]
            if power == 1 and opened is not None and poly_key(opened[1]) == poly_key(size):
                inner = self.algebra.renamed_term(list(opened[2]), {opened[0]: letter})
                return self.algebra.mul(self.algebra.product(rest), inner)
            if power >= 1 and self.algebra.atom(atom) == size:
                return self.algebra.product([*rest, (atom, power - 1)])
        return None

    def _single(self, atom: Atom) -> tuple[str, Poly, Term] | None:
        """(index, size, product) of a sum over one index."""
        if atom.kind != "sum" or len(atom.parts[0]) != 1:
            return None
        ((name, size),) = atom.parts[0]
        return name, size, atom.parts[1]

    def _letters(self, poly: Poly, size: Poly) -> list[str]:
        """The free letters that run over a range of this size."""
        return sorted(letter for letter in letters_of_poly(poly) if self.algebra.spans.get(letter) == poly_key(size))

    def _letter(self, size: Poly) -> str:
        """A letter that is used nowhere else."""
        self.fresh += 1
        name = f"~≤{self.fresh}"
        self.algebra.span(name, size)
        return name
