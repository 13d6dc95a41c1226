"""Normal forms as formulas, in the notation of the line that they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Rational, Symbol

from symformer.notation import (
    NotationError,
    Written,
    delta,
    exp,
    floor,
    indicator,
    lift,
    log,
    pi,
    sign,
    sin,
    sqrt,
    sum,
    tanh,
)
from symformer.proof.normal.atoms import Atom, Poly, Term, atoms_in, letters_of_poly
from symformer.proof.normal.indices import Affine, Index, Pick

PRODUCTS, LONGEST = 6, 240  # products of a sum, and characters, that a reader takes in
LETTERS = "klpqrstuvw"  # no letters that sizes are called by
FUNCTIONS = {"log": log, "tanh": tanh, "sin": sin, "sign": sign, "floor": floor}

Names = Mapping[str, str]


class NoFormula(Exception):
    """The normal form is long, or holds what has no notation of its own."""


def formula(poly: Poly) -> Written | None:
    """The normal form as a formula; None where that would help no reader."""
    taken = letters_of_poly(poly) | {
        atom.parts[0].name for term in poly for atom in atoms_in(term) if atom.kind == "entry"
    }
    spare = [letter for letter in LETTERS if letter not in taken]
    try:
        found = _poly(poly, {}, spare)
    except (NoFormula, NotationError):
        return None
    return found if len(str(found)) <= LONGEST else None


def _poly(poly: Poly, names: Names, spare: list[str]) -> Written:
    """Positive products first."""
    if len(poly) > PRODUCTS or not spare:
        raise NoFormula
    found: Written | None = None
    for value, body in sorted(
        ((value, _term(term, abs(value), names, spare)) for term, value in poly.items()),
        key=lambda item: (item[0] < 0, str(item[1])),
    ):
        if found is None:
            found = -body if value < 0 else body
        else:
            found = found - body if value < 0 else found + body
    return lift(0) if found is None else found


def _term(term: Term, size: Fraction, names: Names, spare: list[str]) -> Written:
    """A number and powers of atoms, those below a line with their exponents turned."""
    over = [lift(size.numerator)] if size.numerator != 1 else []
    under = [lift(size.denominator)] if size.denominator != 1 else []
    for atom, power in term:
        if power < 0 and atom.kind not in ("exp", "cis"):
            under.append(_power(atom, -power, names, spare))
        else:
            over.append(_power(atom, power, names, spare))
    top = _product(over) if over else lift(1)
    return top / _product(under) if under else top


def _product(factors: list[Written]) -> Written:
    found, *rest = factors
    for factor in rest:
        found = found * factor
    return found


def _power(atom: Atom, power: Fraction, names: Names, spare: list[str]) -> Written:
    if atom.kind == "exp":
        inner = _term(atom.parts[0], abs(power), names, spare)
        return exp(-inner if power < 0 else inner)
    body = _atom(atom, names, spare)
    if power == 1:
        return body
    if power == Fraction(1, 2):
        return sqrt(body)
    return body ** lift(Rational(power.numerator, power.denominator))


def _atom(atom: Atom, names: Names, spare: list[str]) -> Written:
    match atom.kind:
        case "entry":
            tensor, indices = atom.parts
            found: Written = tensor[tuple(_index(index, names) for index in indices)]
            return found
        case "size":
            return lift(atom.parts[0])
        case "pi":
            return pi
        case "index":
            return lift(_index(atom.parts[0], names))
        case "delta":
            return delta(*(_index(index, names) for index in atom.parts))
        case "below":
            left, right = (_index(index, names) for index in atom.parts)
            return indicator(left, "≤", right)
        case "sum":
            bounds, term = atom.parts
            return _sum([name for name, _ in bounds], term, names, spare)
        case "poly":
            return _poly(atom.parts[0], names, spare)
        case "function" if atom.parts[0] in FUNCTIONS:
            argument = _poly(atom.parts[1], names, spare)
            return FUNCTIONS[atom.parts[0]](argument)
    raise NoFormula


def _sum(bound: list[str], term: Term, names: Names, spare: list[str]) -> Written:
    inside = {**names, **dict(zip(bound, spare, strict=False))}
    found = _term(term, Fraction(1), inside, spare[len(bound) :])
    for letter in reversed(spare[: len(bound)]):
        found = sum(found, Symbol(letter, integer=True))
    return found


def _index(index: Index, names: Names) -> Any:
    if isinstance(index, Pick):
        return index.tensor[tuple(_index(one, names) for one in index.indices)]
    if isinstance(index, Affine):
        raise NoFormula
    return Symbol(names.get(index, index), integer=True) if isinstance(index, str) else index
