"""A difference of normal forms that is 0 in every case of a comparison: where d > 0, where d < 0, where d = 0.

max(a, b) = a + (b − a)[b > a] is max(b, a), since their difference (b − a)(1 − [b > a] − [a > b]) is 0 in all three.
Where d = 0, an atom that stands in d alone, and to the first power, is solved for. That case is looked at even where
d ≠ 0 is a condition of the statement, so that two derivatives that differ at a kink alone do not both stand.

Termination: each comparison that is split is gone in all of its cases; more than a few are not tried.
"""

from __future__ import annotations

from fractions import Fraction

from symformer.proof.normal.arithmetic import Arithmetic
from symformer.proof.normal.atoms import ABOVE, Atom, Poly, poly_key, term_key

MOST_SPLIT = 4


def vanishes(algebra: Arithmetic, rest: Poly, depth: int = 0) -> bool:
    """Whether a polynomial is 0 in every case of the comparisons that stand in it.

    Args:
        algebra: what computes.
        rest: the polynomial.
        depth: how many comparisons were split already.
    """
    if not rest:
        return True
    above = next((atom for term in sorted(rest, key=term_key) for atom, _ in term if _is_above(atom)), None)
    if above is None or depth == MOST_SPLIT:
        return False
    inner: Poly = above.parts[1]
    below = f"{ABOVE}({poly_key(algebra.scale(inner, -1))})"
    for one, two in ((1, 0), (0, 1)):
        if not vanishes(algebra, _at(algebra, rest, {above.key: one, below: two}), depth + 1):
            return False
    return _vanishes_at_zero(algebra, _at(algebra, rest, {above.key: 0, below: 0}), inner, depth)


def _is_above(atom: Atom) -> bool:
    return atom.kind == "function" and bool(atom.parts[0] == ABOVE)


def _at(algebra: Arithmetic, rest: Poly, bits: dict[str, int]) -> Poly:
    """The polynomial with numbers for comparisons."""
    kept: list[Poly] = []
    for term, value in rest.items():
        if all(bits.get(atom.key, 1) for atom, _ in term):
            kept.append({tuple(item for item in term if item[0].key not in bits): value})
    return algebra.add(*kept)


def _vanishes_at_zero(algebra: Arithmetic, rest: Poly, inner: Poly, depth: int) -> bool:
    """Whether a polynomial is 0 where another one is."""
    if not rest:
        return True
    for term, value in inner.items():
        if len(term) == 1 and term[0][1] == 1 and _stands_alone(term[0][0], term, inner, rest):
            others = {other: -number / value for other, number in inner.items() if other != term}
            solved = algebra.add(*(_put(algebra, one, number, term[0][0], others) for one, number in rest.items()))
            if vanishes(algebra, solved, depth + 1):
                return True
    return False


def _stands_alone(atom: Atom, term: object, inner: Poly, rest: Poly) -> bool:
    """Whether an atom stands in one term of one polynomial alone, and in the other only as a whole power."""
    if any(atom.key in term_key(other) for other in inner if other != term):
        return False
    found = [(other, power) for one in rest for other, power in one if atom.key in other.key]
    return all(other == atom and power > 0 and power.denominator == 1 for other, power in found)


def _put(
    algebra: Arithmetic, term: tuple[tuple[Atom, Fraction], ...], number: Fraction, atom: Atom, poly: Poly
) -> Poly:
    """A term with a polynomial in the place of an atom."""
    power = dict(term).get(atom, Fraction(0))
    kept: Poly = {tuple(item for item in term if item[0] != atom): number}
    for _ in range(int(power)):
        kept = algebra.mul(kept, poly)
    return kept
