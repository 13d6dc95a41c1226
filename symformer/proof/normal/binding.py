"""Indices of the normal form: deltas, indicators, sums and maxima, with the condition of every rule.

- Σ is linear; Σ_k of a product that does not depend on k is the size times it; sums over different indices change
  places (they are finite). A range may be empty, and is never negative: `Form` notes where that is not visible.
- Σ_k δ_kb f(k) = f(b), where b runs over the range of k: `spans` must say so. For b = 1 the range must not be empty.
- Σ_k f(π_k) = Σ_k f(k) for a permutation π of the range of k, where k stands nowhere else.
- [a > b] = 1 − [a ≤ b], [a < b] = 1 − [b ≤ a].
- max_k (f_k + g) = max_k f_k + g for g without k, where the range is not empty.
- A row of a simplex sums to 1, where it is not empty; so do the squares of a row of length 1.
- A product of sums is one sum; its bound indices get the names under which its key is least, all at once. A sum that
  is put together anew takes its indices apart first, so that a name that is given does not capture one that waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from itertools import combinations, permutations
from math import gcd, lcm

from symformer.proof.normal.atoms import (
    PI,
    Atom,
    Poly,
    Term,
    covers,
    has_a_one,
    inner_terms,
    letters_of,
    letters_of_poly,
    letters_of_term,
    pair,
    poly_depth,
    poly_key,
    real_term,
    size_atom,
    term_key,
)
from symformer.proof.normal.indices import (
    Affine,
    Counts,
    GiveUp,
    Index,
    Letter,
    Monomial,
    Pick,
    counts,
    divisors,
    in_order,
    index_of,
    least,
    letters_of_index,
    lowest,
    over,
    plus,
    rank,
    solved,
    without_content,
)
from symformer.proof.normal.powers import Powers
from symformer.proof.normal.ranges import surely

MOST_BOUND = 5
MOST_OPENED = 3
ONE_LESS: Counts = {Monomial(): -1}
LONG_KEY = 100  # letters of a key are worth a step

Bounds = list[tuple[str, Poly]]
Factors = list[tuple[Atom, Fraction]]


class Binding(Powers):
    """Polynomials of atoms under sums and maxima."""

    def pi(self) -> Poly:
        """π."""
        return self.atom(PI)

    def delta(self, left: Index, right: Index) -> Poly:
        """Kronecker's delta."""
        if left == right:
            return self.number(1)
        if isinstance(left, int) and isinstance(right, int):
            return {}
        if self.facts or isinstance(left, Affine) or isinstance(right, Affine):
            return self._delta_of_sums(left, right)
        return self._plain_delta(left, right)

    def _plain_delta(self, left: Index, right: Index) -> Poly:
        """δ of what is not computed."""
        if isinstance(left, Pick) and isinstance(right, Pick) and left.permutes and left.row == right.row:
            return self.delta(left.indices[-1], right.indices[-1])
        return self.atom(pair("delta", *in_order(left, right)))

    def _delta_of_sums(self, left: Index, right: Index) -> Poly:
        """δ of what is computed: what both sides have is taken away, and so is what divides the difference.

        Where q U + V = 0 for a V between −q and q, U and V are 0: two places in blocks are one if block and place are.
        """
        difference = without_content(plus(counts(left), counts(right), -1))
        rest = {one: count for one, count in difference.items() if one != Monomial()}
        if not rest:
            return self.number(int(not difference))
        if difference.get(Monomial(), 0) % gcd(*rest.values()):
            return {}
        if self.surely(plus(difference, ONE_LESS)) or self.surely(plus(ONE_LESS, difference, -1)):
            return {}
        for divisor in divisors(difference):
            whole, part = over(difference, divisor)
            size: Counts = {Monomial((), divisor[0]): divisor[1]}
            ends = (plus(plus(size, part, sign), ONE_LESS) for sign in (1, -1))
            if part and whole and all(map(self.surely, ends)):
                return self.mul(*(self._delta_of_sums(index_of(one), 0) for one in (whole, part)))
        return self._solved_delta(difference)

    def _solved_delta(self, difference: Counts) -> Poly:
        """δ with a letter on one side, if one stands there by itself: the last one in order, which gives way."""
        letters = (letter for one in difference if one.sizes == () for letter in one.letters if len(one.letters) == 1)
        for letter in sorted(letters, key=rank, reverse=True):
            value = solved(difference, letter)
            if isinstance(value, Affine):
                return self.atom(pair("delta", value, letter))
            if value is not None:
                return self._plain_delta(value, letter)
        one, two = (index_of(side) for side in _sides(difference))
        return self.atom(pair("delta", *in_order(one, two)))

    def below(self, left: Index, right: Index) -> Poly:
        """[left ≤ right]."""
        if left == right:
            return self.number(1)
        if isinstance(left, int) and isinstance(right, int):
            return self.number(int(left <= right))
        if isinstance(left, str) and isinstance(right, str) and not self.facts:
            return self.atom(pair("below", left, right))
        return self._below_of_sums(plus(counts(right), counts(left), -1))

    def _below_of_sums(self, difference: Counts) -> Poly:
        """[difference ≥ 0], with what is subtracted on the left; [a + 1 ≤ b] is 1 − [b ≤ a], as all are whole.

        [q U + V ≥ 0] is [U ≥ 0] for a V from 0 to q − 1.
        """
        difference = _rounded(difference)
        for divisor in divisors(difference):
            whole, part = over(difference, divisor)
            size: Counts = {Monomial((), divisor[0]): divisor[1]}
            for blocks in (0, 1) if part else ():
                rest = plus(part, size, blocks)
                if self.surely(rest) and self.surely(plus(plus(size, rest, -1), ONE_LESS)):
                    return self._below_of_sums(plus(whole, ONE_LESS, blocks))
        turned = plus(ONE_LESS, difference, -1)
        if self.surely(difference):
            return self.number(1)
        if self.surely(turned):
            return {}
        if self.surely(plus({}, difference, -1)):
            return self._delta_of_sums(index_of(difference), 0)
        if difference.get(Monomial(), 0) < 0:
            return self.add(self.number(1), self.scale(self._below_of_sums(turned), -1))
        more, less = _sides(difference)
        return self.atom(pair("below", index_of(less), index_of(more)))

    def above(self, poly: Poly) -> Poly:
        """[p > 0]: of positions and sizes, as [1 ≤ p]."""
        whole = as_counts(self.scale(poly, lcm(*(value.denominator for value in poly.values())))) if poly else None
        if whole is None:
            return super().above(poly)
        try:
            return self._below_of_sums(plus(whole, ONE_LESS))
        except GiveUp:
            return super().above(poly)

    def both(self, one: Atom, two: Atom) -> Poly | None:
        """[a ≥ 0] [b ≥ 0]: one of them where it says that the other holds; 0 where a + b < 0; δ where a + b = 0.

        [p > 0] [−p > 0] is 0.
        """
        if one.kind != two.kind:
            return None
        if one.kind != "below":
            return {} if poly_key(self.scale(one.parts[1], -1)) == poly_key(two.parts[1]) else None
        first, second = (plus(counts(atom.parts[1]), counts(atom.parts[0]), -1) for atom in (one, two))
        total = plus(first, second)
        if not total:
            return self._delta_of_sums(index_of(first), 0)
        if self.surely(plus(ONE_LESS, total, -1)):
            return {}
        if self.surely(plus(second, first, -1)):
            return self.atom(one)
        return self.atom(two) if self.surely(plus(first, second, -1)) else None

    def surely(self, difference: Counts) -> bool:
        """Whether a sum of letters and sizes is at least 0 wherever its letters are in their ranges."""
        spans = {name: span for one in difference for name in one.letters if (span := self._counted(name)) is not None}
        if self.facts:
            return self._by_facts(difference)
        found = least(difference, spans)
        return found is not None and surely(found, 0, self.known_sizes)

    def _by_facts(self, difference: Counts) -> bool:
        """Whether it is at least a sum of some of what is known to be at least 0."""
        kept, self.facts = self.facts, ()
        try:
            some = (chosen for times in range(len(kept) + 1) for chosen in combinations(kept, times))
            return any(self.surely(reduce(lambda left, fact: plus(left, fact, -1), one, difference)) for one in some)
        finally:
            self.facts = kept

    def _counted(self, letter: Letter) -> Counts | None:
        """What a letter runs over, as a sum of products of sizes."""
        name = str(letter)
        size = self.ranges.get(name)
        return None if size is None or self.spans.get(name) != poly_key(size) else size_counts(size)

    def counts_up(self, poly: Poly) -> bool:
        """Whether it is a sum of indices and sizes that is at least 0."""
        found = as_counts(poly)
        return found is not None and self.surely(found)

    def less_than_one(self, poly: Poly) -> bool:
        """Whether it is a sum of indices and sizes over a product of sizes, and at least 0 and less than 1."""
        lowest: dict[Atom, Fraction] = {}
        for atom, power in (item for term in poly for item in term):
            lowest[atom] = min(lowest.get(atom, power), power)
        under = [(atom, -power) for atom, power in lowest.items() if power < 0]
        common = lcm(*(value.denominator for value in poly.values()))
        if not all(atom.kind == "size" for atom, _ in under):
            return False
        bottom = as_counts(self.scale(self.product(under), common))
        top = as_counts(self.scale(self.mul(poly, self.product(under)), common))
        if bottom is None or top is None:
            return False
        return self.surely(top) and self.surely(plus(plus(bottom, top, -1), ONE_LESS))

    def position(self, index: Index) -> Poly:
        """An index that stands as a number."""
        if isinstance(index, int):
            return self.number(index)
        if isinstance(index, Affine):
            return self.add(*(self._counted_term(one, count) for one, count in index.terms))
        return self.atom(Atom("index", (index,), f"<{index}>"))

    def _counted_term(self, one: Monomial, count: int) -> Poly:
        out = self.number(count)
        for letter in one.letters:
            out = self.mul(out, self.position(letter))
        for size in one.sizes:
            out = self.mul(out, self.atom(size_atom(size)))
        return out

    # -- sums -------------------------------------------------------------------------------------------------------

    def sum(self, poly: Poly, index: str, size: Poly) -> Poly:
        """Σ over an index from 1 to size."""
        self.span(index, size)
        return self.add(*(self.scale(self._sum_term(term, index, size), value) for term, value in poly.items()))

    def _sum_term(self, term: Term, index: str, size: Poly) -> Poly:
        self.step()
        term = tuple(self._reindexed(list(term), index, size))
        for atom, _ in term:
            other = self._selects(atom, index)
            if other is not None:
                return self._collapsed([item for item in term if item[0] != atom], index, other, size)
        inside = [(atom, power) for atom, power in term if index in letters_of(atom)]
        outside = self.product(item for item in term if index not in letters_of(item[0]))
        if not inside:
            return self.mul(outside, size)
        return self.mul(outside, self._component(inside, index, size))

    def _selects(self, atom: Atom, index: str) -> Index | None:
        """What a delta says that an index is; None where it says nothing of it, or needs a division."""
        if atom.kind != "delta" or index not in letters_of(atom):
            return None
        if index in atom.parts:
            return next(part for part in atom.parts if part != index)
        return solved(plus(counts(atom.parts[0]), counts(atom.parts[1]), -1), index)

    def _collapsed(self, rest: Factors, index: str, other: Index, size: Poly) -> Poly:
        """What a delta under a sum leaves."""
        if index in letters_of_index(other):
            raise GiveUp("a delta of an index and its own pick")
        if other == 1:
            self.fill(size)
        elif not self.runs_over(other, size):
            return self._guarded(rest, index, other, size)
        return self.renamed_term(rest, {index: other})

    def runs_over(self, index: Index, size: Poly) -> bool:
        """Whether a letter, or an entry of an integer tensor that is nowhere less than 1, is in a range."""
        if isinstance(index, (int, Affine)) or self.spans.get(str(index)) != poly_key(size):
            return False
        return (lowest(index) or 0) > 0

    def _guarded(self, rest: Factors, index: str, other: Index, size: Poly) -> Poly:
        """Σ_k δ_ka f(k) = [1 ≤ a] [a ≤ n] f(a), for an a that may be outside the range of k."""
        span = size_counts(size)
        if span is None:
            raise GiveUp("a range that is no sum of sizes")
        inside = self.mul(self.below(1, other), self.below(other, index_of(span)))
        return self.mul(inside, self.renamed_term(rest, {index: other})) if inside else {}

    def _reindexed(self, term: Factors, index: str, size: Poly) -> Factors:
        """The factors with the index in place of its permutation, where it stands nowhere else."""
        for pick in sorted({found for atom, _ in term for found in picks(atom)}, key=str):
            if pick.permutes and pick.indices == (index,) and self.spans.get(str(pick)) == poly_key(size):
                self.reindexed += 1
                letter = f"~π{self.reindexed}"
                changed = self.renamed_term(term, {pick: letter})
                if index not in letters_of_poly(changed):
                    return one_product(self.renamed_term(one_product(changed), {letter: index}))
        return term

    def _component(self, inside: Factors, index: str, size: Poly) -> Poly:
        """A sum as one atom; sums directly inside are merged into it, so that their order does not matter."""
        bounds: Bounds = [(index, size)]
        body = self.number(1)
        plain: Factors = []
        for atom, power in inside:
            if atom.kind == "sum" and power.denominator == 1 and 0 < power <= MOST_OPENED:
                for _ in range(int(power)):
                    self.reindexed += 1  # a name of its own: the sum around may be one that was opened before
                    more, opened = self.spread(atom, f"{self.reindexed}.")
                    bounds += more
                    body = self.mul(body, opened)
            else:
                plain.append((atom, power))
        body = self.mul(body, self.product(plain)) if len(bounds) > 1 else {tuple(plain): Fraction(1)}
        return self._over(bounds, body)

    def _over(self, bounds: Bounds, body: Poly) -> Poly:
        """The sum over all bounds at once of what is one product; else of each product by itself."""
        if len(body) == 1 and set(body.values()) == {1}:
            return self._named(bounds, list(next(iter(body))))
        parts = []
        for term, value in body.items():
            found: Poly = {term: value}
            for name, size in reversed(bounds):
                found = self.sum(found, name, size)
            parts.append(found)
        return self.add(*parts)

    def opened(self, atom: Atom, tag: str) -> tuple[Bounds, Factors]:
        """A sum's bounds and factors, under names that are used nowhere else."""
        bounds, body = self.spread(atom, tag)
        return bounds, one_product(body)

    def spread(self, atom: Atom, tag: str) -> tuple[Bounds, Poly]:
        """A sum's bounds and what is summed, under names that are used nowhere else."""
        bounds, term = atom.parts
        names: dict[Index, Index] = {name: f"~{tag}{name}" for name, _ in bounds}
        for name, size in bounds:
            self.span(names[name], size)
        return [(str(names[name]), size) for name, size in bounds], self.renamed_term(list(term), names)

    def _named(self, bounds: Bounds, factors: Factors) -> Poly:
        """The sum with its bound indices under canonical names: the least key over their orders."""
        bounds, factors = self._closed(bounds, factors)
        if not bounds:
            return self.product(factors)
        if len(bounds) > MOST_BOUND:
            raise GiveUp("too many bound indices in one sum")
        if len(bounds) > 1:
            collapsed = self._one_collapsed(bounds, factors)
            if collapsed is not None:
                return collapsed
        depth = 1 + max((atom.depth for atom, _ in factors), default=0)
        best: tuple[str, tuple[tuple[str, Poly], ...], Term] | None = None
        for order in permutations(bounds):
            found = self._under(order, factors, depth)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        if best is None:
            raise GiveUp("a sum whose factors do not stay one product")
        return self.atom(Atom("sum", best[1:], best[0], depth))

    def _one_collapsed(self, bounds: Bounds, factors: Factors) -> Poly | None:
        """The sum without one of its indices, where a delta says what it is."""
        for atom, _ in factors:
            for name, size in bounds:
                other = self._selects(atom, name)
                if other is None or name in letters_of_index(other):
                    continue
                left = [bound for bound in bounds if bound[0] != name]
                found = self._collapsed([item for item in factors if item[0] != atom], name, other, size)
                for inner, length in reversed(left):
                    found = self.sum(found, inner, length)
                return found
        return None

    def _under(
        self, order: tuple[tuple[str, Poly], ...], factors: Factors, depth: int
    ) -> tuple[str, tuple[tuple[str, Poly], ...], Term] | None:
        """The key, the bounds and the product of a sum whose indices are named in this order, if it stays one."""
        self.step(len(factors))
        spans = tuple((_bound_name(depth, place, size), size) for place, (_, size) in enumerate(order))
        names: Mapping[Index, Index] = {old: new for (old, _), (new, _) in zip(order, spans, strict=True)}
        for name, size in spans:
            self.span(name, size)
        body = self.renamed_term(factors, names)
        if len(body) != 1 or set(body.values()) != {1}:
            return None
        term = next(iter(body))
        key = f"Σ[{';'.join(poly_key(size) for _, size in spans)}]({term_key(term)})"
        self.step(len(key) // LONG_KEY)
        return key, spans, term

    def _closed(self, bounds: Bounds, factors: Factors) -> tuple[Bounds, Factors]:
        """Rows that sum to 1, or whose squares do, taken out."""
        for name, _ in bounds:
            users = [item for item in factors if name in letters_of(item[0])]
            size = next(size for other, size in bounds if other == name)
            if len(users) == 1 and _is_row(*users[0], name) and covers(size, users[0][0].parts[0].shape[-1]):
                self.fill(size)
                left = [bound for bound in bounds if bound[0] != name]
                return self._closed(left, [item for item in factors if item != users[0]])
        return bounds, factors

    # -- maxima -----------------------------------------------------------------------------------------------------

    def maximum(self, poly: Poly, index: str, size: Poly) -> Poly:
        """The maximum over an index; what does not depend on it leaves.

        Raises:
            GiveUp: complex terms, or a mask that may leave nothing.
        """
        self.span(index, size)
        self.fill(size)
        if not all(real_term(term) for term in poly):
            raise GiveUp("a maximum of waves")
        inside = {term: value for term, value in poly.items() if index in letters_of_term(term)}
        outside = {term: value for term, value in poly.items() if term not in inside}
        for term in poly:
            if any(atom.kind == "dark" and not _shows(atom, index, size) for atom, _ in term):
                raise GiveUp("a mask that may leave nothing")
        return self.add(outside, self._largest(inside, index, size)) if inside else outside

    def _largest(self, body: Poly, index: str, size: Poly) -> Poly:
        """A maximum all of whose terms depend on the index.

        What is positive and does not depend on it leaves; max exp f = exp max f; a permutation of the index, and
        counting it from the other end, change nothing; two maxima change places.
        """
        found = self._grown(body, index, size)
        if found is not None:
            return found
        body = self._unturned(body, index, size)
        options = [self._named_largest(one, index, size) for one in (body, *self._backwards(body, index, size))]
        (term, value), *more = body.items()
        if not more and value == 1 and len(term) == 1 and term[0][1] == 1 and term[0][0].kind == "max":
            options += self._exchanged(term[0][0], index, size)
        return min(options, key=poly_key)

    def _grown(self, body: Poly, index: str, size: Poly) -> Poly | None:
        """With a positive factor, or an exponential, outside of the maximum."""
        terms = list(body)
        least = {atom: min(dict(term).get(atom, Fraction(0)) for term in terms) for term in terms for atom, _ in term}
        outer = [(a, p) for a, p in least.items() if p and index not in letters_of(a) and self.positive_atom(a)]
        if outer and not any(atom.kind == "dark" for term in terms for atom, _ in term):
            less = [(atom, -power) for atom, power in outer]
            inner = self.add(*(self.scale(self.product((*term, *less)), value) for term, value in body.items()))
            return self.mul(self.product(outer), self.maximum(inner, index, size))
        content = Fraction(
            gcd(*(value.numerator for value in body.values())), lcm(*(value.denominator for value in body.values()))
        )
        if content != 1:
            return self.scale(self.maximum(self.scale(body, 1 / content), index, size), content)
        first = terms[0]
        waves = all(atom.kind == "exp" and self.positive_atom(atom) for atom, _ in first)
        if len(terms) > 1 or body[first] < 0 or not first or not waves:
            return None
        return self.exp(self.maximum(self.add(*({atom.parts[0]: power} for atom, power in first)), index, size))

    def _unturned(self, body: Poly, index: str, size: Poly) -> Poly:
        """The body with the index in place of its permutation, where it stands nowhere else."""
        for pick in sorted({found for term in body for atom, _ in term for found in picks(atom)}, key=str):
            if pick.permutes and pick.indices == (index,) and self.spans.get(str(pick)) == poly_key(size):
                self.reindexed += 1
                letter = f"~π{self.reindexed}"
                self.span(letter, size)
                changed = self.renamed(body, {pick: letter})
                if index not in letters_of_poly(changed):
                    return self.renamed(changed, {letter: index})
        return body

    def _backwards(self, body: Poly, index: str, size: Poly) -> list[Poly]:
        """The body with the index counted from the other end, where it is computed with."""
        span = size_counts(size)
        if span is None or not any(_computed(atom, index) for term in body for atom, _ in term):
            return []
        return [self.renamed(body, {index: index_of(plus(plus(span, {Monomial(): 1}), {Monomial((index,)): 1}, -1))})]

    def _exchanged(self, atom: Atom, index: str, size: Poly) -> list[Poly]:
        """Two maxima the other way round."""
        name, length, body = atom.parts
        self.reindexed += 1
        inner = f"~↔{self.reindexed}"
        self.span(inner, length)
        swapped = self._named_largest(self.renamed(body, {name: inner}), index, size)
        return [self._named_largest(swapped, inner, length)] if inner in letters_of_poly(swapped) else []

    def _named_largest(self, body: Poly, index: str, size: Poly) -> Poly:
        """A maximum as an atom, under the canonical name of its index."""
        depth = 1 + poly_depth(body)
        name = _bound_name(depth, 0, size)
        self.span(name, size)
        body = self.renamed(body, {index: name})
        return self.atom(Atom("max", (name, size, body), f"max[{poly_key(size)}]({poly_key(body)})", depth))

    def renamed(self, poly: Poly, names: Mapping[Index, Index]) -> Poly:
        """A polynomial under other names of its indices."""
        raise NotImplementedError


def _rounded(difference: Counts) -> Counts:
    """A polynomial that is at least 0 exactly where another one is: over what divides all but its number."""
    rest = {one: count for one, count in difference.items() if one != Monomial()}
    if not rest:
        return difference
    content = gcd(*rest.values())
    number = difference.get(Monomial(), 0) // content
    return without_content(plus({one: count // content for one, count in rest.items()}, {Monomial(): number}))


def _sides(difference: Counts) -> tuple[Counts, Counts]:
    """What is added and what is subtracted."""
    more = {one: count for one, count in difference.items() if count > 0}
    return more, {one: -count for one, count in difference.items() if count < 0}


def as_counts(poly: Poly) -> Counts | None:
    """A polynomial of positions and sizes as one of letters and sizes; None for any other."""
    out: Counts = {}
    for term, value in poly.items():
        if value.denominator != 1 or any(power.denominator != 1 or power < 0 for _, power in term):
            return None
        factors = [(atom, int(power)) for atom, power in term]
        if any(atom.kind not in ("size", "index") for atom, _ in factors):
            return None
        letters = [atom.parts[0] for atom, power in factors for _ in range(power) if atom.kind == "index"]
        sizes = [atom.parts[0] for atom, power in factors for _ in range(power) if atom.kind == "size"]
        out = plus(out, {Monomial((), ()).times(Monomial(tuple(letters), tuple(sizes))): int(value)})
    return out


def size_counts(size: Poly) -> Counts | None:
    """A range as a sum of products of sizes; None where it is none."""
    out: Counts = {}
    for term, value in size.items():
        plain = all(atom.kind == "size" and power.denominator == 1 and power > 0 for atom, power in term)
        if not plain or value.denominator != 1:
            return None
        symbols = tuple(sorted((atom.parts[0] for atom, power in term for _ in range(int(power))), key=str))
        out = plus(out, {Monomial((), symbols): int(value)})
    return out


def _bound_name(depth: int, place: int, size: Poly) -> str:
    """The canonical name of a bound index: one name has one range, and no author's index is called so."""
    return f"#{depth}.{place}:{poly_key(size)}"


def dark(mask: Poly) -> Atom:
    """0 where the mask is 1 and −∞ where it is 0."""
    return Atom("dark", (mask,), f"dark({poly_key(mask)})", poly_depth(mask))


def _shows(atom: Atom, index: str, size: Poly) -> bool:
    """Whether a mask lets something through for some value of the index."""
    terms = list(atom.parts[0].items())
    return (
        len(terms) == 1 and terms[0][1] == 1 and len(terms[0][0]) == 1 and has_a_one(terms[0][0][0][0], {index: size})
    )


def picks(atom: Atom) -> set[Pick]:
    """The picks that stand as indices in an atom."""
    found = atom.parts[1] if atom.kind == "entry" else atom.parts if atom.kind in ("delta", "below", "index") else ()
    own = {index for index in found if isinstance(index, Pick)}
    return own.union(*(picks(inner) for term in inner_terms(atom) for inner, _ in term))


def _computed(atom: Atom, index: str) -> bool:
    """Whether an index stands in a sum of letters."""
    places = atom.parts[1] if atom.kind == "entry" else atom.parts if atom.kind in ("delta", "below", "index") else ()
    own = any(isinstance(place, Affine) and index in letters_of_index(place) for place in places)
    return own or any(_computed(inner, index) for term in inner_terms(atom) for inner, _ in term)


def one_product(poly: Poly) -> Factors:
    """The factors of what must be one product.

    Raises:
        GiveUp: it is a sum, or has a coefficient.
    """
    if len(poly) != 1 or next(iter(poly.values())) != 1:
        raise GiveUp("a sum whose factors do not stay one product")
    return list(next(iter(poly)))


def _is_row(atom: Atom, power: Fraction, name: str) -> bool:
    """An entry of a simplex, or the square of one of a row of length 1, with this index on its last axis alone."""
    if atom.kind != "entry" or power != {"simplex": 1, "sphere": 2}.get(atom.parts[0].domain.kind):
        return False
    indices = atom.parts[1]
    return bool(indices[-1] == name and not any(name in letters_of_index(index) for index in indices[:-1]))
