"""The arithmetic of the normal form, with the condition of every rule.

Soundness, rule by rule. All quantities are real, and the identity is claimed wherever both sides are defined.

- Sums: Σ is linear; Σ_k of a product that does not depend on k is the size times it; sums over different indices
  change places (they are finite). Sizes are at least 1.
- Deltas: δ_ab f(a) = δ_ab f(b); Σ_k δ_kb f(k) = f(b), where b runs over the range of k: `spans` must say so. δ² = δ.
- Indicators: [a > b] = 1 − [a ≤ b], [a < b] = 1 − [b ≤ a], and [·]² = [·]. An entry of a mask is 0 or 1, so M² = M.
- exp(Σ c t) = Π exp(t)^c for rational c: always. exp(t) > 0.
- Whole powers distribute over products, fractional ones only over factors that are positive (exp, sizes, what is
  declared positive, and sums and polynomials of products of these; a sum may hold one mask whose
  rows each have a 1, or [k ≤ i] over k, which holds at k = 1): √(a² P) = a √P needs a > 0.
- P^(q+1) = P · P^q for a polynomial P: where the right side is defined. A power of a polynomial first gives up its
  content (common factors under the rule above, and the leading coefficient), so equal powers have equal keys.
- log(Π p^c · r) = Σ c log p + log r for positive factors p; log exp(t) = t.
- max_k (f_k + g) = max_k f_k + g for g without k.
- tanh t = (exp(t)² − 1)/(exp(t)² + 1).
- A row of a simplex sums to 1.

Termination: every rule removes a bound index, a delta, a nesting or a factor; a budget of steps ends what is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import permutations
from math import floor

from symformer.proof.normal.atoms import (
    ONE,
    Atom,
    GiveUp,
    Index,
    Poly,
    Term,
    entry,
    letters_of,
    letters_of_poly,
    letters_of_term,
    pair,
    poly_depth,
    poly_key,
    term_depth,
    term_key,
)

STEPS = 40_000
MOST_TERMS = 600
MOST_BOUND = 5


class Algebra:
    """Polynomials of atoms, within a budget of steps."""

    def __init__(self) -> None:
        self.steps = 0
        self.spans: dict[str, str] = {}

    def span(self, index: str, size: Poly) -> None:
        """Notes what an index runs over; an index with two ranges has none that a delta could rely on."""
        key = poly_key(size)
        self.spans[index] = key if self.spans.get(index, key) == key else "?"

    def _step(self, size: int = 1) -> None:
        self.steps += size
        if self.steps > STEPS:
            raise GiveUp("the budget of the normal form is used up")

    # -- polynomials ------------------------------------------------------------------------------------------------

    def number(self, value: Fraction | int) -> Poly:
        """A constant."""
        return {ONE: Fraction(value)} if value else {}

    def atom(self, atom: Atom, power: Fraction | int = 1) -> Poly:
        """One atom to a power."""
        return {((atom, Fraction(power)),): Fraction(1)}

    def add(self, *polys: Poly) -> Poly:
        """The sum."""
        total: Poly = {}
        for poly in polys:
            self._step(len(poly))
            for term, value in poly.items():
                found = total.get(term, Fraction(0)) + value
                if found:
                    total[term] = found
                else:
                    total.pop(term, None)
        return total

    def scale(self, poly: Poly, factor: Fraction | int) -> Poly:
        """Times a rational number."""
        return {term: value * factor for term, value in poly.items()} if factor else {}

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
            self._step()
            powers[atom] = powers.get(atom, Fraction(0)) + power
        for atom, power in list(powers.items()):
            if _is_bit(atom):
                if power < 0:
                    raise GiveUp("division by something that may be 0")
                powers[atom] = Fraction(1 if power else 0)
        powers = {atom: power for atom, power in powers.items() if power}
        unified = self._unified(powers)
        if unified is not None:
            return unified
        return self._multiplied_out(powers)

    def _unified(self, powers: dict[Atom, Fraction]) -> Poly | None:
        """δ_ab f(a) = δ_ab f(b), for the first delta that something else depends on."""
        for atom in sorted((a for a in powers if a.kind == "delta"), key=lambda a: a.key):
            keep, gone = _ordered(*atom.parts)
            others = [(other, power) for other, power in powers.items() if other != atom]
            if isinstance(gone, str) and any(gone in letters_of(other) for other, _ in others):
                rest = self.renamed_term(others, {gone: keep})
                return self.mul(rest, self.atom(atom))
        return None

    def _multiplied_out(self, powers: dict[Atom, Fraction]) -> Poly:
        simple = {atom: power for atom, power in powers.items() if not (atom.kind == "poly" and power >= 1)}
        out: Poly = {}
        whole = [(atom, power) for atom, power in powers.items() if atom not in simple]
        for atom, power in whole:
            if power - floor(power):
                simple[atom] = power - floor(power)
        out = {tuple(sorted(simple.items(), key=lambda item: item[0].key)): Fraction(1)}
        for atom, power in whole:
            for _ in range(floor(power)):
                out = self.mul(out, atom.parts[0])
        return out

    # -- powers and functions ---------------------------------------------------------------------------------------

    def power(self, poly: Poly, exponent: Fraction) -> Poly:
        """A rational power."""
        if exponent.denominator == 1 and 0 <= exponent <= 4:
            out = self.number(1)
            for _ in range(int(exponent)):
                out = self.mul(out, poly)
            return out
        if not poly:
            raise GiveUp("a power of 0")
        content, rest = self._content(poly, exponent.denominator == 1)
        coefficient, term = content
        out = self._number_power(coefficient, exponent)
        out = self.mul(out, self.product((atom, power * exponent) for atom, power in term))
        return out if rest == {ONE: Fraction(1)} else self.mul(out, self._poly_power(rest, exponent))

    def _poly_power(self, rest: Poly, exponent: Fraction) -> Poly:
        (term, value), *more = rest.items()
        if not more and value == 1 and exponent.denominator == 1:
            return self.product((atom, power * exponent) for atom, power in term)
        return self.atom(Atom("poly", (rest,), f"({poly_key(rest)})", poly_depth(rest)), exponent)

    def _number_power(self, value: Fraction, exponent: Fraction) -> Poly:
        if exponent.denominator == 1:
            return self.number(value**exponent.numerator)
        if value == 1:
            return self.number(1)
        base = {ONE: value}
        return self.atom(Atom("poly", (base,), f"({poly_key(base)})"), exponent)

    def _content(self, poly: Poly, whole: bool) -> tuple[tuple[Fraction, Term], Poly]:
        """((coefficient, common factors), what is left): all common factors for whole powers, else positive ones."""
        atoms = {atom for term in poly for atom, _ in term if whole or self.positive_atom(atom)}
        least = {atom: min(dict(term).get(atom, Fraction(0)) for term in poly) for atom in atoms}
        shared = tuple(sorted(((a, power) for a, power in least.items() if power), key=lambda item: item[0].key))
        inverse = tuple((atom, -power) for atom, power in shared)
        rest = self.add(*(self.scale(self.product((*term, *inverse)), value) for term, value in poly.items()))
        if not rest:
            raise GiveUp("a content that vanishes")
        lead = rest[min(rest, key=term_key)]
        coefficient = lead if whole else abs(lead)
        return (coefficient, shared), self.scale(rest, 1 / coefficient)

    def positive(self, poly: Poly) -> bool:
        """Whether a polynomial is visibly positive: positive coefficients, positive atoms."""
        return bool(poly) and all(
            value > 0 and all(self.positive_atom(atom) for atom, _ in term) for term, value in poly.items()
        )

    def positive_atom(self, atom: Atom) -> bool:
        """Whether an atom is positive wherever it is defined."""
        match atom.kind:
            case "exp" | "size" | "index":
                return True
            case "entry":
                return bool(atom.parts[0].domain.kind == "positive")
            case "sum":
                bounds, term = atom.parts
                doubtful = [inner for inner, _ in term if not self.positive_atom(inner)]
                return not doubtful or (len(doubtful) == 1 and _has_a_one(doubtful[0], {name for name, _ in bounds}))
            case "poly":
                return self.positive(atom.parts[0])
        return False

    def exp(self, poly: Poly) -> Poly:
        """exp of a sum: a product of exp of monomials."""
        return self.product((self._exp_atom(term), value) for term, value in poly.items())

    def _exp_atom(self, term: Term) -> Atom:
        return Atom("exp", (term,), f"exp({term_key(term)})", term_depth(term))

    def log(self, poly: Poly) -> Poly:
        """log of positive factors as a sum; of the rest as a function."""
        if not poly:
            raise GiveUp("the logarithm of 0")
        (coefficient, shared), rest = self._content(poly, False)
        parts = [self._log_atom(atom, power) for atom, power in shared]
        rest = self.scale(rest, coefficient)
        if rest != {ONE: Fraction(1)}:
            parts.append(self.function("log", rest))
        return self.add(*parts)

    def _log_atom(self, atom: Atom, power: Fraction) -> Poly:
        if atom.kind == "exp":
            return {atom.parts[0]: power}
        base: Poly = {((atom, Fraction(1)),): Fraction(1)}
        return self.scale(self.function("log", base), power)

    def function(self, name: str, poly: Poly) -> Poly:
        """A function that no rule opens."""
        return self.atom(Atom("function", (name, poly), f"{name}({poly_key(poly)})", poly_depth(poly)))

    # -- indices ----------------------------------------------------------------------------------------------------

    def delta(self, left: Index, right: Index) -> Poly:
        """Kronecker's delta."""
        if left == right:
            return self.number(1)
        if isinstance(left, int) and isinstance(right, int):
            return {}
        return self.atom(pair("delta", *_ordered(left, right)))

    def below(self, left: Index, right: Index) -> Poly:
        """[left ≤ right]."""
        if left == right:
            return self.number(1)
        if isinstance(left, int) and isinstance(right, int):
            return self.number(int(left <= right))
        return self.atom(pair("below", left, right))

    def sum(self, poly: Poly, index: str, size: Poly) -> Poly:
        """Σ over an index from 1 to size."""
        self.span(index, size)
        return self.add(*(self.scale(self._sum_term(term, index, size), value) for term, value in poly.items()))

    def _sum_term(self, term: Term, index: str, size: Poly) -> Poly:
        self._step()
        for atom, _ in term:
            if atom.kind == "delta" and index in atom.parts:
                other = atom.parts[0] if atom.parts[1] == index else atom.parts[1]
                if other != 1 and (isinstance(other, int) or self.spans.get(other) != poly_key(size)):
                    raise GiveUp("a delta of indices that may run over different ranges")
                return self.renamed_term([item for item in term if item[0] != atom], {index: other})
        inside = [(atom, power) for atom, power in term if index in letters_of(atom)]
        outside = self.product(item for item in term if index not in letters_of(item[0]))
        if not inside:
            return self.mul(outside, size)
        return self.mul(outside, self._component(inside, index, size))

    def _component(self, inside: list[tuple[Atom, Fraction]], index: str, size: Poly) -> Poly:
        """A sum as one atom; sums directly inside are merged into it, so that their order does not matter."""
        bounds, factors = [(index, size)], []
        for atom, power in inside:
            if atom.kind == "sum" and power.denominator == 1 and 0 < power <= 3:
                for copy in range(int(power)):
                    more, opened = self._opened(atom, f"{len(bounds)}.{copy}")
                    bounds += more
                    factors += opened
            else:
                factors.append((atom, power))
        return self._named(bounds, factors)

    def _opened(self, atom: Atom, tag: str) -> tuple[list[tuple[str, Poly]], list[tuple[Atom, Fraction]]]:
        """A sum's bounds and factors, under names that are used nowhere else."""
        bounds, term = atom.parts
        names = {name: f"~{tag}{name}" for name, _ in bounds}
        for name, size in bounds:
            self.span(names[name], size)
        renamed = self.renamed_term(list(term), names)
        ((factors, _),) = renamed.items()
        return [(names[name], size) for name, size in bounds], list(factors)

    def _named(self, bounds: list[tuple[str, Poly]], factors: list[tuple[Atom, Fraction]]) -> Poly:
        """The sum with its bound indices under canonical names: the least key over their orders."""
        bounds, factors = self._closed(bounds, factors)
        if not bounds:
            return self.product(factors)
        if len(bounds) > MOST_BOUND:
            raise GiveUp("too many bound indices in one sum")
        depth = 1 + max((atom.depth for atom, _ in factors), default=0)
        best: tuple[str, tuple[tuple[str, Poly], ...], Term] | None = None
        for order in permutations(bounds):
            self._step(len(factors))
            names: Mapping[str, Index] = {name: f"#{depth}.{place}" for place, (name, _) in enumerate(order)}
            renamed = self.renamed_term(factors, names)
            if len(renamed) != 1 or next(iter(renamed.values())) != 1:
                raise GiveUp("a sum whose factors do not stay one product")
            (term,) = renamed
            spans = tuple((f"#{depth}.{place}", size) for place, (_, size) in enumerate(order))
            for name, size in spans:
                self.spans[name] = poly_key(size)
            key = f"Σ[{';'.join(poly_key(size) for _, size in spans)}]({term_key(term)})"
            if best is None or key < best[0]:
                best = (key, spans, term)
        assert best is not None
        return self.atom(Atom("sum", best[1:], best[0], depth))

    def _closed(
        self, bounds: list[tuple[str, Poly]], factors: list[tuple[Atom, Fraction]]
    ) -> tuple[list[tuple[str, Poly]], list[tuple[Atom, Fraction]]]:
        """Rows of a simplex that sum to 1 taken out."""
        for name, _ in bounds:
            users = [item for item in factors if name in letters_of(item[0])]
            if len(users) == 1 and users[0][1] == 1 and _is_row(users[0][0], name):
                left = [bound for bound in bounds if bound[0] != name]
                return self._closed(left, [item for item in factors if item != users[0]])
        return bounds, factors

    def maximum(self, poly: Poly, index: str, size: Poly) -> Poly:
        """The maximum over an index; what does not depend on it leaves."""
        inside = {term: value for term, value in poly.items() if index in letters_of_term(term)}
        outside = {term: value for term, value in poly.items() if term not in inside}
        if not inside:
            return outside
        depth = 1 + poly_depth(inside)
        name = f"#{depth}.0"
        body = self.renamed(inside, {index: name})
        atom = Atom("max", (name, size, body), f"max[{poly_key(size)}]({poly_key(body)})", depth)
        return self.add(outside, self.atom(atom))

    # -- renaming ---------------------------------------------------------------------------------------------------

    def renamed(self, poly: Poly, names: Mapping[str, Index]) -> Poly:
        """Indices under other names; everything is put together anew."""
        if not letters_of_poly(poly) & set(names):
            return poly
        return self.add(*(self.scale(self.renamed_term(list(term), names), value) for term, value in poly.items()))

    def renamed_term(self, factors: Iterable[tuple[Atom, Fraction]], names: Mapping[str, Index]) -> Poly:
        """A product under other names."""
        out = self.number(1)
        plain: list[tuple[Atom, Fraction]] = []
        for atom, power in factors:
            if not letters_of(atom) & set(names):
                plain.append((atom, power))
                continue
            self._step()
            found = self._renamed_atom(atom, names)
            simple = next(iter(found), ONE) if len(found) == 1 and set(found.values()) == {1} else None
            if simple is not None and len(simple) == 1 and simple[0][1] == 1:
                plain.append((simple[0][0], power))
            else:
                out = self.mul(out, self.power(found, power))
        return self.mul(out, self.product(plain))

    def _renamed_atom(self, atom: Atom, names: Mapping[str, Index]) -> Poly:
        def get(index: Index) -> Index:
            return names.get(index, index) if isinstance(index, str) else index

        match atom.kind:
            case "entry":
                tensor, indices = atom.parts
                return self.atom(entry(tensor, tuple(get(index) for index in indices)))
            case "delta":
                return self.delta(get(atom.parts[0]), get(atom.parts[1]))
            case "below":
                return self.below(get(atom.parts[0]), get(atom.parts[1]))
            case "index":
                return self.position(get(atom.parts[0]))
            case "exp":
                return self.exp(self.renamed_term(list(atom.parts[0]), names))
            case "sum":
                bounds, term = atom.parts
                inner = self.renamed_term(list(term), names)
                for name, size in reversed(bounds):
                    inner = self.sum(inner, name, size)
                return inner
            case "max":
                name, size, poly = atom.parts
                return self.maximum(self.renamed(poly, names), name, size)
            case "poly":
                return self.renamed(atom.parts[0], names)
            case "function":
                return self.function(atom.parts[0], self.renamed(atom.parts[1], names))
        return self.atom(atom)

    def position(self, index: Index) -> Poly:
        """An index that stands as a number."""
        if isinstance(index, int):
            return self.number(index)
        return self.atom(Atom("index", (index,), f"<{index}>"))


def _ordered(left: Index, right: Index) -> tuple[Index, Index]:
    """Numbers first, then names by length and letters: the second gives way to the first."""
    first, second = sorted((left, right), key=lambda one: (isinstance(one, str), len(str(one)), str(one)))
    return first, second


def _is_bit(atom: Atom) -> bool:
    """Whether an atom is 0 or 1, so that its powers are itself."""
    return atom.kind in ("delta", "below") or (atom.kind == "entry" and atom.parts[0].domain.kind == "mask")


def _has_a_one(atom: Atom, bound: set[str]) -> bool:
    """Whether a 0/1 atom is 1 for some value of the bound indices, whatever the free ones are."""
    if atom.kind == "below":
        return atom.parts[0] in bound and atom.parts[1] not in bound
    if atom.kind != "entry" or atom.parts[0].domain.kind != "mask":
        return False
    indices = atom.parts[1]
    return bool(atom.parts[0].domain.sees and indices[-1] in bound and not bound & set(indices[:-1]))


def _is_row(atom: Atom, name: str) -> bool:
    """An entry of a simplex with this index on its last axis and nowhere else."""
    if atom.kind != "entry" or atom.parts[0].domain.kind != "simplex":
        return False
    indices = atom.parts[1]
    return bool(indices[-1] == name and name not in indices[:-1])
