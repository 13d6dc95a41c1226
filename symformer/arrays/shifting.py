"""NumPy's functions that pad, roll and turn arrays, and take differences of neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symformer.arrays.array import as_node, handle
from symformer.arrays.axes import Axis, axis_of, total
from symformer.arrays.elementwise import ELEMENTWISE, relation
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.functions import combined, numpy_name
from symformer.arrays.indexing import indexed
from symformer.arrays.nodes import ZERO, Node, const, described, iota, mapped, node
from symformer.arrays.protocols import FUNCTIONS
from symformer.arrays.reductions import axes_of, one_axis
from symformer.arrays.rules import RULES, At, placed
from symformer.arrays.sizes import whole
from symformer.notation import Written, lift

if TYPE_CHECKING:
    from symformer.arrays.lowering import Lowering

Widths = tuple[tuple[Expr, Expr], ...]  # before and after, for each axis


@numpy_name("pad")
def _pad(value: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Node:
    arg = as_node(value)
    widths = _widths(pad_width, arg)
    if mode not in ("constant", "edge", "wrap"):
        raise ArrayError(f"np.pad of mode {mode!r}", 'write "constant", "edge" or "wrap", or np.concatenate of parts')
    if mode != "constant":
        return _continued(arg, widths, mode)
    filled = as_node(constant_values)
    if filled.shape:
        raise ArrayError("np.pad with several values", "write np.concatenate of parts, or pad once for each value")
    for (before, after), axis in zip(widths, arg.shape, strict=True):
        if len(axis) > 1 and before + after != 0:
            raise ArrayShapeError(f"np.pad of an axis of several factors of {described(arg)}", "reshape it first")
    shape = tuple(_longer(axis, *width) for axis, width in zip(arg.shape, widths, strict=True))
    return arg if shape == arg.shape else node("pad", (arg, filled), (widths,), shape, max(arg.dtype, filled.dtype,
                                                                                          key="bif".index))  # fmt: skip


def _widths(given: Any, arg: Node) -> Widths:
    """Before and after each axis, from NumPy's three ways to say it."""
    rank = len(arg.shape)
    pairs = given if isinstance(given, (tuple, list)) else ((given, given),)
    if not any(isinstance(pair, (tuple, list)) for pair in pairs):
        pairs = (pairs if len(pairs) == 2 else pairs * 2,)
    found = tuple((whole(pair[0]), whole(pair[-1])) for pair in pairs)
    found = found * rank if len(found) == 1 else found
    if len(found) != rank:
        raise ArrayShapeError(
            f"np.pad of {described(arg)} with {len(found)} pairs of widths", "write one for each axis"
        )
    if any(width.is_negative for pair in found for width in pair):
        raise ArrayShapeError("np.pad with a negative width", "write a slice")
    return found


def _longer(axis: Axis, before: Expr, after: Expr) -> Axis:
    return axis if before + after == 0 else axis_of(sympy.expand(total(axis) + before + after))


def _continued(arg: Node, widths: Widths, mode: str) -> Node:
    """The first and last entries repeated, or the array over again."""
    for place, (before, after) in enumerate(widths):
        if before + after != 0:
            numbers = iota(_longer(arg.shape[place], before, after))
            shifted = mapped("add", numbers, const(-before)) if before != 0 else numbers
            last = const(total(arg.shape[place]) - 1)
            inside = mapped("clip", shifted, ZERO, last) if mode == "edge" else _around(shifted, arg.shape[place])
            arg = indexed(arg, (*(slice(None),) * place, handle(inside)))
    return arg


def _around(positions: Node, axis: Axis) -> Node:
    return mapped("mod", positions, const(total(axis)), dtype="i")


@numpy_name("roll")
def _roll(value: Any, shift: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    if axis is None and len(arg.shape) != 1:
        raise ArrayError("np.roll without an axis", "write axis=")
    axes = axes_of(arg, axis)
    shifts = shift if isinstance(shift, (tuple, list)) else (shift,) * len(axes)
    for place, by in zip(axes, shifts, strict=True):
        if arg.shape[place] and whole(by) != 0:
            moved = mapped("add", iota(arg.shape[place]), const(-whole(by)))
            arg = indexed(arg, (*(slice(None),) * place, handle(_around(moved, arg.shape[place]))))
    return arg


@numpy_name("fliplr")
def _fliplr(value: Any) -> Node:
    return indexed(as_node(value), (slice(None), slice(None, None, -1)))


@numpy_name("flipud")
def _flipud(value: Any) -> Node:
    return indexed(as_node(value), (slice(None, None, -1),))


@numpy_name("rot90")
def _rot90(value: Any, k: int = 1) -> Node:
    raise ArrayError("np.rot90", "write np.flip of a transpose")


@numpy_name("append")
def _append(value: Any, values: Any, axis: Any = None) -> Node:
    if axis is None and (len(as_node(value).shape), len(as_node(values).shape)) != (1, 1):
        raise ArrayError("np.append without an axis", "write axis=")
    return as_node(FUNCTIONS["concatenate"]([value, values], axis=axis or 0))


@numpy_name("diff")
def _diff(value: Any, n: int = 1, axis: Any = -1) -> Node:
    arg = as_node(value)
    place = one_axis(arg, axis)
    front = (slice(None),) * place
    for _ in range(n):
        later, sooner = indexed(arg, (*front, slice(1, None))), indexed(arg, (*front, slice(None, -1)))
        arg = combined("subtract", handle(later), handle(sooner))
    return arg


def _pad_rule(self: Lowering, node: Node, at: At) -> Written:
    """The entry where every index is inside; else the value."""
    (arg, filled), (widths,) = node.args, node.attrs
    inside, where = lift(1), []
    for index, axis, size, (before, after) in zip(at, arg.shape, node.shape, widths, strict=True):
        if size == axis:
            where.append(index)
            continue
        (one,) = index
        sides = [(before, relation(">")(one, lift(before))), (after, relation("≤")(one, lift(before + total(axis))))]
        for width, side in sides:
            inside = ELEMENTWISE["logical_and"](inside, side) if width != 0 else inside
        where.append((placed(one, before),) if axis else ())
    return ELEMENTWISE["where"](inside, self.entry(arg, tuple(where)), self.entry(filled, ()))


RULES["pad"] = _pad_rule
