"""Writes into parts of an array, as NumPy has them: the array after x[key] = new, put together from its parts."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symformer.arrays.array import Array, as_node, handle
from symformer.arrays.axes import Axis, Shape, total
from symformer.arrays.errors import ArrayError
from symformer.arrays.functions import numpy_name
from symformer.arrays.indexing import indexed, keys_of
from symformer.arrays.joining import concatenated, joined_at, stacked
from symformer.arrays.nodes import Node, Pick, mapped, unbroadcast, viewed
from symformer.arrays.shaping import expand_dims
from symformer.arrays.sizes import whole
from symformer.arrays.slices import from_front

WHOLE = slice(None)


@numpy_name("__setitem__")
def _written_into(value: Any, key: Any, new: Any) -> Node:
    """The array after x[key] = new."""
    arg, entry = as_node(value), as_node(new)
    if isinstance(key, Array) and key.node.dtype == "b":
        return mapped("where", _under(key.node, arg.shape), entry, arg, dtype=arg.dtype)
    keys = keys_of(key, len(arg.shape))
    if any((isinstance(one, (Array, list)) and as_node(one).kind != "const") or one is None for one in keys):
        raise ArrayError("a write at places that depend on values", "write np.where(condition, new, x)")
    return _put(arg, keys, entry)


def _put(arg: Node, keys: list[Any], entry: Node) -> Node:
    """An array with new entries where all keys say so, axis by axis."""
    place = next((place for place, one in enumerate(keys) if not _is_whole(one)), None)
    if place is None:
        return unbroadcast(entry, arg.shape)
    key, front = keys[place], (WHOLE,) * place
    if isinstance(key, slice) and key.step is not None:
        arg = _in_steps(arg, place, whole(key.step))
    kept = [WHOLE] if isinstance(key, slice) else []
    part = _put(indexed(arg, (*front, key)), [*keys[:place], *kept, *keys[place + 1 :]], entry)
    if isinstance(key, slice) and key.step is not None and whole(key.step) != 1:
        return _put_steps(arg, place, key, part)
    part = part if kept else expand_dims(handle(part), place)
    start, stop = _span(key, arg.shape[place])
    if len(arg.shape[place]) > 1:
        raise ArrayError("a write into a part of an axis of several factors", "write np.concatenate of the parts")
    before = [] if start == 0 else [indexed(arg, (*front, slice(None, handle_of(start))))]
    after = [] if stop == total(arg.shape[place]) else [indexed(arg, (*front, slice(handle_of(stop), None)))]
    return concatenated([*before, part, *after], place)


def _in_steps(arg: Node, place: int, step: Expr) -> Node:
    """An array of one number, such as np.zeros, with an axis as factors (k, step); any other array as it is."""
    first = arg
    while first.kind in ("view", "regroup"):
        first = first.args[0]
    count = sympy.cancel(total(arg.shape[place]) / step)
    if first.kind != "const" or sympy.fraction(count)[1] != 1:
        return arg
    return unbroadcast(first, (*arg.shape[:place], (count, step), *arg.shape[place + 1 :]))


def _put_steps(arg: Node, place: int, key: slice, part: Node) -> Node:
    """Every so many entries: an axis of factors (k, step), of which one entry of the last is new."""
    front, step = (WHOLE,) * place, int(whole(key.step))
    start = 0 if key.start is None else int(whole(key.start))
    parts = [part if one == start else indexed(arg, (*front, slice(one, None, step))) for one in range(step)]
    return joined_at(stacked(parts, place + 1), place)


def _is_whole(key: Any) -> bool:
    return isinstance(key, slice) and key == WHOLE


def _span(key: Any, axis: Axis) -> tuple[Expr, Expr]:
    """Where a key begins and ends, counted from the front."""
    if not isinstance(key, slice):
        start = from_front(whole(key), axis)
        return start, start + 1
    start = sympy.Integer(0) if key.start is None else from_front(whole(key.start), axis)
    stop = total(axis) if key.stop is None else from_front(whole(key.stop), axis)
    return start, total(axis) if (stop - total(axis)).is_positive else stop


def handle_of(limit: Expr) -> Any:
    """A limit of a slice as NumPy code gives it."""
    return int(limit) if limit.is_Integer else Array(as_node(limit))


def _under(mask: Node, shape: Shape) -> Node:
    """A mask of the first axes of an array, for all of its entries."""
    missing = len(shape) - len(mask.shape)
    picks = tuple(Pick(place, (None,) * len(axis)) for place, axis in enumerate(mask.shape))
    return viewed(mask, picks, (*mask.shape, *((),) * missing))
