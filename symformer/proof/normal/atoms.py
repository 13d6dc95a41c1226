"""Terms of the normal form: a rational coefficient times atoms with rational exponents.

An atom is one of: an entry of an input tensor; a size; π; the imaginary unit; an index that stands as a number; a delta
or an indicator of two indices; exp or cis (exp of i times) of one monomial; a sum over bound indices of one product; a
polynomial to a power; a maximum; another function of a polynomial. Each has a key that is equal for equal atoms,
whatever its bound indices were called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.notation import Tensor
from symformer.proof.normal.indices import ANYWHERE, Affine, Index, letters_of_index, lowest

Term = tuple[tuple["Atom", Fraction], ...]  # sorted by key
Poly = dict[Term, Fraction]

ONE: Term = ()
FORMAL = "ln"  # a logarithm that its argument need not have: it stands in whole powers alone
ABOVE = "[>0]"  # the function that is 1 where its argument is positive, and 0 elsewhere


@dataclass(frozen=True, eq=False)
class Atom:
    """An atom: its kind, its parts, and the key that both make.

    Attributes:
        kind: entry, size, pi, unit (i), index, delta, below (a ≤ b), exp, cis, sum, poly, max, dark, function or ends;
            `dark` is 0 where a mask is 1 and −∞ where it is 0, and stands inside a max alone; `ends` is a sum up to
            places of its own, and stands where sums are told by their ends alone.
        parts: by kind, e.g. (tensor, indices) for an entry, (bounds, term) for a sum.
        key: equal exactly for equal atoms.
        depth: how deeply sums and maxima are nested in it.
    """

    kind: str
    parts: tuple[Any, ...]
    key: str
    depth: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def entry(tensor: Tensor, indices: tuple[Index, ...]) -> Atom:
    """An entry of an input."""
    return Atom("entry", (tensor, indices), f"{tensor.name}.{tensor.digest}[{','.join(map(str, indices))}]")


def size_atom(symbol: Symbol) -> Atom:
    """A size."""
    return Atom("size", (symbol,), f"|{symbol}|")


UNIT = Atom("unit", (), "ⅈ")
PI = Atom("pi", (), "π")


def pair(kind: str, left: Index, right: Index) -> Atom:
    """A delta or an indicator of two indices."""
    return Atom(kind, (left, right), f"{kind}({left},{right})")


def term_key(term: Term) -> str:
    """The key of a product of atoms."""
    return "*".join(f"{atom.key}^{power}" for atom, power in term) or "1"


def single_sum(atom: Atom) -> tuple[str, Poly, Term] | None:
    """(index, size, product) of a sum over one index; None of any other atom."""
    if atom.kind != "sum" or len(atom.parts[0]) != 1:
        return None
    ((name, size),) = atom.parts[0]
    return name, size, atom.parts[1]


def ends_atom(ends: tuple[Index, ...], term: Term) -> Atom:
    """A sum up to these ends, over the letters that stand anywhere."""
    key = f"Σ≤[{';'.join(map(str, ends))}]({term_key(term)})"
    return Atom("ends", (ends, term), key, 1 + term_depth(term))


def poly_key(poly: Poly) -> str:
    """The key of a polynomial."""
    return "+".join(sorted(f"{value}*{term_key(term)}" for term, value in poly.items())) or "0"


def term_depth(term: Term) -> int:
    """How deeply sums are nested in a product."""
    return max((atom.depth for atom, _ in term), default=0)


def poly_depth(poly: Poly) -> int:
    """How deeply sums are nested in a polynomial."""
    return max((term_depth(term) for term in poly), default=0)


def real_term(term: Term) -> bool:
    """Whether a product holds nothing that is not real by itself."""
    return not any(inner.kind in ("unit", "cis") for inner in atoms_in(term))


def bits_in(poly: Poly) -> bool:
    """Whether a mask, a delta or an indicator may make a term 0: one that stands anywhere but in an exponent."""
    return any(_turns_off(atom) for term in poly for atom, _ in term)


def _turns_off(atom: Atom) -> bool:
    if atom.kind in ("exp", "cis"):
        return False
    parts = (*inner_terms(atom), *_range_terms(atom))
    return _is_bit(atom) or any(_turns_off(inner) for term in parts for inner, _ in term)


def _is_bit(atom: Atom) -> bool:
    masked = atom.kind == "entry" and atom.parts[0].domain.kind == "mask"
    return masked or atom.kind in ("delta", "below") or (atom.kind == "function" and atom.parts[0] == ABOVE)


def atoms_in(term: Term) -> Iterator[Atom]:
    """The atoms of a product, and those that stand inside them or in their ranges."""
    for atom, _ in term:
        yield atom
        for inner in (*inner_terms(atom), *_range_terms(atom)):
            yield from atoms_in(inner)


def _range_terms(atom: Atom) -> tuple[Term, ...]:
    match atom.kind:
        case "sum":
            return tuple(term for _, size in atom.parts[0] for term in size)
        case "max":
            return tuple(atom.parts[1])
    return ()


def inner_terms(atom: Atom) -> tuple[Term, ...]:
    """The products that stand inside an atom."""
    match atom.kind:
        case "exp" | "cis":
            return (atom.parts[0],)
        case "sum" | "ends":
            return (atom.parts[1],)
        case "poly" | "max" | "function" | "dark":
            return tuple(atom.parts[-1])
    return ()


def letters_of(atom: Atom) -> frozenset[str]:
    """The indices that an atom depends on, free and of sums around it."""
    match atom.kind:
        case "entry":
            return frozenset().union(*(letters_of_index(index) for index in atom.parts[1]))
        case "delta" | "below" | "index":
            return frozenset().union(*(letters_of_index(index) for index in atom.parts))
        case "sum":
            bounds, term = atom.parts
            return letters_of_term(term) - {name for name, _ in bounds}
        case "max":
            name, _, poly = atom.parts
            return letters_of_poly(poly) - {name}
        case "ends":
            ends, term = atom.parts
            own = {f"{ANYWHERE}≤{place}" for place in range(len(ends))}
            return (letters_of_term(term) - own).union(*map(letters_of_index, ends))
    return frozenset().union(*(letters_of_term(term) for term in inner_terms(atom)))


def letters_of_term(term: Term) -> frozenset[str]:
    """The indices that a product depends on."""
    return frozenset().union(*(letters_of(atom) for atom, _ in term))


def letters_of_poly(poly: Poly) -> frozenset[str]:
    """The indices that a polynomial depends on."""
    return frozenset().union(*(letters_of_term(term) for term in poly))


def covers(size: Poly, axis: Expr) -> bool:
    """Whether a range is a whole axis: what is known of rows is not known of a part of them."""
    if axis.is_Symbol:
        return size == {((size_atom(axis), Fraction(1)),): 1}
    parts = []
    for term, value in size.items():
        if any(atom.kind != "size" for atom, _ in term):
            return False
        powers = (atom.parts[0] ** sympy.Rational(power.numerator, power.denominator) for atom, power in term)
        parts.append(sympy.Rational(value.numerator, value.denominator) * sympy.Mul(*powers))
    return bool(sympy.expand(axis - sympy.Add(*parts)) == 0)


def has_a_one(atom: Atom, bound: Mapping[str, Poly]) -> bool:
    """Whether a 0/1 atom is 1 for some value of the bound indices, whatever the free ones are."""
    if atom.kind == "below":
        low, high = atom.parts
        least = high if isinstance(high, int) else None if isinstance(high, Affine) else lowest(high)
        return low in bound and not letters_of_index(high) & set(bound) and (least or 0) > 0
    if atom.kind != "entry" or atom.parts[0].domain.kind != "mask":
        return False
    indices = atom.parts[1]
    return bool(
        atom.parts[0].domain.sees
        and indices[-1] in bound
        and covers(bound[indices[-1]], atom.parts[0].shape[-1])
        and not any(set(bound) & letters_of_index(index) for index in indices[:-1])
    )
