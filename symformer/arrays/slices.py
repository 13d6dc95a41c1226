"""Slices and places along an axis of several factors."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symformer.arrays.axes import Axis, total
from symformer.arrays.errors import ArrayShapeError
from symformer.arrays.nodes import Node, described
from symformer.arrays.sizes import whole


def read_axis(key: Any, axis: Axis, arg: Node) -> tuple[tuple[Any, ...], Axis | None]:
    """How each factor of an axis is read, and the axis that is left."""
    if isinstance(key, slice):
        return _sliced(key, axis, arg)
    place = from_front(key, axis)
    if not axis:
        if place != 0:
            raise ArrayShapeError(f"index {key} is outside an axis of size 1 of {described(arg)}")
        return (), None
    if total(axis).is_Integer and place.is_Integer and not 0 <= place < total(axis):
        raise ArrayShapeError(f"index {key} is outside an axis of size {total(axis)} of {described(arg)}")
    return _digits(place, axis, arg), None


def from_front(key: Expr, axis: Axis) -> Expr:
    """A place counted from the front; a negative number counts from the end."""
    return sympy.expand(total(axis) + key) if key.is_negative else key


def _digits(place: Expr, axis: Axis, arg: Node) -> tuple[Any, ...]:
    """One place in each factor."""
    if len(axis) == 1:
        return ((place, 0),)
    rest = sympy.Mul(*axis[1:])
    first = sympy.cancel(place / rest)
    if sympy.fraction(first)[1] == 1:
        return ((first, 0), *((sympy.Integer(0), 0) for _ in axis[1:]))
    if place.is_Integer and all(factor.is_Integer for factor in axis[1:]):
        quotient, remainder = divmod(place, rest)
        return ((quotient, 0), *_digits(remainder, axis[1:], arg))
    raise ArrayShapeError(f"place {place} of an axis of several factors of {described(arg)}", "reshape it first")


def _sliced(key: slice, axis: Axis, arg: Node) -> tuple[tuple[Any, ...], Axis]:
    size = total(axis)
    step = sympy.Integer(1) if key.step is None else whole(key.step)
    if step == -1 and key.start is None and key.stop is None:
        return _turned(axis)
    if not step.is_positive:
        raise ArrayShapeError(f"a slice with the step {step}", "write x[::-1], or a positive number")
    start = sympy.Integer(0) if key.start is None else from_front(whole(key.start), axis)
    stop = size if key.stop is None else from_front(whole(key.stop), axis)
    if (stop - size).is_positive:
        stop = size
    if start == 0 and stop == size and step == 1:
        return (None,) * len(axis), axis
    if len(axis) > 1:
        return _sliced_factors(start, stop, step, axis, arg)
    count = sympy.cancel((stop - start) / step)
    if sympy.fraction(count)[1] != 1:
        count = sympy.ceiling(count)
    if not count.is_positive and not count.is_Symbol and (count.is_nonpositive or not count.free_symbols):
        raise ArrayShapeError(f"the slice {start}:{stop} of an axis of size {size} of {described(arg)} is empty")
    if count.has(sympy.ceiling):
        raise _uncut(start, stop, step, axis, arg)
    if count == 1:
        return ((start, 0),), ()
    return ((start, int(step)),), (sympy.expand(count),)


def _turned(axis: Axis) -> tuple[tuple[Any, ...], Axis]:
    return tuple((factor - 1, -1) for factor in axis), axis


def _sliced_factors(start: Expr, stop: Expr, step: Expr, axis: Axis, arg: Node) -> tuple[tuple[Any, ...], Axis]:
    """A slice that falls in with the factors of an axis: a block of the first, or a place in the last."""
    if step == 1:
        block = sympy.Mul(*axis[1:])
        first, last = sympy.cancel(start / block), sympy.cancel(stop / block)
        if all(sympy.fraction(one)[1] == 1 for one in (first, last)):
            rest = (None,) * (len(axis) - 1)
            if sympy.expand(last - first) == 1:
                return ((first, 0), *rest), axis[1:]
            return ((first, 1), *rest), (sympy.expand(last - first), *axis[1:])
    elif step == axis[-1] and start.is_Integer and start < step and total(axis) == stop:
        return (*((None,) * (len(axis) - 1)), (start, 0)), axis[:-1]
    raise _uncut(start, stop, step, axis, arg)


def _uncut(start: Expr, stop: Expr, step: Expr, axis: Axis, arg: Node) -> ArrayShapeError:
    said = f"{start}:{stop}" + (f":{step}" if step != 1 else "")
    return ArrayShapeError(
        f"the slice {said} cuts an axis of size {'*'.join(map(str, axis))} of {described(arg)} where no factor ends",
        "write the axis in the shapes as a product: 2*k for halves, k*2 for every second entry",
    )
