"""The logistic function and its integral, recognised in what a user wrote out."""

from __future__ import annotations

from sympy import Expr

from symformer.arrays.nodes import Node, const
from symformer.arrays.patterns import is_map, is_number, map_node


def sigmoid(node: Node) -> Node | None:
    """1/(1 + exp(−x)), x/(1 + exp(−x)) and exp(x)/(1 + exp(x))."""
    if not is_map(node, "divide"):
        return None
    over, under = node.args
    exponent = _one_plus_exp(under)
    if exponent is None:
        return None
    if is_map(over, "exp") and over.args[0].key == exponent.key:
        return map_node("sigmoid", node.shape, exponent)
    argument = _negated(exponent)
    if argument is None or argument.shape != node.shape:
        return None
    found = map_node("sigmoid", node.shape, argument)
    return found if is_number(over, 1) else map_node("multiply", node.shape, over, found)


def softplus(node: Node) -> Node | None:
    """log(1 + exp(x))."""
    if is_map(node, "log1p") and is_map(node.args[0], "exp"):
        return map_node("softplus", node.shape, node.args[0].args[0])
    exponent = _one_plus_exp(node.args[0]) if is_map(node, "log") else None
    return None if exponent is None else map_node("softplus", node.shape, exponent)


def _one_plus_exp(node: Node) -> Node | None:
    if is_map(node, "add"):
        for one, other in (node.args, node.args[::-1]):
            if is_number(one, 1) and is_map(other, "exp"):
                return other.args[0]
    return None


def _negated(node: Node) -> Node | None:
    """What a node is minus of."""
    if is_map(node, "negative"):
        return node.args[0]
    if is_map(node, "multiply") and node.args[0].kind == "const" and node.args[0].attrs[0].is_negative:
        number: Expr = -node.args[0].attrs[0]
        return node.args[1] if number == 1 else map_node("multiply", node.shape, const(number), node.args[1])
    if node.kind == "map" and node.attrs[0] in ("multiply", "divide"):
        first = _negated(node.args[0])
        return None if first is None else map_node(node.attrs[0], node.shape, first, node.args[1])
    return None
