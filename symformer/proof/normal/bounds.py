"""Steps of a proof that a polynomial is nowhere negative: what it is at least, by a bound that has a name.

Each step gives another polynomial that is nowhere larger, so that one of them needs to be nowhere negative. R stands
for what is visibly not negative.

- tangents: R e^t ≥ R (1 + t), and −R log u ≥ R (1 − u), where log u is Σ c log P.
- Gibbs: log Σ_k b_k ≥ Σ_k p_k (log b_k − log p_k) for positive b and any weights p, also p_k = 1/n.
- an average: R max_k f_k ≥ R Σ_k p_k f_k for weights p, also p_k = 1/n.
- Cauchy and Schwarz: c C ≥ −|c| √A √B for C = Σ f, A = Σ a, B = Σ f²/a with a ≥ 0.
- AM–GM: equal shares of non-negative terms are at least their geometric mean.
- pairs: a product of two sums over one range is Σ_k Σ_l g(k, l), and so is it with g(l, k): the mean of both is enough.
- squares: Q + N ≥ 0 if Q ≥ 0 and Q² ≥ N².
- waves: c cos t ≥ −|c|, and so for sin.
- logarithms: q − e^t ≥ 0 if log q ≥ t, for a positive q.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import ONE, UNIT, Atom, Poly, Term, atoms_in, covers, poly_key, single_sum
from symformer.proof.normal.indices import letters_of_index
from symformer.proof.normal.powers import is_formal

Nonnegative = Callable[[Term], bool]
Step = tuple[str, Poly]
MOST_PAIRED = 24  # terms of a product of sums


class Bounds:
    """Bounds of a polynomial.

    Args:
        algebra: what computes.
        visible: whether a product is visibly nowhere negative.
    """

    def __init__(self, algebra: Algebra, visible: Nonnegative) -> None:
        self.algebra, self.visible = algebra, visible
        self.fresh = 0

    def of(self, poly: Poly) -> Iterator[Step]:
        """Names of bounds, with what the polynomial is at least by them."""
        yield from self.waves(poly)
        yield from self.tangents(poly)
        for steps in (self._gibbs, self._averages, self._means, self._by_logarithm, self._pairs, self._cauchy_schwarz):
            yield from steps(poly)

    def letter(self, size: Poly) -> str:
        """A letter that is used nowhere else."""
        self.fresh += 1
        name = f"≤{self.fresh}"
        self.algebra.span(name, size)
        return name

    def _swapped(self, poly: Poly, term: Term, instead: Poly) -> Poly:
        """The polynomial with something in place of a term."""
        return self.algebra.add(self.algebra.minus(poly, {term: poly[term]}), self.algebra.scale(instead, poly[term]))

    def _split(self, poly: Poly, wanted: Callable[[Atom, Fraction], bool]) -> Iterator[tuple[Term, Atom, Term]]:
        """(term, atom, cofactor) of terms that hold one atom that is wanted, times what is not negative."""
        for term in poly:
            for atom, power in term:
                rest = tuple(item for item in term if item[0] != atom)
                if wanted(atom, power) and self.visible(rest):
                    yield term, atom, rest

    # -- functions --------------------------------------------------------------------------------------------------

    def waves(self, poly: Poly) -> Iterator[Step]:
        """cos and sin between −1 and 1."""
        if not any(atom.kind == "cis" for term in poly for atom, _ in term):
            return
        real = self._without_waves(poly)
        if real is None:
            return
        for term, _, rest in self._split(real, lambda atom, power: _is(atom, "cos", "sin") and power == 1):
            bound = self._swapped(real, term, {})
            yield "a wave is between −1 and 1", self.algebra.minus(bound, {rest: abs(real[term])})
        if real != poly and not any(atom.kind == "cis" for term in real for atom, _ in term):
            yield "", real

    def _without_waves(self, poly: Poly) -> Poly | None:
        """cis t as cos t + i sin t, with sin² = 1 − cos²."""
        algebra, out = self.algebra, []
        for term, value in poly.items():
            found = algebra.number(value)
            for atom, power in term:
                if atom.kind != "cis":
                    found = algebra.mul(found, algebra.atom(atom, power))
                    continue
                argument = algebra.scale({atom.parts[0]: abs(power)}, 1)
                sign = 1 if power > 0 else -1
                cos, sin = (algebra.function(name, argument) for name in ("cos", "sin"))
                found = algebra.mul(found, algebra.add(cos, algebra.scale(algebra.mul(algebra.atom(UNIT), sin), sign)))
            out.append(found)
        total = algebra.add(*out)
        return None if any(atom == UNIT for term in total for atom, _ in term) else total

    def tangents(self, poly: Poly) -> Iterator[Step]:
        """e^t ≥ 1 + t, and log u ≤ u − 1."""
        algebra = self.algebra
        for term, atom, rest in self._split(poly, lambda atom, power: atom.kind == "exp" and not is_formal(atom)):
            if poly[term] > 0:
                tangent = algebra.add(algebra.number(1), {atom.parts[0]: dict(term)[atom]})
                yield "e^t ≥ 1 + t", self._swapped(poly, term, algebra.mul({rest: Fraction(1)}, tangent))
        for with_all in (False, True):
            found = self._log_tangents(poly, with_all)
            if found is not None:
                yield "log u ≤ u − 1", found
            for size, letter, whole in self._integrands(poly):
                found = self._log_tangents(whole, with_all)
                if found is not None:
                    yield "log u ≤ u − 1", algebra.sum(found, letter, size)

    def _log_tangents(self, poly: Poly, with_all: bool) -> Poly | None:
        """With R Σ c log P at least R (1 − Π P^−c), for each cofactor R; R t, too, as R log e^t, if asked for."""
        algebra = self.algebra
        by_rest: dict[Term, list[tuple[Term, Poly]]] = {}
        for term, atom, rest in self._split(poly, lambda atom, power: _is(atom, "log") and power == 1):
            by_rest.setdefault(rest, []).append((term, atom.parts[1]))
        out = poly
        for rest, logs in by_rest.items():
            taken = {term for term, _ in logs}
            for term in poly if with_all else ():
                other = algebra.product([*term, *((atom, -power) for atom, power in rest)])
                if term not in taken and all(power > 0 for one in other for _, power in one):
                    logs.append((term, algebra.exp(other)))
            size = max(abs(poly[term]) for term, _ in logs)
            product = algebra.number(1)
            for term, inner in logs:
                product = algebra.mul(product, algebra.power(inner, -poly[term] / size))
                out = algebra.minus(out, {term: poly[term]})
            tangent = algebra.scale(algebra.minus(algebra.number(1), product), size)
            out = algebra.add(out, algebra.mul({rest: Fraction(1)}, tangent))
            if with_all:
                break
        return None if out == poly else out

    def _gibbs(self, poly: Poly) -> Iterator[Step]:
        """The logarithm of a sum is at least any average of logarithms."""
        algebra = self.algebra
        for term, atom, rest in self._split(poly, lambda atom, power: _is(atom, "log") and power == 1):
            inner: Poly = atom.parts[1]
            if poly[term] < 0 or len(inner) != 1:
                continue
            ((product, value),) = inner.items()
            sums = [one for one, power in product if power == 1 and single_sum(one) is not None]
            outer = tuple(item for item in product if item[0] not in sums)
            if len(sums) != 1 or not all(algebra.positive_atom(one) for one, _ in outer) or value <= 0:
                continue
            name, size, body = single_sum(sums[0]) or ("", {}, ONE)
            if not all(algebra.positive_atom(one) for one, _ in body):
                continue
            for weight in (None, *self._weights(poly, size)):
                letter = self.letter(size)
                share = self._equal_share(size) if weight is None else self._entry(weight, letter)
                summand = algebra.renamed_term([*body, *outer], {name: letter})
                each = algebra.minus(algebra.log(algebra.scale(summand, value)), algebra.log(share))
                average = algebra.sum(algebra.mul(share, each), letter, size)
                bound = algebra.mul({rest: Fraction(1)}, average)
                yield "Jensen's inequality for log", self._swapped(poly, term, bound)

    def _averages(self, poly: Poly) -> Iterator[Step]:
        """A maximum is at least any average."""
        algebra = self.algebra
        for term, atom, rest in self._split(poly, lambda atom, power: atom.kind == "max" and power == 1):
            name, size, body = atom.parts
            if poly[term] < 0 or any(inner.kind == "dark" for one in body for inner in atoms_in(one)):
                continue
            for weight in (None, *self._weights(poly, size)):
                letter = self.letter(size)
                share = self._equal_share(size) if weight is None else self._entry(weight, letter)
                average = algebra.sum(algebra.mul(share, algebra.renamed(body, {name: letter})), letter, size)
                bound = algebra.mul({rest: Fraction(1)}, average)
                yield "an average is at most the maximum", self._swapped(poly, term, bound)

    def _weights(self, poly: Poly, size: Poly) -> list[Atom]:
        """Rows of a simplex over this range."""
        found = {atom.key: atom for term in poly for atom in atoms_in(term) if _is_weight(atom)}
        rows = {self._row(atom): atom for atom in found.values() if self._runs(atom, size)}
        return [rows[row] for row in sorted(rows)]

    def _runs(self, atom: Atom, size: Poly) -> bool:
        """Whether its last index runs over a range, and all others are free."""
        others = frozenset().union(*(letters_of_index(index) for index in atom.parts[1][:-1]))
        if any(letter.startswith("#") for letter in others) or not covers(size, atom.parts[0].shape[-1]):
            return False
        return self.algebra.spans.get(str(atom.parts[1][-1])) == poly_key(size)

    def _row(self, atom: Atom) -> str:
        return f"{atom.parts[0].digest}[{','.join(map(str, atom.parts[1][:-1]))}]"

    def _entry(self, atom: Atom, letter: str) -> Poly:
        return self.algebra.renamed_term([(atom, Fraction(1))], {atom.parts[1][-1]: letter})

    def _by_logarithm(self, poly: Poly) -> Iterator[Step]:
        """q − e^t by the logarithm of q."""
        algebra = self.algebra
        down = [term for term, value in poly.items() if value < 0]
        if len(down) != 1 or not any(_grows(atom) for atom, _ in down[0]):
            return
        if not all(algebra.positive_atom(atom) for atom, _ in down[0]):
            return
        over = algebra.scale(algebra.minus(poly, {down[0]: poly[down[0]]}), -1 / poly[down[0]])
        if algebra.positive(over):
            exponent = algebra.log({down[0]: Fraction(1)})
            yield "the logarithm of both sides", algebra.minus(algebra.log(over), exponent)

    def _means(self, poly: Poly) -> Iterator[Step]:
        """A product of powers is at most the mean of what it is the geometric mean of: terms of one coefficient."""
        down = [term for term, value in poly.items() if value < 0]
        if len(down) != 1 or not self.visible(down[0]):
            return
        groups: dict[Fraction, list[Term]] = {}
        for term, value in poly.items():
            if value > 0 and self.visible(term):
                groups.setdefault(value, []).append(term)
        out, covered = poly, Fraction(0)
        for value, terms in groups.items():
            share = Fraction(1, len(terms))
            mean = self.algebra.product((atom, power * share) for term in terms for atom, power in term)
            if mean == {down[0]: Fraction(1)}:
                covered += value * len(terms)
                out = self.algebra.minus(out, dict.fromkeys(terms, value))
        if covered:
            yield "AM–GM", self.algebra.add(out, {down[0]: covered})

    # -- sums -------------------------------------------------------------------------------------------------------

    def _integrands(self, poly: Poly) -> Iterator[tuple[Poly, str, Poly]]:
        """(size, letter, summand) where every term is a sum over one range, or an average of itself over it."""
        for size in self._ranges(poly):
            self._known_weights = tuple(self._weights(poly, size))
            letter = self.letter(size)
            parts = [self._summand(term, size, letter) for term in poly]
            if all(part is not None for part in parts):
                yield (
                    size,
                    letter,
                    self.algebra.add(
                        *(
                            self.algebra.scale(part or {}, value)
                            for part, value in zip(parts, poly.values(), strict=True)
                        )
                    ),
                )

    def _ranges(self, poly: Poly) -> list[Poly]:
        found = {poly_key(one[1]): one[1] for term in poly for atom, _ in term if (one := single_sum(atom)) is not None}
        return [size for _, size in sorted(found.items())]

    def _summand(self, term: Term, size: Poly, letter: str) -> Poly | None:
        """What a term is a sum of over a range; a number is that over its size, times 1."""
        for atom, power in term:
            found = single_sum(atom)
            rest = [item for item in term if item[0] != atom]
            if power >= 1 and power.denominator == 1 and found is not None and poly_key(found[1]) == poly_key(size):
                inner = self.algebra.renamed_term(list(found[2]), {found[0]: letter})
                return self.algebra.mul(self.algebra.product([*rest, (atom, power - 1)]), inner)
        if any(self.algebra.atom(atom) == size and power >= 1 for atom, power in term):
            return self.algebra.mul({term: Fraction(1)}, self.algebra.inverse(size))
        return self._share(term, size, letter)

    def _equal_share(self, size: Poly) -> Poly:
        """1/n, for a range that is not empty."""
        self.algebra.fill(size)
        return self.algebra.inverse(size)

    def _share(self, term: Term, size: Poly, letter: str) -> Poly | None:
        """A term times weights, whose sum is 1; without weights, over the size."""
        weight = next((atom for atom in self._known_weights if self._runs(atom, size)), None)
        share = self._equal_share(size) if weight is None else self._entry(weight, letter)
        return self.algebra.mul({term: Fraction(1)}, share)

    _known_weights: tuple[Atom, ...] = ()

    def _pairs(self, poly: Poly) -> Iterator[Step]:
        """The sum over two indices that stand for one another."""
        algebra = self.algebra
        if len(poly) > MOST_PAIRED or not any(_twice(term) for term in poly):
            return
        self._known_weights = tuple(atom for size in self._ranges(poly) for atom in self._weights(poly, size))
        for size in self._ranges(poly):
            one, two = self.letter(size), self.letter(size)
            parts = []
            for term, value in poly.items():
                first = self._summand(term, size, one)
                for inner, times in (first or {}).items():
                    parts.append(algebra.scale(self._summand(inner, size, two) or {}, value * times))
            body = algebra.add(*parts)
            yield "sums of squares over pairs", algebra.add(body, self._turned(body, one, two, size))
        self._known_weights = ()

    def _turned(self, body: Poly, one: str, two: str, size: Poly) -> Poly:
        """The body with its two letters exchanged."""
        spare = self.letter(size)
        first = self.algebra.renamed(body, {one: spare})
        return self.algebra.renamed(self.algebra.renamed(first, {two: one}), {spare: two})

    def _cauchy_schwarz(self, poly: Poly) -> Iterator[Step]:
        """A sum is at most the root of a product of two."""
        algebra = self.algebra
        half = Fraction(1, 2)
        roots = {atom for term in poly for atom, power in term if power == half and single_sum(atom) is not None}
        for term, atom, rest in self._split(poly, lambda atom, power: power == 1 and single_sum(atom) is not None):
            name, size, body = single_sum(atom) or ("", {}, ONE)
            for root in sorted(roots, key=lambda one: one.key):
                other, length, inner = single_sum(root) or ("", {}, ONE)
                if poly_key(length) != poly_key(size) or not self.visible(inner):
                    continue
                letter = self.letter(size)
                square = algebra.mul(*([algebra.renamed_term(list(body), {name: letter})] * 2))
                left = algebra.mul(square, algebra.inverse(algebra.renamed_term(list(inner), {other: letter})))
                if not all(self.visible(one) and value > 0 and self._whole(one) for one, value in left.items()):
                    continue
                other_root = algebra.power(algebra.sum(left, letter, size), half)
                bound = algebra.mul(other_root, algebra.mul(algebra.atom(root, half), {rest: Fraction(1)}))
                less = algebra.scale(bound, -1 if poly[term] > 0 else 1)
                yield "the inequality of Cauchy and Schwarz", self._swapped(poly, term, less)

    def _whole(self, term: Term) -> bool:
        """Whether a product divides by nothing that may be 0, so that f² = a b holds everywhere."""
        return all(power > 0 or self.algebra.positive_atom(atom) for atom, power in term)

    def squared(self, poly: Poly) -> tuple[Poly, Poly] | None:
        """(Q, Q² − N²) of a polynomial Q + N with a root in it, where Q is what is visibly not negative."""
        algebra = self.algebra
        plain = {term: value for term, value in poly.items() if value > 0 and self.visible(term)}
        other = {term: value for term, value in poly.items() if term not in plain}
        rooted = any(power.denominator == 2 for term in poly for _, power in term)
        if not rooted or not plain or not other or len(poly) > MOST_PAIRED // 3:
            return None
        return plain, algebra.minus(algebra.mul(plain, plain), algebra.mul(other, other))


def _is(atom: Atom, *names: str) -> bool:
    return atom.kind == "function" and atom.parts[0] in names


def _twice(term: Term) -> bool:
    """Whether a product holds two sums, or one twice."""
    return sum(min(int(power), 2) for atom, power in term if power >= 1 and single_sum(atom) is not None) > 1


def _grows(atom: Atom) -> bool:
    return atom.kind == "exp" and not is_formal(atom)


def _is_weight(atom: Atom) -> bool:
    if atom.kind != "entry" or atom.parts[0].domain.kind != "simplex" or not atom.parts[1]:
        return False
    last = atom.parts[1][-1]
    return isinstance(last, str) and not any(last in letters_of_index(one) for one in atom.parts[1][:-1])
