"""Absolute values: relu(x) + relu(-x) is |x|, to the bit, in one step instead of four.

y_i = 1 + max(x_i, 0) + max(-x_i, 0)   becomes   y_i = 1 + |x_i|
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from symformer.compile.arrays import Array, Map, Number
from symformer.compile.lines import Line


def as_absolute(lines: Sequence[Line]) -> list[Line]:
    """The lines with absolute values where a sum has both halves of one."""
    return [line.mapped(_absolute) for line in lines]


def _absolute(node: Array) -> Array:
    """A sum with a pair of halves as one term, at the place of the first: one of the two is always 0."""
    terms = _terms(node)
    halves = [_positive_part(term) for term in terms]
    for one, half in enumerate(halves):
        for other, opposite in enumerate(halves):
            if half is not None and opposite == Map(half.axes, "negative", (half,)):
                first, last = sorted((one, other))
                terms[first] = Map(half.axes, "abs", (half,))
                del terms[last]
                return reduce(lambda left, right: Map(node.axes, "add", (left, right)), terms)
    return node


def _terms(node: Array) -> list[Array]:
    """The terms of a sum that have all its axes, or are numbers; a sum of others is one term."""
    if not (isinstance(node, Map) and node.name == "add"):
        return [node]
    left, right = node.parts
    return [*(_terms(left) if left.axes == node.axes else [left]), right]


def _positive_part(term: Array) -> Array | None:
    """The x of max(x, 0)."""
    if isinstance(term, Map) and term.name == "maximum" and term.parts[1] == Number((), "0"):
        return term.parts[0]
    return None
