"""What a node of the graph is, for the rules that recognise formulas in it."""

from __future__ import annotations

from sympy import oo

from symformer.arrays.axes import Shape
from symformer.arrays.nodes import Node, is_alias


def is_map(node: Node, function: str) -> bool:
    """Whether a node is this elementwise function."""
    return node.kind == "map" and node.attrs == (function,)


def map_node(function: str, shape: Shape, *args: Node, dtype: str = "f") -> Node:
    """An elementwise function, at the place of its first argument."""
    return Node("map", args, (function,), shape, dtype, "", args[0].place)


def is_number(node: Node, value: int) -> bool:
    """Whether every entry of a node is this number."""
    while node.kind == "view":
        node = node.args[0]
    return node.kind == "const" and bool(node.attrs[0] == value)


def is_minus_infinity(node: Node) -> bool:
    """Whether every entry of a node is −∞."""
    while is_alias(node) or node.kind == "view":
        node = node.args[0]
    return node.kind == "const" and bool(node.attrs[0] == -oo)
