"""NumPy's functions that move, split and join axes."""

from __future__ import annotations

from typing import Any

from symformer.arrays.array import as_node
from symformer.arrays.axes import regrouped
from symformer.arrays.errors import ArrayShapeError
from symformer.arrays.functions import numpy_name
from symformer.arrays.nodes import (
    Node,
    Pick,
    described,
    node,
    permuted,
    unbroadcast,
    viewed,
    without,
)  # fmt: skip
from symformer.arrays.reductions import axes_of, places
from symformer.arrays.sizes import full_shape, wanted_shape


@numpy_name("reshape")
def _reshape(value: Any, *sizes: Any, shape: Any = None, newshape: Any = None) -> Node:
    arg = as_node(value)
    given = shape if shape is not None else newshape if newshape is not None else sizes[0] if len(sizes) == 1 else sizes
    wanted = [None if size == -1 else size for size in wanted_shape(given)]
    return node("regroup", (arg,), (), regrouped(arg.shape, wanted), arg.dtype)


@numpy_name("ravel")
def _ravel(value: Any) -> Node:
    return _reshape(value, -1)


@numpy_name("transpose", "permute_dims")
def _transpose(value: Any, *axes: Any) -> Node:
    arg = as_node(value)
    given = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))) else axes or None
    order = tuple(reversed(range(len(arg.shape)))) if given is None else axes_of(arg, tuple(given))
    if sorted(order) != list(range(len(arg.shape))):
        raise ArrayShapeError(f"a transpose of {described(arg)} names {len(order)} axes", "name each axis once")
    return permuted(arg, order)


@numpy_name("matrix_transpose")
def _matrix_transpose(value: Any) -> Node:
    return _swapaxes(value, -1, -2)


@numpy_name("swapaxes")
def _swapaxes(value: Any, axis1: Any, axis2: Any) -> Node:
    arg = as_node(value)
    one, other = axes_of(arg, (axis1, axis2))
    order = list(range(len(arg.shape)))
    order[one], order[other] = other, one
    return permuted(arg, tuple(order))


@numpy_name("moveaxis", "rollaxis")
def _moveaxis(value: Any, source: Any, destination: Any) -> Node:
    arg = as_node(value)
    sources, destinations = axes_of(arg, source), axes_of(arg, destination)
    order = [place for place in range(len(arg.shape)) if place not in sources]
    for to, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(to, axis)
    return permuted(arg, tuple(order))


@numpy_name("expand_dims")
def expand_dims(value: Any, axis: Any) -> Node:
    """With new axes of size 1 at these places."""
    arg = as_node(value)
    listed = axis if isinstance(axis, (tuple, list)) else (axis,)
    rank = len(arg.shape) + len(listed)
    new = places(f"{described(arg)} with {len(listed)} more", listed, rank)
    kept = [place for place in range(rank) if place not in new]
    picks = tuple(Pick(place, (None,) * len(axis)) for place, axis in zip(kept, arg.shape, strict=True))
    shape = iter(arg.shape)
    return viewed(arg, picks, tuple(() if place in new else next(shape) for place in range(rank)))


@numpy_name("squeeze")
def _squeeze(value: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    axes = tuple(place for place, one in enumerate(arg.shape) if not one) if axis is None else axes_of(arg, axis)
    long = [place for place in axes if arg.shape[place]]
    if long:
        raise ArrayShapeError(f"squeeze of axis {long[0]} of {described(arg)}, which is not 1")
    return without(arg, axes)


@numpy_name("broadcast_to")
def _broadcast_to(value: Any, shape: Any) -> Node:
    return unbroadcast(as_node(value), full_shape(shape))
