"""Substitution that never captures a bound index (SymPy's `subs` does, silently)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Symbol

from symformer.notation.operators import Binder
from symformer.notation.tensors import Element, Tensor
from symformer.notation.written import Var, Written, lift


def substitute(node: Written, values: Mapping[Symbol, Any]) -> Written:
    """The node with index and size symbols replaced. Bound indices are renamed where they would capture.

    Sizes under binders are replaced too, so that `substitute(expr, {n: 4})` leaves no n.
    """
    return _substitute(node, {symbol: lift(value) for symbol, value in values.items()})


def _substitute(node: Written, values: Mapping[Symbol, Written]) -> Written:
    if not values:
        return node
    if isinstance(node, Var):
        return values.get(node.symbol, node)
    if isinstance(node, Binder):
        return _under_binder(node, values)
    return node.rebuild(tuple(_substitute(kid, values) for kid in node.kids))


def _under_binder(node: Binder, values: Mapping[Symbol, Written]) -> Written:
    inner = {symbol: value for symbol, value in values.items() if symbol != node.index}
    arriving = set().union(*(loose_symbols(value) for value in inner.values()))
    known = {symbol: value.plain() for symbol, value in inner.items() if symbol in node.size.free_symbols}
    size = node.size.subs(known, simultaneous=True)
    index = node.index
    if index in arriving:
        index = fresh(index, arriving | loose_symbols(node.body))
        inner = {**inner, node.index: Var((), (index,))}
    return type(node)((_substitute(node.body, inner),), (index, size))


def fresh(index: Symbol, taken: set[Symbol]) -> Symbol:
    """The index with as many primes as it needs to differ from all that are taken."""
    while index in taken:
        index = Symbol(index.name + "'", **index.assumptions0)
    return index


def loose_symbols(node: Written) -> set[Symbol]:
    """The index and size symbols that are not bound in the node."""
    if isinstance(node, Var):
        return {node.symbol}
    inside: set[Symbol] = set().union(*(loose_symbols(kid) for kid in node.kids)) if node.kids else set()
    return inside - {node.index} if isinstance(node, Binder) else inside


def replace_tensors(node: Written, rule: Callable[[Tensor], Tensor]) -> Written:
    """The node with each tensor replaced by what the rule says."""
    kids = tuple(replace_tensors(kid, rule) for kid in node.kids)
    if isinstance(node, Element):
        return Element(kids, (rule(node.tensor),))
    return node.rebuild(kids) if kids else node
