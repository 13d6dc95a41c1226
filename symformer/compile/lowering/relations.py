"""Relations between indices or values: arrays of booleans."""

from __future__ import annotations

from symformer.compile.arrays import Array
from symformer.compile.lowering.context import RELATION, Lowering
from symformer.compile.lowering.entries import position
from symformer.notation import Add, ArgMax, Delta, Element, Indicator, Neg, Var, Written


def delta(self: Lowering, node: Delta) -> Array:
    """Where two indices are equal."""
    return _relation(self, "equal", node)


def indicator(self: Lowering, node: Indicator) -> Array:
    """Where a relation holds."""
    return _relation(self, RELATION[node.relation], node)


def _relation(self: Lowering, name: str, node: Written) -> Array:
    if any(isinstance(kid, ArgMax) for kid in node.kids):
        return self.map(name, *(position(self, kid, 1) for kid in node.kids))
    start = 0 if all(_is_shifted_index(kid) for kid in node.kids) else 1
    if not any(_places(kid) for kid in node.kids):
        return self.map(name, *(self.lower(kid) for kid in node.kids))
    return self.map(name, *(position(self, kid, start) for kid in node.kids))


def _places(node: Written) -> int:
    """How often an index or an integer tensor stands in an index expression."""
    if isinstance(node, Var):
        return 0 if node.symbol.is_positive else 1
    if isinstance(node, Element):
        return 1 if node.tensor.domain.upper is not None else 0
    return sum(_places(kid) for kid in node.kids)


def _is_shifted_index(node: Written) -> bool:
    """An index or position, plus or minus what holds none: both sides of a relation may then count from 0."""
    if isinstance(node, Add):
        first = [kid for kid in node.kids if _places(kid)]
        return len(first) == 1 and not isinstance(first[0], Neg) and _is_shifted_index(first[0])
    return _places(node) == 1 and isinstance(node, (Var, Element))
