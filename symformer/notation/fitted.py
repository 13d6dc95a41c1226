"""Reads of a part of an axis: an index that is said to run further, or less far, than a tensor that carries it."""

from __future__ import annotations

import sympy
from sympy import Expr, Symbol

from symformer.notation.tensors import Element
from symformer.notation.written import Add, Condition, Mul, Var, Where, Written


def fitted(node: Written, index: Symbol, size: Expr) -> Written:
    """The node for an index that runs over 1..size, whatever the axes are on which it stands.

    `x[i]` with i ≤ n − 1 reads the first entries of an axis of size n; `where(i <= n, x[i], y[i - n])` with i ≤ n + m
    reads it where the condition lets it. Such a read says no more what the index runs over. Any other read of an axis
    of another size stays as it is, so that the sizes disagree and whoever merges the ranges raises ShapeError.
    """
    known = node.ranges.get(index)
    return node if known is None or _same(known.size, size) else _loosened(node, index, size, False)


def _loosened(node: Written, index: Symbol, size: Expr, guarded: bool) -> Written:
    if index not in node.ranges:
        return node
    if isinstance(node, Element):
        axes = zip(node.kids, node.tensor.shape, strict=True)
        return Element(tuple(_read(kid, axis, index, size, guarded) for kid, axis in axes), node.head)
    if isinstance(node, Where):
        condition, *values = node.kids
        inside = guarded or index in condition.free
        kids = [_loosened(condition, index, size, guarded), *(_loosened(kid, index, size, inside) for kid in values)]
        return Where(tuple(kids), node.head)
    inside = guarded or (isinstance(node, Mul) and any(isinstance(k, Condition) and index in k.free for k in node.kids))
    found: Written = node.rebuild(tuple(_loosened(kid, index, size, inside) for kid in node.kids))
    return found


def _read(kid: Written, axis: Expr, index: Symbol, size: Expr, guarded: bool) -> Written:
    """What stands on an axis; the index under no range where it stays inside, or a condition turns it off."""
    if not isinstance(kid, Var) or kid.symbol != index:
        return _loosened(kid, index, size, guarded)
    within = guarded or sympy.expand(axis - size).is_nonnegative
    return Add((kid,)) if within and not _same(axis, size) else kid


def _same(one: Expr, other: Expr) -> bool:
    return one == other or sympy.expand(one - other) == 0
