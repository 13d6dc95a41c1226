"""Sums told by their ends: Σ from 1 to n of h(k + c) is H(n + c) − H(c), where H(m) − H(m − 1) = h(m) and H(0) = 0.

Such an H there is for any h on the whole numbers; where h reads outside an axis, its values are any numbers, and what
is proved does not hang on them. So sums whose ranges lie side by side, overlap, are counted from elsewhere or backwards
have the same H, and differ by its ends alone. By rules:

- [k ≤ b] and [b ≤ k] under the sum are its ends, where b surely lies in the range.
- H(a + c) = H(a) + h(a + 1) + … + h(a + c) for a small number c.
- H is known for powers of k: Σ 1 = m, Σ k = m(m + 1)/2, and so on (Faulhaber, by differences).
- Σ q^k = q (q^m − 1)/(q − 1), where q ≠ 1, which is a condition: not beside comparisons of values, and not for a q
  that bits switch, since what is claimed might be of q = 1 alone.
- Not for a body that divides by k, or has it under a root or a logarithm: it may have no value outside of the range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import permutations

from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.arithmetic import is_above
from symformer.proof.normal.atoms import (
    Atom,
    Poly,
    Term,
    atoms_in,
    bits_in,
    ends_atom,
    inner_terms,
    letters_of,
    letters_of_poly,
    poly_key,
)
from symformer.proof.normal.binding import ONE_LESS, Bounds, size_counts
from symformer.proof.normal.indices import (
    ANYWHERE,
    Affine,
    Counts,
    GiveUp,
    Index,
    Monomial,
    counts,
    index_of,
    letters_of_counts,
    plus,
    product,
)
from symformer.proof.normal.printed import printed

MOST_STEPS = 4  # terms that are split off at an end
MOST_AXES = 3
HIGHEST = 6  # power of an index

Axis = tuple[str, Counts]  # a letter, and the end up to which it runs
Piece = tuple[Fraction, Term, tuple[Axis, ...]]


def by_ends(algebra: Algebra, poly: Poly, notes: set[str], divided: Collection[str] = ()) -> Poly:
    """The polynomial with every sum told by its ends.

    Args:
        algebra: what computes.
        poly: the polynomial.
        notes: is given the conditions of that.
        divided: keys of polynomials that are known not to be 0.
    """
    ends = _Ends(algebra, notes, divided)
    ends.jumps = any(is_above(atom) for term in poly for atom in atoms_in(term))
    return ends.of_all(poly)


class _Ends:
    def __init__(self, algebra: Algebra, notes: set[str], divided: Collection[str]) -> None:
        self.algebra, self.notes, self.divided = algebra, notes, divided
        self.jumps = False  # whether a comparison of values stands anywhere

    def of(self, atom: Atom, depth: int = 0) -> Poly:
        """A sum by its ends; as it is where it has none that can be told."""
        algebra = self.algebra
        if depth > MOST_AXES or len(atom.parts[0]) > MOST_AXES or not all(_anywhere(*item) for item in atom.parts[1]):
            return algebra.atom(atom)
        algebra.reindexed += 1
        bounds, body = algebra.spread(atom, f"e{algebra.reindexed}")
        if len(bounds) > 1 and list(body.values()) == [1]:
            other = self._merged(bounds, next(iter(body))) or self._turned(atom, bounds, next(iter(body)))
            if other is not None:
                return self.of_all(other, depth + 1)
            inner = self._inner(bounds, next(iter(body)))
            if inner is not None:
                return self.of_all(inner, depth + 1)
        pieces: list[Piece] = [(value, term, ()) for term, value in body.items()]
        for name, size in bounds:
            span = size_counts(size)
            if span is None:
                return algebra.atom(atom)
            pieces = [new for piece in pieces for new in self._one_axis(piece, name, span)]
        return algebra.add(*(algebra.scale(self._at_ends(term, axes), value) for value, term, axes in pieces))

    def of_all(self, poly: Poly, depth: int = 0) -> Poly:
        """A polynomial whose sums are told in turn."""
        parts = []
        for term, value in poly.items():
            out = self.algebra.number(value)
            for atom, power in term:
                found = self.of(atom, depth) if atom.kind == "sum" else self.algebra.atom(atom)
                out = self.algebra.mul(out, self.algebra.power(found, power))
            parts.append(out)
        return self.algebra.add(*parts)

    def _merged(self, bounds: Bounds, term: Term) -> Poly | None:
        """Σ_a Σ_b f(q (a − 1) + b), for a b up to q, as one sum."""
        algebra = self.algebra
        for (block, count), (place, size) in permutations(bounds, 2):
            span = size_counts(size)
            if span is None:
                continue
            algebra.reindexed += 1
            letter = f"~m{algebra.reindexed}"
            length = algebra.mul(count, size)
            algebra.span(letter, length)
            taken = plus(product(span, {Monomial((block,)): 1}), span, -1)
            try:
                found = algebra.renamed_term(list(term), {place: index_of(plus({Monomial((letter,)): 1}, taken, -1))})
            except GiveUp:
                continue
            if block in letters_of_poly(found):
                continue
            found = algebra.sum(found, letter, length)
            for name, other in reversed(bounds):
                found = found if name in (block, place) else algebra.sum(found, name, other)
            return found
        return None

    def _turned(self, atom: Atom, bounds: Bounds, term: Term) -> Poly | None:
        """Σ [a ≤ b] f as ½ Σ (1 + δ_ab) f, where a and b may change places in f; else the one that is first in order.

        [a ≤ b] + [b ≤ a] = 1 + δ_ab.
        """
        algebra, names = self.algebra, dict(bounds)
        for bit, _ in term:
            one, two = bit.parts if bit.kind == "below" else ("", "")
            if one not in names or two not in names or poly_key(names[one]) != poly_key(names[two]):
                continue
            rest = [item for item in term if item[0] != bit]
            other = self._summed(bounds, algebra.mul(algebra.below(two, one), algebra.product(rest)))
            all_ = self._summed(bounds, algebra.product(rest))
            both = algebra.add(all_, self._summed(bounds, algebra.mul(algebra.delta(one, two), algebra.product(rest))))
            if other == algebra.atom(atom):
                return algebra.scale(both, Fraction(1, 2))
            if poly_key(other) < poly_key(algebra.atom(atom)):
                return algebra.minus(both, other)
        return None

    def _summed(self, bounds: Bounds, poly: Poly) -> Poly:
        for name, size in reversed(bounds):
            poly = self.algebra.sum(poly, name, size)
        return poly

    def _inner(self, bounds: Bounds, term: Term) -> Poly | None:
        """The sum over the one index that ends at another one told first, and then the others."""
        for name, size in bounds:
            span = size_counts(size)
            ends = [self._end(atom, name, span, True) for atom, _ in term if atom.kind == "below" and span is not None]
            if span is None or not any(ends):
                continue
            pieces = self._one_axis((Fraction(1), term, ()), name, span, True)
            found = self.algebra.add(
                *(self.algebra.scale(self._at_ends(one, axes), value) for value, one, axes in pieces)
            )
            return self._summed([bound for bound in bounds if bound[0] != name], found)
        return None

    def _one_axis(self, piece: Piece, name: str, span: Counts, inner: bool = False) -> Iterator[Piece]:
        """The sum over one letter as what is at its upper end less what is at its lower one."""
        value, whole, axes = piece
        low, high, left = self._cut(whole, name, span, inner)
        for term, times in left.items():
            yield from self._moved((value * times, term, axes), name, low, high)

    def _moved(self, piece: Piece, name: str, low: Counts, high: Counts) -> Iterator[Piece]:
        """The sum from the one end to the other, counted from where the first place stands."""
        value, term, axes = piece
        offset, sign = _first_place(term, name)
        self.algebra.reindexed += 1
        letter = f"{ANYWHERE}{self.algebra.reindexed}"
        if sign < 0:
            low, high = plus(plus(offset, high, -1), ONE_LESS), plus(plus(offset, low, -1), ONE_LESS)
        else:
            low, high = plus(low, offset), plus(high, offset)
        back = plus({Monomial((letter,)): sign}, offset, -sign)
        for other, times in self.algebra.renamed_term(list(term), {name: index_of(back)}).items():
            yield value * times, other, (*axes, (letter, high))
            yield -value * times, other, (*axes, (letter, low))

    def _cut(self, term: Term, name: str, span: Counts, inner: bool) -> tuple[Counts, Counts, Poly]:
        """(what lies before the range, its end, what is left) with the conditions on the letter as ends.

        Where it is not sure that the one is not behind the other, that is a condition of what is left.
        """
        kept = []
        surely = self.algebra.surely
        low: Counts = {}
        high = span
        for atom, power in term:
            end = self._end(atom, name, span, inner) if atom.kind == "below" else None
            if end is not None and end[0] and (not low or surely(plus(end[1], low, -1))):
                low = end[1]
            elif end is not None and not end[0] and (high == span or surely(plus(high, end[1], -1))):
                high = end[1]
            else:
                kept.append((atom, power))
        left = self.algebra.product(kept)
        length = plus(high, low, -1)
        sure = (not low and high == span) or surely(length)
        return low, high, left if sure else self.algebra.mul(left, self.algebra.below(0, index_of(length)))

    def _end(self, atom: Atom, name: str, span: Counts, inner: bool) -> tuple[bool, Counts] | None:
        """(whether it is the lower one, where it is) of the end of a range that an indicator says, inside of the whole.

        With `inner`, it may be at the index of a sum.
        """
        difference = plus(counts(atom.parts[1]), counts(atom.parts[0]), -1)
        own = difference.get(Monomial((name,)), 0)
        rest = plus(difference, {Monomial((name,)): own}, -1)
        letters = letters_of_counts(rest)
        if abs(own) != 1 or name in letters or any(letter.startswith(ANYWHERE) for letter in letters):
            return None
        if not inner and any(letter.startswith(("#", "~")) for letter in letters):
            return None
        end: Counts = rest if own < 0 else plus(plus({}, rest, -1), ONE_LESS)
        surely = self.algebra.surely
        return (own > 0, end) if surely(end) and surely(plus(span, end, -1)) else None

    def _at_ends(self, term: Term, axes: tuple[Axis, ...]) -> Poly:
        """H at these ends."""
        algebra = self.algebra
        names = {name for name, _ in axes}
        for place, (name, end) in enumerate(axes):
            number = end.get(Monomial(), 0)
            rest = plus(end, {Monomial(): number}, -1)
            others = (*axes[:place], *axes[place + 1 :])
            if not end:
                return {}
            used = [item for item in term if name in letters_of(item[0])]
            found = self._known(used, name, end) if not _shared(used, names - {name}) else None
            if found is not None:
                left = tuple(item for item in term if name not in letters_of(item[0]))
                return algebra.mul(found, self._at_ends(left, others))
            if number and abs(number) <= MOST_STEPS:
                at_rest = self._at_ends(term, (*axes[:place], (name, rest), *axes[place + 1 :]))
                steps = range(1, number + 1) if number > 0 else range(number + 1, 1)
                more = [self._step(term, name, plus(rest, {Monomial(): step}), others) for step in steps]
                return algebra.add(at_rest, *(algebra.scale(one, 1 if number > 0 else -1) for one in more))
        inside = [item for item in term if letters_of(item[0]) & names]
        outside = algebra.product(item for item in term if not letters_of(item[0]) & names)
        return algebra.mul(outside, self._atom(inside, axes)) if axes else outside

    def _step(self, term: Term, name: str, at: Counts, others: tuple[Axis, ...]) -> Poly:
        """h at a place."""
        algebra = self.algebra
        found = algebra.renamed_term(list(term), {name: index_of(at)})
        return algebra.add(*(algebra.scale(self._at_ends(one, others), value) for one, value in found.items()))

    def _known(self, used: list[tuple[Atom, Fraction]], name: str, end: Counts) -> Poly | None:
        """H where it has a formula."""
        position = self.algebra.position(index_of(end))
        if not used:
            return position
        if len(used) > 1:
            return None
        atom, power = used[0]
        if atom.kind == "index" and atom.parts[0] == name and power <= HIGHEST:
            return _faulhaber(self.algebra, int(power), position)
        if atom.kind == "exp":
            return self._geometric(atom.parts[0], power, name, position)
        return None

    def _geometric(self, term: Term, power: Fraction, name: str, position: Poly) -> Poly | None:
        """q (q^m − 1)/(q − 1) for q^k."""
        algebra = self.algebra
        rest = tuple(item for item in term if not (item[0].kind == "index" and item[0].parts[0] == name))
        if len(rest) != len(term) - 1 or dict(term).get(Atom("index", (name,), f"<{name}>")) != 1:
            return None
        if any(name in letters_of(atom) for atom, _ in rest):
            return None
        exponent = algebra.scale(algebra.product(rest), power)
        ratio = algebra.exp(exponent)
        less = algebra.minus(ratio, algebra.number(1))
        if poly_key(algebra.primitive(less)) not in self.divided:
            if self.jumps or bits_in({rest: Fraction(1)}):
                return None  # what is said of q = 1 alone may be what is claimed
            self.notes.add(f"{printed(ratio)} ≠ 1")
        grown = algebra.minus(algebra.exp(algebra.mul(exponent, position)), algebra.number(1))
        return algebra.mul(algebra.mul(ratio, grown), algebra.inverse(less))

    def _atom(self, inside: list[tuple[Atom, Fraction]], axes: tuple[Axis, ...]) -> Poly:
        """H as an atom, under the least of its names."""
        best: tuple[str, Term, tuple[Index, ...]] | None = None
        for order in permutations(axes):
            names: dict[Index, Index] = {name: f"{ANYWHERE}≤{place}" for place, (name, _) in enumerate(order)}
            body = self.algebra.renamed_term(inside, names)
            if len(body) != 1 or set(body.values()) != {1}:
                continue
            term = next(iter(body))
            ends = tuple(index_of(end) for _, end in order)
            key = ends_atom(ends, term).key
            if best is None or key < best[0]:
                best = key, term, ends
        if best is None:
            raise GiveUp("a sum whose factors do not stay one product")
        _, term, ends = best
        return self.algebra.atom(ends_atom(ends, term))


def _first_place(term: Term, name: str) -> tuple[Counts, int]:
    """(c, ±1) of the first place c ± k in order of the factors, whatever k is called; (0, 1) without one."""
    for atom, _ in sorted(term, key=lambda item: _shape(item[0])):
        places = atom.parts[1] if atom.kind == "entry" else atom.parts if atom.kind == "index" else ()
        for place in places:
            found = counts(place) if isinstance(place, (str, Affine)) else {}
            own = found.get(Monomial((name,)), 0)
            rest = plus(found, {Monomial((name,)): own}, -1)
            letters = letters_of_counts(rest)
            if abs(own) == 1 and not any(letter.startswith(("#", "~", ANYWHERE)) for letter in letters):
                return rest, own
    return {}, 1


def _shape(atom: Atom) -> tuple[int, str]:
    """An order of factors that does not hang on indices: entries first, by name."""
    return (0, f"{atom.parts[0].name}.{atom.parts[0].digest}") if atom.kind == "entry" else (1, atom.kind)


def _anywhere(atom: Atom, power: Fraction) -> bool:
    """Whether an atom may have a value at any place: its indices stand in no quotient, root or function but exp."""
    if atom.kind in ("exp", "cis", "sum"):
        return all(_anywhere(*item) for item in atom.parts[-1 if atom.kind == "sum" else 0])
    if atom.kind == "index":
        return power.denominator == 1 and power > 0
    if atom.kind in ("max", "ends"):
        return False
    inside = (inner for term in inner_terms(atom) for inner in atoms_in(term))
    return not any(inner.kind in ("index", "delta", "below", "max", "ends") for inner in inside)


def _shared(used: list[tuple[Atom, Fraction]], names: set[str]) -> bool:
    return any(letters_of(atom) & names for atom, _ in used)


def _faulhaber(algebra: Algebra, power: int, position: Poly) -> Poly:
    """Σ from 1 to m of k^p as a polynomial in m: by (m + 1)^(p+1) − 1 = Σ_q C(p + 1, q) Σ k^q."""
    sums: list[list[Fraction]] = []
    for degree in range(power + 1):
        left = _power_of_next(degree + 1)
        left[0] -= 1
        for lower, found in enumerate(sums):
            times = _binomial(degree + 1, lower)
            left = [one - times * (found[place] if place < len(found) else 0) for place, one in enumerate(left)]
        sums.append([one / (degree + 1) for one in left])
    out: Poly = {}
    grown = algebra.number(1)
    for value in sums[power]:
        out = algebra.add(out, algebra.scale(grown, value))
        grown = algebra.mul(grown, position)
    return out


def _power_of_next(degree: int) -> list[Fraction]:
    return [_binomial(degree, place) for place in range(degree + 1)]


def _binomial(over: int, under: int) -> Fraction:
    found = Fraction(1)
    for step in range(under):
        found = found * (over - step) / (step + 1)
    return found
