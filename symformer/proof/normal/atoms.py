"""Terms of the normal form: a rational coefficient times atoms with rational exponents.

An atom is one of: an entry of an input tensor; a size; an index that stands as a number; a delta or an indicator of two
indices; exp of one monomial; a sum over bound indices of one product; a polynomial to a power; a maximum; another
function of a polynomial. Each has a key that is equal for equal atoms, whatever its bound indices were called.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symformer.notation import Tensor

Index = str | int
Term = tuple[tuple["Atom", Fraction], ...]  # sorted by key
Poly = dict[Term, Fraction]

ONE: Term = ()


class GiveUp(ArithmeticError):
    """The normal form has no rule for this, or its budget is used up: nothing is said."""


@dataclass(frozen=True, eq=False)
class Atom:
    """An atom: its kind, its parts, and the key that both make.

    Attributes:
        kind: entry, size, index, delta, below (a ≤ b), exp, sum, poly, max or function.
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


def pair(kind: str, left: Index, right: Index) -> Atom:
    """A delta or an indicator of two indices."""
    return Atom(kind, (left, right), f"{kind}({left},{right})")


def term_key(term: Term) -> str:
    """The key of a product of atoms."""
    return "*".join(f"{atom.key}^{power}" for atom, power in term) or "1"


def poly_key(poly: Poly) -> str:
    """The key of a polynomial."""
    return "+".join(sorted(f"{value}*{term_key(term)}" for term, value in poly.items())) or "0"


def term_depth(term: Term) -> int:
    """How deeply sums are nested in a product."""
    return max((atom.depth for atom, _ in term), default=0)


def poly_depth(poly: Poly) -> int:
    """How deeply sums are nested in a polynomial."""
    return max((term_depth(term) for term in poly), default=0)


def bits_in(poly: Poly) -> bool:
    """Whether a mask, a delta or an indicator stands anywhere in a polynomial."""
    return any(mark in poly_key(poly) for mark in ("delta(", "below(")) or any(_has_mask(term) for term in poly)


def _has_mask(term: Term) -> bool:
    return any(_mask_atom(atom) for atom, _ in term)


def _mask_atom(atom: Atom) -> bool:
    match atom.kind:
        case "entry":
            return bool(atom.parts[0].domain.kind == "mask")
        case "exp":
            return _has_mask(atom.parts[0])
        case "sum":
            return _has_mask(atom.parts[1])
        case "poly" | "max" | "function":
            return any(_has_mask(term) for term in atom.parts[0 if atom.kind == "poly" else -1])
    return False


def letters_of(atom: Atom) -> frozenset[str]:
    """The indices that an atom depends on, free and of sums around it."""
    match atom.kind:
        case "entry":
            return frozenset(index for index in atom.parts[1] if isinstance(index, str))
        case "delta" | "below":
            return frozenset(index for index in atom.parts if isinstance(index, str))
        case "index":
            return frozenset(atom.parts)
        case "exp":
            return letters_of_term(atom.parts[0])
        case "sum":
            bounds, term = atom.parts
            return letters_of_term(term) - {name for name, _ in bounds}
        case "max":
            name, _, poly = atom.parts
            return letters_of_poly(poly) - {name}
        case "poly" | "function":
            return letters_of_poly(atom.parts[-1])
    return frozenset()


def letters_of_term(term: Term) -> frozenset[str]:
    """The indices that a product depends on."""
    return frozenset().union(*(letters_of(atom) for atom, _ in term))


def letters_of_poly(poly: Poly) -> frozenset[str]:
    """The indices that a polynomial depends on."""
    return frozenset().union(*(letters_of_term(term) for term in poly))
