"""NumPy's functions that repeat, join and cut arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr

from symformer.arrays.array import Array, as_node, handle
from symformer.arrays.axes import Axis, axis_of, same_axis
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.functions import numpy_name, on_tensors
from symformer.arrays.nodes import (
    Node,
    const,
    described,
    node,
    unbroadcast,
)  # fmt: skip
from symformer.arrays.protocols import FUNCTIONS
from symformer.arrays.reductions import axes_of
from symformer.arrays.shaping import expand_dims
from symformer.arrays.sizes import wanted_shape, whole


@numpy_name("repeat")
def _repeat(value: Any, repeats: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    if axis is None:
        raise ArrayError("np.repeat without an axis", "write axis=")
    (place,) = axes_of(arg, axis)
    wide = unbroadcast_at(expand_dims(handle(arg), place + 1), place + 1, axis_of(whole(repeats)))
    return joined_at(wide, place)


@numpy_name("tile")
def _tile(value: Any, reps: Any) -> Node:
    found = as_node(value)
    times = wanted_shape(reps)
    while len(found.shape) < len(times):
        found = expand_dims(handle(found), 0)
    for place, count in enumerate(times, start=len(found.shape) - len(times)):
        if count != 1:
            found = joined_at(unbroadcast_at(expand_dims(handle(found), place), place, axis_of(count)), place)
    return found


def unbroadcast_at(arg: Node, place: int, axis: Axis) -> Node:
    """An axis of size 1 made longer."""
    return unbroadcast(arg, (*arg.shape[:place], axis, *arg.shape[place + 1 :]))


def joined_at(arg: Node, place: int) -> Node:
    """An axis and the next one as one."""
    shape = (*arg.shape[:place], arg.shape[place] + arg.shape[place + 1], *arg.shape[place + 2 :])
    return node("regroup", (arg,), (), shape, arg.dtype)


@numpy_name("concatenate", "concat")
def _concatenate(arrays: Sequence[Any], axis: Any = 0) -> Node:
    args = [as_node(array) for array in arrays]
    (place,) = axes_of(args[0], axis)
    first = args[0].shape[place]
    if len(args) > 1 and all(same_axis(first, arg.shape[place]) for arg in args) and not on_tensors(arrays):
        _fitting(args, place)
        return _joined(args, place, (sympy.Integer(len(args)), *first))  # these have plain axes
    return concatenated(args, place)


def concatenated(args: Sequence[Node], place: int) -> Node:
    """Arrays one after the other along an axis, which is then one factor.

    Raises:
        ArrayShapeError: another axis differs.
    """
    _fitting(args, place)
    if len(args) == 1:
        return args[0]
    size = sympy.Add(*(sympy.Mul(*arg.shape[place]) for arg in args))
    shape = (*args[0].shape[:place], (size,), *args[0].shape[place + 1 :])
    return node("concat", tuple(args), (place, False), shape, max((arg.dtype for arg in args), key="bif".index))


def _fitting(args: Sequence[Node], place: int) -> None:
    others = [arg.shape[:place] + arg.shape[place + 1 :] for arg in args]
    near = [shape == others[0] for shape in others]
    if not all(near):
        shapes = " and ".join(described(arg) for arg in args)
        raise ArrayShapeError(f"np.concatenate of {shapes} along axis {place}: another axis differs")


def stacked(args: Sequence[Node], place: int) -> Node:
    """Arrays of one shape along a new axis."""
    wide = [expand_dims(handle(arg), place) for arg in args]
    return _joined(wide, place, (sympy.Integer(len(wide)),))


def _joined(args: Sequence[Node], place: int, axis: Axis) -> Node:
    shape = (*args[0].shape[:place], axis, *args[0].shape[place + 1 :])
    return node("concat", tuple(args), (place, True), shape, max((arg.dtype for arg in args), key="bif".index))


@numpy_name("stack")
def _stack(arrays: Sequence[Any], axis: Any = 0) -> Node:
    listed = list(arrays)
    if not listed:
        raise ArrayShapeError("np.stack of no arrays")
    wide = [expand_dims(array if isinstance(array, Array) else handle(as_node(array)), axis) for array in listed]
    place = int(axis) % len(wide[0].shape)
    if any(arg.shape != wide[0].shape for arg in wide):
        shapes = " and ".join(described(as_node(array)) for array in listed)
        raise ArrayShapeError(f"np.stack of {shapes}: the shapes differ")
    if len(wide) == 1:
        return wide[0]
    return _joined(wide, place, (sympy.Integer(len(wide)),))


@numpy_name("hstack")
def _hstack(arrays: Sequence[Any]) -> Node:
    first = as_node(arrays[0])
    return _concatenate(arrays, 0 if len(first.shape) == 1 else 1)


@numpy_name("vstack")
def _vstack(arrays: Sequence[Any]) -> Node:
    return _stack(arrays) if len(as_node(arrays[0]).shape) == 1 else _concatenate(arrays, 0)


def split(value: Any, sections: Any, axis: Any = 0) -> list[Array]:
    """As np.split: equal parts, or parts that end at these places."""
    arg = as_node(value)
    (place,) = axes_of(arg, axis)
    size = sympy.Mul(*arg.shape[place])
    if isinstance(sections, (list, tuple)):
        ends = [whole(end) for end in sections]
    else:
        part = sympy.cancel(size / whole(sections))
        if sympy.fraction(part)[1] != 1:
            raise ArrayShapeError(f"np.split of an axis of size {size} into {sections} parts",
                                  f"write the axis in the shapes as {sections}*k")  # fmt: skip
        ends = [part * count for count in range(1, int(sections))]
    array = value if isinstance(value, Array) else handle(arg)
    front = (slice(None),) * place
    limits = [0, *ends, None]
    return [array[(*front, slice(_said(low), _said(high)))] for low, high in pairwise(limits)]


def _said(limit: Any) -> Any:
    return handle(const(limit)) if isinstance(limit, Expr) else limit


FUNCTIONS["split"] = FUNCTIONS["array_split"] = split
