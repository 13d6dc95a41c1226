"""Indexing and slices, as NumPy has them: places are counted from 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr

from symformer.arrays.array import Array, as_node, handle
from symformer.arrays.axes import Axis, broadcast, shape_text
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.functions import RESULTS, numpy_name
from symformer.arrays.nodes import Node, Pick, const, described, iota, node, viewed
from symformer.arrays.protocols import FUNCTIONS
from symformer.arrays.reductions import axes_of
from symformer.arrays.slices import read_axis

Part = tuple[Pick, Axis | None]  # where an axis is read, and the axis that is left of it


def keys_of(key: Any, rank: int) -> list[Any]:
    """One key for each axis, and None for each new one."""
    keys = list(key) if isinstance(key, tuple) else [key]
    used = sum(one is not None and one is not Ellipsis for one in keys)
    if used > rank:
        raise ArrayShapeError(f"{used} indices for an array of {rank} axes")
    fill = [slice(None)] * (rank - used)
    places = [place for place, one in enumerate(keys) if one is Ellipsis]
    if places:
        return [*keys[: places[0]], *fill, *keys[places[0] + 1 :]]
    return [*keys, *fill]


def indexed(arg: Node, key: Any) -> Node:
    """An array at a key of slices, places, None and arrays of whole numbers.

    Raises:
        ArrayError: the key depends on values, or cuts an axis where it cannot be cut.
    """
    keys = [_plain(one) for one in keys_of(key, len(arg.shape))]
    if any(isinstance(one, Node) for one in keys):
        return _gathered(arg, keys)
    picks: list[Pick] = []
    shape: list[Axis] = []
    axes = iter(arg.shape)
    for one in keys:
        if one is None:
            shape.append(())
            continue
        factors, left = read_axis(one, next(axes), arg)
        picks.append(Pick(len(shape) if left is not None else None, factors))
        if left is not None:
            shape.append(left)
    return viewed(arg, tuple(picks), tuple(shape))


def _plain(key: Any) -> Any:
    """A key, with arrays as nodes and known numbers as numbers."""
    if isinstance(key, (slice, type(None))):
        return key
    if isinstance(key, list):
        raise ArrayError("a list of places", "write a slice, or np.stack of the entries")
    found = as_node(key)
    if found.kind == "const":
        return found.attrs[0]
    if found.dtype == "b":
        raise ArrayError("x[mask] has a size that depends on values", "write np.where(mask, x, 0)")
    if found.dtype == "f":
        raise ArrayError("an array of real numbers as an index", 'declare it as "int[n] ..." in the shapes')
    return found


def _gathered(arg: Node, keys: Sequence[Any]) -> Node:
    """Entries at positions that arrays hold; these broadcast, and stand where the first of them does."""
    positions = [one for one in keys if isinstance(one, Node)]
    shape = broadcast(*(one.shape for one in positions))
    if shape is None:
        shapes = ", ".join(shape_text(one.shape) for one in positions)
        raise ArrayShapeError(f"positions of shapes that do not broadcast: {shapes}")
    where = [place for place, one in enumerate(keys) if isinstance(one, Node)]
    apart = any(one is None or isinstance(one, slice) for one in keys[where[0] : where[-1] + 1])
    picks: list[Any] = []
    out: list[Axis] = list(shape) if apart else []
    begin = 0 if apart else -1
    axes = iter(arg.shape)
    for one in keys:
        if one is None:
            out.append(())
        elif isinstance(one, Node):
            picks.append(_position(next(axes), positions.index(one), arg))
            if begin < 0:
                begin = len(out)
                out += shape
        else:
            factors, left = read_axis(one, next(axes), arg)
            picks.append(Pick(len(out) if left is not None else None, factors))
            out += [left] if left is not None else []
    return node("gather", (arg, *positions), (tuple(picks), begin, len(shape)), tuple(out), arg.dtype)


def _position(axis: Axis, number: int, arg: Node) -> Any:
    if not axis:
        return Pick(None, ())
    if len(axis) > 1:
        raise ArrayShapeError(f"positions along an axis of several factors of {described(arg)}", "reshape it first")
    return number


def _getitem(value: Any, key: Any) -> Any:
    """x[key]: a view, whose memory is that of x, or new entries."""
    found = indexed(as_node(value), key)
    if not isinstance(value, Array):
        return RESULTS[True](found)
    return handle(found, value.alike if found.kind == "view" else None)


FUNCTIONS["__getitem__"] = _getitem


@numpy_name("take")
def _take(value: Any, indices: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    if axis is None and len(arg.shape) != 1:
        raise ArrayError("np.take without an axis", "write axis=")
    (place,) = axes_of(arg, axis)
    return indexed(arg, (*(slice(None),) * place, indices))


@numpy_name("take_along_axis")
def _take_along_axis(value: Any, indices: Any, axis: Any = -1) -> Node:
    arg, found = as_node(value), as_node(indices)
    (place,) = axes_of(arg, axis)
    if len(found.shape) != len(arg.shape):
        raise ArrayShapeError(
            f"np.take_along_axis of {described(arg)} at {described(found)}: the numbers of axes differ",
            "add an axis to the positions, such as ids[..., None]",
        )
    keys: list[Any] = []
    rank = len(arg.shape)
    for one in range(rank):
        own = iota(arg.shape[one])
        spread = viewed(own, (Pick(one, (None,) * len(arg.shape[one])),),
                        tuple(arg.shape[one] if place_ == one else () for place_ in range(rank)))  # fmt: skip
        keys.append(found if one == place else spread if arg.shape[one] else sympy.Integer(0))
    return _gathered(arg, keys) if not any(isinstance(one, Expr) for one in keys) else _along(arg, keys)


def _along(arg: Node, keys: list[Any]) -> Node:
    """The same, where an axis of size 1 is read at its only place and stays."""
    nodes = [const(sympy.Integer(0)) if isinstance(one, Expr) else one for one in keys]
    return _gathered(arg, nodes)


@numpy_name("flip")
def _flip(value: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    axes = axes_of(arg, axis)
    return indexed(
        arg, tuple(slice(None, None, -1) if place in axes else slice(None) for place in range(len(arg.shape)))
    )
