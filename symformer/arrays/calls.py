"""Calls of the library's ops, as tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symformer.arrays.nodes import Node
from symformer.notation import Tensor, Written, exp, hide, indicator, lift, max, sum
from symformer.ops import log_softmax, logsumexp, softmax
from symformer.ops.letters import letters
from symformer.programs import DefinedTensor, call, define

OPS: dict[str, Callable[..., DefinedTensor]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
}


def called(lowering: Any, node: Node, name: str) -> DefinedTensor:
    """The tensor of a call of an op."""
    op, axis = node.attrs
    scores = lowering.tensor(node.args[0])
    own = len([factor for before in node.args[0].shape[:axis] for factor in before])
    if len(node.args) == 1:
        return OPS[op](scores, own, name=name)
    mask = node.args[1]

    def seen(symbols: Any) -> Written:
        flat = iter(lift(symbol) for symbol in symbols)
        at = tuple(tuple(next(flat) for _ in one) for one in node.args[0].shape)
        near = at[len(at) - len(mask.shape) :]
        found: Written = lowering.entry(mask, tuple(i if a else () for i, a in zip(near, mask.shape, strict=True)))
        return found

    return _masked(scores, own, seen, name)


def _masked(x: Tensor, axis: int, seen: Any, name: str) -> DefinedTensor:
    """The softmax over what a mask lets through; in its stable form, zeros for a row that sees nothing."""
    at = letters(x, axis)
    along = at.bound[at.axis]
    textbook = define("s", at.free, seen(at.free) * exp(x[at.free]) / sum(seen(at.bound) * exp(x[at.bound]), along))
    h = define("h", at.free, hide(x[at.free], seen(at.free)))
    m = define("m", at.rows, max(h[at.bound], along))
    u = define("u", at.free, exp(h[at.free] - m[at.rows]))
    z = define("Z", at.rows, sum(u[at.bound], along))
    stable = define("s", at.free, u[at.free] / (z[at.rows] + indicator(z[at.rows], "=", 0)))
    result: DefinedTensor = call("softmax", (x,), textbook, stable, name, folded=False)
    return result
