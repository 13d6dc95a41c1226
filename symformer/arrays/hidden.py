"""Scores that a mask hides: where(mask, s, −∞), and what is computed from it before a softmax."""

from __future__ import annotations

from symformer.arrays.axes import Shape
from symformer.arrays.nodes import Node
from symformer.arrays.patterns import is_map, is_minus_infinity, is_number, map_node


def hidden(node: Node) -> Node | None:
    """where(mask, s, −∞) hides, and what is added to something hidden is hidden with it."""
    if is_map(node, "where"):
        mask, then, other = node.args
        if is_minus_infinity(other):
            return hide_node(node.shape, then, mask)
        if is_minus_infinity(then):
            return hide_node(node.shape, other, map_node("logical_not", mask.shape, mask, dtype="b"))
    if is_map(node, "hide") and is_map(node.args[0], "hide"):
        value, inner = node.args[0].args
        both = map_node("logical_and", node.shape, inner, node.args[1], dtype="b")
        return hide_node(node.shape, value, both)
    if node.kind == "map" and node.attrs[0] in ("add", "subtract") and is_map(node.args[0], "hide"):
        value, mask = node.args[0].args
        return hide_node(node.shape, _sum(node, value, node.args[1]), mask)
    if is_map(node, "add") and is_map(node.args[1], "hide"):
        value, mask = node.args[1].args
        return hide_node(node.shape, _sum(node, node.args[0], value), mask)
    if node.kind == "map" and node.attrs[0] in ("multiply", "divide") and is_map(node.args[0], "hide"):
        value, mask = node.args[0].args
        other = node.args[1]
        if other.kind == "const" and other.attrs[0].is_positive:
            return hide_node(node.shape, map_node(node.attrs[0], node.shape, value, other), mask)
    return None


def _sum(node: Node, left: Node, right: Node) -> Node:
    if node.attrs == ("add",) and is_number(left, 0) and right.shape == node.shape:
        return right
    if is_number(right, 0) and left.shape == node.shape:
        return left
    return map_node(node.attrs[0], node.shape, left, right)


def hide_node(shape: Shape, value: Node, mask: Node) -> Node:
    """Values where a mask is 1, and −∞ elsewhere."""
    return map_node("hide", shape, value, mask)
