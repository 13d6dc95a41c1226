"""What an array with indices, a delta or a derivative is in matrix notation."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from symformer.display.compound import Partial
from symformer.display.matrices import Array, Identity, Index, Matrix, Transpose
from symformer.notation import Delta, Derivative, Element, Var, Written


class Declined(Exception):
    """No matrix notation for this expression."""


def named(node: Element, letters: tuple[Symbol, ...]) -> Matrix:
    """A named array with these letters as its last axes, transposed if they stand the other way round."""
    count = len(letters)
    fixed, tail = node.kids[: len(node.kids) - count], node.kids[len(node.kids) - count :]
    if any(set(letters) & kid.free for kid in fixed) or not all(isinstance(kid, Var) for kid in tail):
        raise Declined
    found = tuple(kid.symbol for kid in tail if isinstance(kid, Var))
    if found == letters:
        return Array(node.tensor, fixed)
    if found == letters[::-1]:
        return Transpose(Array(node.tensor, fixed))
    raise Declined


def identity(node: Delta, at: Symbol, to: Symbol) -> Matrix:
    """The identity matrix, for a delta of row and column."""
    if {kid.symbol for kid in node.kids if isinstance(kid, Var)} != {at, to}:
        raise Declined
    return Identity()


def partial(node: Derivative, at: Symbol, to: Index) -> Matrix:
    """The derivative of a number by an array over (at, to), or of a vector over `at` by a vector over `to`."""
    letters = tuple(letter for letter in (at, to) if letter is not None)
    target, entry = node.target, node.entry
    if entry.symbols == letters and not set(letters) & target.free:
        return Partial(node, at, to, _target_box(target))
    vector = isinstance(target, Element) and target.symbols == (at,)
    if to is not None and vector and entry.symbols == (to,):
        assert isinstance(target, Element)
        return Partial(node, at, to, target.tensor.box)
    raise Declined


def _target_box(target: Written) -> Any:
    if not isinstance(target, Element):
        raise Declined
    return target.layout().box
