"""Quotients of the normal form: denominators multiplied away, and common factors of both sides cancelled.

A difference is zero where it is zero after multiplication with what its terms divide by; so proofs need no cancelled
form. The argument of a function does, since equal arguments must have equal keys: there numerator and denominator, as
polynomials in their atoms, are divided by their greatest common divisor. p/p = 1 holds where the left side is defined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from symformer.proof.normal.arithmetic import Arithmetic, term_of
from symformer.proof.normal.atoms import Atom, Poly
from symformer.proof.normal.indices import GiveUp

ROUNDS = 12
Lifted = list[tuple[Atom, Fraction]]


def cleared(algebra: Arithmetic, poly: Poly) -> tuple[Poly, Lifted]:
    """The polynomial times the powers that its terms divide by, and those powers."""
    lifted: Lifted = []
    for _ in range(ROUNDS):
        lowest: dict[Atom, Fraction] = {}
        for term in poly:
            for atom, power in term:
                if power < 0:
                    lowest[atom] = min(lowest.get(atom, power), power)
        if not lowest:
            return poly, lifted
        more = [(atom, -power) for atom, power in lowest.items()]
        lifted += more
        poly = algebra.add(*(algebra.scale(algebra.product((*term, *more)), value) for term, value in poly.items()))
    raise GiveUp("negative powers inside negative powers")


def cancelled(algebra: Arithmetic, poly: Poly) -> tuple[Poly, Poly]:
    """(numerator, denominator) without common factors."""
    over, lifted = cleared(algebra, poly)
    under = algebra.product(lifted)
    if len(under) < 2 or not over:
        return over, under
    finest: dict[Atom, int] = {}
    for atom, power in (item for side in (over, under) for term in side for item in term):
        finest[atom] = lcm(finest.get(atom, 1), power.denominator)
    letters = sorted(finest, key=lambda atom: atom.key)
    context = fmpq_mpoly_ctx.get([f"t{place}" for place in range(len(letters))], Ordering.degrevlex)
    top, bottom = (_written(side, letters, finest, context) for side in (over, under))
    common = top.gcd(bottom)
    return _read(top / common, letters, finest), _read(bottom / common, letters, finest)


def factors(poly: Poly) -> Iterator[tuple[Poly, int]]:
    """The factors of a polynomial in its atoms, and how often each divides it."""
    letters = sorted({atom for term in poly for atom, _ in term}, key=lambda atom: atom.key)
    if not letters or any(power.denominator != 1 or power < 0 for term in poly for _, power in term):
        return
    context = fmpq_mpoly_ctx.get([f"t{place}" for place in range(len(letters))], Ordering.degrevlex)
    whole = dict.fromkeys(letters, 1)
    for factor, times in _written(poly, letters, whole, context).factor()[1]:
        yield _read(factor, letters, whole), int(times)


def _written(poly: Poly, letters: list[Atom], finest: Mapping[Atom, int], context: Any) -> Any:
    """A polynomial as flint has it, each atom to the power of its finest root a letter."""
    found = {}
    for term, value in poly.items():
        powers = dict(term)
        exponents = tuple(int(powers.get(atom, 0) * finest[atom]) for atom in letters)
        found[exponents] = fmpq(value.numerator, value.denominator)
    return context.from_dict(found)


def _read(poly: Any, letters: list[Atom], finest: Mapping[Atom, int]) -> Poly:
    out: Poly = {}
    for exponents, value in poly.to_dict().items():
        powers = zip(letters, exponents, strict=True)
        term = term_of({atom: Fraction(int(power), finest[atom]) for atom, power in powers if power})
        out[term] = Fraction(int(value.p), int(value.q))
    return out
