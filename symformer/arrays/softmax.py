"""Softmax, its logarithm, log-sum-exp and the logistic function, recognised in what a user wrote by hand.

They are recognised on the graph and not by names: exp(z)/Σ exp(z) with one z, whatever it is called and however often
it is computed. A maximum that is subtracted from z goes, as a softmax does not see a shift; the op subtracts one of its
own. What is close to a softmax and is none stays as it is written.
"""

from __future__ import annotations

from dataclasses import replace

from symformer.arrays.axes import Shape
from symformer.arrays.hidden import hidden, hide_node
from symformer.arrays.logistic import sigmoid, softplus
from symformer.arrays.nodes import Node, is_alias, settled, unbroadcast, viewed
from symformer.arrays.patterns import is_map, is_number, map_node
from symformer.ops.letters import FREE

ROUNDS = 5  # a rule may make what an earlier one is about


def recognised(outputs: list[Node]) -> list[Node]:
    """The same graph, with ops of the library where they were written out."""
    known: dict[str, Node] = {}
    return [_rewritten(node, known) for node in outputs]


def _rewritten(node: Node, known: dict[str, Node]) -> Node:
    found = known.get(node.key)
    if found is None:
        args = tuple(_rewritten(arg, known) for arg in node.args)
        same = all(one is other for one, other in zip(args, node.args, strict=True))
        found = node if same else replace(node, args=args)
        for _ in range(ROUNDS):
            before = found
            for rule in RULES:
                changed = rule(found)
                if changed is not None:
                    found = replace(changed, name=node.name or changed.name, place=node.place or changed.place)
            if found is before:
                break
        known[node.key] = found
    if node.name and not found.name:
        found = known[node.key] = replace(found, name=node.name)
    return found


def _softmax(node: Node) -> Node | None:
    """exp(z)/Σ exp(z)."""
    over, under = _quotient(node)
    if over is None or under is None or not is_map(over, "exp") or node.shape != over.shape:
        return None
    axis, under = _summed_axis(under), settled(under)
    if axis is None or under.args[0].key != over.key:
        return None
    return _call("softmax", axis, _unshifted(over.args[0], axis), node.shape)


def _quotient(node: Node) -> tuple[Node | None, Node | None]:
    if is_map(node, "divide"):
        return node.args[0], node.args[1]
    for one, other in (node.args, node.args[::-1]) if is_map(node, "multiply") else ():
        if is_map(other, "divide") and is_number(other.args[0], 1):
            return one, other.args[1]
    return None, None


def _summed_axis(node: Node) -> int | None:
    """The axis of a sum over one axis of one factor, in an array with no more axes than ops have letters."""
    node = settled(node)
    if node.kind != "reduce" or node.attrs[0] != "sum" or len(node.attrs[1]) != 1:
        return None
    (axis,), shape = node.attrs[1], node.args[0].shape
    few = len([factor for one in shape for factor in one]) <= len(FREE)
    return axis if few and len(shape[axis]) == 1 else None


def _unshifted(scores: Node, axis: int) -> Node:
    """Scores without a maximum that is subtracted, which is the same all along the axis."""
    if is_map(scores, "hide"):
        value, mask = scores.args
        return hide_node(scores.shape, _unshifted(value, axis), mask)
    if is_map(scores, "subtract") and _is_shift(scores.args[1], axis, scores.shape):
        left = scores.args[0]
        return _unshifted(left, axis) if left.shape == scores.shape else scores
    return scores


def _is_shift(node: Node, axis: int, shape: Shape) -> bool:
    own = axis - (len(shape) - len(node.shape))
    along = own < 0 or node.shape[own] == ()
    while is_alias(node):
        node = node.args[0]
    return along and node.kind == "reduce" and bool(node.attrs[0] == "max")


def _call(op: str, axis: int, scores: Node, shape: Shape) -> Node | None:
    if is_map(scores, "hide"):
        value, mask = scores.args
        if op != "softmax" or is_map(value, "hide"):
            return None
        return Node("call", (unbroadcast(value, shape), mask), (op, axis), shape)
    return Node("call", (scores,), (op, axis), shape)


def _log_sum(node: Node) -> Node | None:
    """log Σ exp(z): log-sum-exp; a maximum that was subtracted inside is subtracted outside."""
    if not is_map(node, "log"):
        return None
    axis, whole = _summed_axis(node.args[0]), settled(node.args[0])
    if axis is None or not is_map(whole.args[0], "exp"):
        return None
    scores = whole.args[0].args[0]
    found = _call("logsumexp", axis, _unshifted(scores, axis), node.shape)
    if found is None or not is_map(scores, "subtract") or found.args[0].key == scores.key:
        return found
    return map_node("subtract", node.shape, found, scores.args[1])


def _log_softmax(node: Node) -> Node | None:
    """log softmax(z), or z − log Σ exp(z)."""
    if is_map(node, "log") and node.args[0].kind == "call" and node.args[0].attrs[0] == "softmax":
        inner = node.args[0]
        if len(inner.args) == 1:
            return Node("call", inner.args, ("log_softmax", inner.attrs[1]), node.shape)
    if not is_map(node, "subtract"):
        return None
    left, right = node.args
    if right.kind == "call" and right.attrs[0] == "logsumexp" and right.args[0].key == left.key:
        return Node("call", (left,), ("log_softmax", right.attrs[1]), node.shape)
    return None


def _cancelled(node: Node) -> Node | None:
    """m + (L − m) is L, and (x − m) − (L − m) is x − L."""
    if is_map(node, "add"):
        for one, other in (node.args, node.args[::-1]):
            if (
                is_map(other, "subtract")
                and settled(other.args[1]).key == settled(one).key
                and other.args[0].shape == node.shape
            ):
                return other.args[0]
    if is_map(node, "subtract") and all(is_map(arg, "subtract") for arg in node.args):
        (left, shift), (right, other) = node.args[0].args, node.args[1].args
        if settled(shift).key == settled(other).key and left.shape == node.shape:
            return map_node("subtract", node.shape, left, right)
    return None


def _outward(node: Node) -> Node | None:
    """A function of a moved array is the moved array of the function."""
    if node.kind != "map" or not node.args or not all(arg.kind == "view" and is_alias(arg) for arg in node.args):
        return None
    first = node.args[0]
    if any(arg.attrs != first.attrs or arg.args[0].shape != first.args[0].shape for arg in node.args):
        return None
    if node.attrs[0] not in ("log", "add", "subtract") or len({arg.shape for arg in node.args}) > 1:
        return None
    inner = map_node(node.attrs[0], first.args[0].shape, *(arg.args[0] for arg in node.args))
    for rule in RULES:
        inner = rule(inner) or inner
    return viewed(inner, first.attrs[0], node.shape)


RULES = (hidden, _softmax, _log_sum, _log_softmax, _cancelled, _outward, sigmoid, softplus)
