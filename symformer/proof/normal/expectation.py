"""Expectations in the normal form: by the declared moments of independent, identically distributed entries.

The expectation is linear, and what is not random leaves it. Entries of different tensors, and different entries of one
tensor, are independent, so E[x_a x_b …] is the sum over all partitions of the factors of the product, over the blocks,
of the cumulant of that order times the deltas that make the block's indices equal: a joint cumulant of independent
variables is 0. Only polynomials are opened; for anything else the rule gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb

from symformer.notation import Tensor
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import Atom, Poly, Term, inner_terms
from symformer.proof.normal.binding import Bounds, Factors
from symformer.proof.normal.indices import GiveUp

MOST_RANDOM = 6


def expectation(algebra: Algebra, poly: Poly) -> Poly:
    """The expectation over the random entries of a polynomial.

    Raises:
        GiveUp: something random inside a function, or a moment that is not declared.
    """
    return algebra.add(*(algebra.scale(_of_term(algebra, term), value) for term, value in poly.items()))


def _of_term(algebra: Algebra, term: Term) -> Poly:
    calm = algebra.product(item for item in term if not _is_random(item[0]))
    bounds, factors = _spread(algebra, [item for item in term if _is_random(item[0])])
    drawn = [atom for atom, power in factors if _is_entry(atom) for _ in range(_times(power))]
    out = algebra.mul(algebra.product(item for item in factors if not _is_entry(item[0])), _moment(algebra, drawn))
    for name, size in reversed(bounds):
        out = algebra.sum(out, name, size)
    return algebra.mul(calm, out)


def _spread(algebra: Algebra, factors: Factors, depth: str = "E") -> tuple[Bounds, Factors]:
    """All sums over something random opened: one product under one list of bound indices."""
    bounds: Bounds = []
    out: Factors = []
    for place, (atom, power) in enumerate(factors):
        if not _is_random(atom) or _is_entry(atom):
            out.append((atom, power))
            continue
        if atom.kind != "sum":
            raise GiveUp("something random inside a function")
        for copy in range(_times(power)):
            tag = f"{depth}{place}.{copy}"
            outer, opened = algebra.opened(atom, tag)
            inner, spread = _spread(algebra, opened, tag)
            bounds += [*outer, *inner]
            out += spread
    return bounds, out


def _times(power: Fraction) -> int:
    if power.denominator != 1 or not 0 < power <= MOST_RANDOM:
        raise GiveUp("a power of something random that is no small whole number")
    return int(power)


def _moment(algebra: Algebra, drawn: Sequence[Atom]) -> Poly:
    """The expectation of a product of random entries."""
    if len(drawn) > MOST_RANDOM:
        raise GiveUp("too many random factors")
    out = algebra.number(1)
    tensors: dict[str, list[Atom]] = {}
    for atom in drawn:
        tensors.setdefault(atom.parts[0].digest, []).append(atom)
    for atoms in tensors.values():
        parts = [_partitioned(algebra, blocks) for blocks in _partitions(atoms)]
        out = algebra.mul(out, algebra.add(*parts))
    return out


def _partitioned(algebra: Algebra, blocks: list[list[Atom]]) -> Poly:
    out = algebra.number(1)
    for block in blocks:
        out = algebra.scale(out, cumulant(block[0].parts[0], len(block)))
        for other in block[1:]:
            for left, right in zip(block[0].parts[1], other.parts[1], strict=True):
                out = algebra.mul(out, algebra.delta(left, right))
    return out


def _partitions(items: list[Atom]) -> Iterator[list[list[Atom]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for blocks in _partitions(rest):
        yield [[first], *blocks]
        for place, block in enumerate(blocks):
            yield [*blocks[:place], [first, *block], *blocks[place + 1 :]]


def cumulant(tensor: Tensor, order: int) -> Fraction:
    """The cumulant of one entry: κ_n = m_n − Σ_k C(n−1, k−1) κ_k m_{n−k}.

    Raises:
        GiveUp: a moment that is not declared, or is no rational number.
    """
    moments = dict(tensor.domain.moments)

    def moment(wanted: int) -> Fraction:
        if wanted not in moments or not moments[wanted].is_Rational:
            raise GiveUp(f"moment {wanted} of {tensor.name} is not declared")
        return Fraction(int(moments[wanted].p), int(moments[wanted].q))

    lower = (comb(order - 1, k - 1) * cumulant(tensor, k) * moment(order - k) for k in range(1, order))
    return moment(order) - sum(lower, Fraction(0))


def _is_entry(atom: Atom) -> bool:
    return atom.kind == "entry" and bool(atom.parts[0].domain.kind == "random")


def _is_random(atom: Atom) -> bool:
    return _is_entry(atom) or any(_is_random(inner) for term in inner_terms(atom) for inner, _ in term)
