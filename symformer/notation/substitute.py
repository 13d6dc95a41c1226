"""Substitution, matching and fresh indices: the one place where expressions come under other symbols or tensors.

Bound indices are objects (see `Binder`): substitution needs no renaming, nothing is captured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Symbol

from symformer.notation.operators import Binder, BoundIndex
from symformer.notation.tensors import Element, Tensor
from symformer.notation.written import Var, Written, lift


def substitute(node: Written, values: Mapping[Symbol, Any]) -> Written:
    """The node with index and size symbols replaced; sizes under binders too, so that `{n: 4}` leaves no n."""
    return node.at({symbol: lift(value) for symbol, value in values.items()}) if values else node


def fresh(index: Symbol) -> BoundIndex:
    """An index of the same letter that equals no other."""
    return BoundIndex(index.name)


def match(pattern: Written, node: Written, holes: frozenset[Symbol]) -> dict[Symbol, Written] | None:
    """What stands in the node in place of the pattern's holes; None where it is not the pattern.

    Equality is up to the letters of bound indices; nothing that is bound inside the node can fill a hole.
    """
    values: dict[Symbol, Written] = {}
    return values if _match(pattern, node, holes, frozenset(), values) else None


def _match(
    pattern: Written, node: Written, holes: frozenset[Symbol], bound: frozenset[Symbol], values: dict[Symbol, Written]
) -> bool:
    if isinstance(pattern, Var) and pattern.symbol in holes:
        return values.setdefault(pattern.symbol, node) == node and node.free.isdisjoint(bound)
    if type(pattern) is not type(node) or len(pattern.kids) != len(node.kids):
        return False
    if isinstance(pattern, Binder) and isinstance(node, Binder):
        index, body = node.open()
        inside = pattern.body.at({pattern.index: Var((), (index,))})
        return pattern.size == node.size and _match(inside, body, holes, bound | {index}, values)
    pairs = zip(pattern.kids, node.kids, strict=True)
    return pattern.head == node.head and all(_match(one, other, holes, bound, values) for one, other in pairs)


def replace_entries(node: Written, rule: Callable[[Element], Written]) -> Written:
    """The node with each entry replaced by what the rule says of it, its indices first."""
    kids = tuple(replace_entries(kid, rule) for kid in node.kids)
    if isinstance(node, Element):
        return rule(Element(kids, node.head))
    return node.rebuild(kids) if kids else node


def replace_tensors(node: Written, rule: Callable[[Tensor], Tensor]) -> Written:
    """The node with each tensor replaced by what the rule says."""
    kids = tuple(replace_tensors(kid, rule) for kid in node.kids)
    if isinstance(node, Element):
        return Element(kids, (rule(node.tensor),))
    return node.rebuild(kids) if kids else node
