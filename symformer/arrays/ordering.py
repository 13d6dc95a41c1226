"""Largest places, ranks and sorted arrays; of equal entries, the one with the lowest index comes first.

A sorted array needs no primitive: r_i = 1 + Σ_j ([x_j < x_i] + [x_j = x_i][j < i]) is the rank of an entry, and the
entry of rank k stands at argmax_i [r_i = k]. Ranks do not move with the values, so a gradient goes to the entry that
was chosen; where two entries are equal there is no derivative, and this is the one by convention.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sympy import Expr

from symformer.arrays.array import as_node, handle
from symformer.arrays.axes import total
from symformer.arrays.elementwise import relation
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.frames import assigned_names
from symformer.arrays.functions import RESULTS, numpy_name
from symformer.arrays.indexing import indexed
from symformer.arrays.nodes import Node, Pick, const, described, iota, mapped, node, viewed, without
from symformer.arrays.protocols import CURES, FUNCTIONS
from symformer.arrays.reductions import one_axis
from symformer.arrays.rules import RULES, At, Index
from symformer.arrays.sizes import whole
from symformer.notation import ArgMax, Sum, Tensor, Written, indicator, lift

if TYPE_CHECKING:
    from symformer.arrays.lowering import Lowering

CURES["partition"] = "write np.sort, whose order holds for every entry"
CURES["argpartition"] = "write np.argsort, whose order holds for every entry"


def _along(name: str, arg: Node, axis: Any) -> int:
    """The one axis along which entries are compared, which has one factor or is of size 1."""
    if axis is None and len(arg.shape) != 1:
        raise ArrayError(f"np.{name} without an axis", "write axis=")
    place = one_axis(arg, axis)
    if len(arg.shape[place]) > 1:
        raise ArrayShapeError(f"np.{name} along an axis of several factors of {described(arg)}", "reshape it first")
    return place


def _argmax_of(name: str, value: Any, axis: Any, keepdims: bool) -> Node:
    arg = as_node(value)
    place = _along(name, arg, axis)
    shape = (*arg.shape[:place], (), *arg.shape[place + 1 :])
    found = node("argmax", (arg,), (place,), shape, "i")
    return found if keepdims else without(found, (place,))


@numpy_name("argmax")
def _argmax(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return _argmax_of("argmax", value, axis, keepdims)


@numpy_name("argmin")
def _argmin(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return _argmax_of("argmin", handle(mapped("negative", as_node(value))), axis, keepdims)


def ranks(arg: Node, axis: int, descending: bool) -> Node:
    """Along an axis, the rank of each entry, from 1."""
    return replace(node("rank", (arg,), (axis, descending), arg.shape), name="r")


@numpy_name("rank")
def _rank(value: Any, axis: Any = -1, descending: bool = False) -> Node:
    arg = as_node(value)
    return ranks(arg, _along("rank", arg, axis), descending)


@numpy_name("argsort")
def _argsort(value: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None, descending: bool = False) -> Node:
    arg = as_node(value)
    return _order(arg, _along("argsort", arg, axis), descending)


@numpy_name("sort")
def _sort(value: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None, descending: bool = False) -> Node:
    arg = as_node(value)
    return _sorted(arg, _along("sort", arg, axis), descending)


def _order(arg: Node, place: int, descending: bool) -> Node:
    return node("order", (ranks(arg, place, descending),), (place,), arg.shape, "i")


def _sorted(arg: Node, place: int, descending: bool) -> Node:
    """The entries of an array at the positions that argsort has."""
    if not arg.shape[place]:
        return arg
    order = _order(arg, place, descending)
    picks: list[Any] = [Pick(one, (None,) * len(arg.shape[one])) for one in range(len(arg.shape))]
    picks[place] = 0
    return node("gather", (arg, order), (tuple(picks), 0, len(arg.shape)), arg.shape, arg.dtype)


def top_k(value: Any, k: Any, axis: Any = -1) -> tuple[Any, Any]:
    """The k largest entries along an axis, the largest first, and their positions, counted from 0."""
    arg, count = as_node(value), whole(k)
    place = _along("top_k", arg, axis)
    size = total(arg.shape[place])
    if not count.is_positive or (count - size).is_positive:
        raise ArrayShapeError(f"top_k: {count} of an axis of size {size} of {described(arg)}", f"write 1 to {size}")
    first = (*(slice(None),) * place, slice(None, handle(const(count))))
    whole_order = replace(_sorted(arg, place, True), name="s")  # a definition, so that no entry is read beyond its end
    found = indexed(whole_order, first), _first_places(arg, place, count, first)
    names = assigned_names() if len(assigned_names()) == 2 else ("", "p")
    values, positions = (replace(one, name=name) for one, name in zip(found, names, strict=True))
    result = RESULTS[isinstance(value, Tensor)]
    return result(values), result(positions)


def _first_places(arg: Node, place: int, count: Expr, first: Any) -> Node:
    """The positions of the largest entries; beyond the end of the axis, a position that no array has."""
    size = total(arg.shape[place])
    order = indexed(_order(arg, place, True), first)
    if (size - count).is_nonnegative:
        return order
    axes = tuple(axis if one == place else () for one, axis in enumerate(order.shape))
    numbers = viewed(iota(order.shape[place]), (Pick(place, (None,) * len(order.shape[place])),), axes)
    return mapped("where", mapped("less", numbers, const(size), dtype="b"), order, const(size), dtype="i")


FUNCTIONS["top_k"] = top_k

# -- in index notation ------------------------------------------------------------------------------------------------


def _argmax_rule(self: Lowering, node: Node, at: At) -> Written:
    (axis,), (arg,) = node.attrs, node.args
    if not arg.shape[axis]:
        return lift(0)
    return self.over(ArgMax, arg.shape[axis], lambda index: self.entry(arg, (*at[:axis], index, *at[axis + 1 :]))) - 1


def _rank_rule(self: Lowering, node: Node, at: At) -> Written:
    (axis, descending), (arg,) = node.attrs, node.args
    if not arg.shape[axis]:
        return lift(1)
    here = self.entry(arg, at)

    def body(index: Index) -> Written:
        there = self.entry(arg, (*at[:axis], index, *at[axis + 1 :]))
        before = relation("<")(index[0], at[axis][0])
        return indicator(there, ">" if descending else "<", here) + indicator(there, "=", here) * before

    return lift(1) + self.over(Sum, arg.shape[axis], body)


def _order_rule(self: Lowering, node: Node, at: At) -> Written:
    (axis,), (rank,) = node.attrs, node.args
    if not rank.shape[axis]:
        return lift(0)

    def body(index: Index) -> Written:
        return indicator(self.entry(rank, (*at[:axis], index, *at[axis + 1 :])), "=", at[axis][0])

    return self.over(ArgMax, rank.shape[axis], body) - 1


RULES.update({"argmax": _argmax_rule, "rank": _rank_rule, "order": _order_rule})
