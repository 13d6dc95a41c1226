"""NumPy's functions over axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

import sympy

from symformer.arrays.array import as_node, handle
from symformer.arrays.axes import shape_text, total
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.functions import numpy_name
from symformer.arrays.nodes import ONE, Node, const, described, mapped, node, reduced, without
from symformer.arrays.numbers import exact


def axes_of(arg: Node, axis: Any) -> tuple[int, ...]:
    """The axes that are meant, counted from 0.

    Raises:
        ArrayShapeError: there is no such axis.
    """
    rank = len(arg.shape)
    listed = range(rank) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    return places(described(arg), listed, rank)


def one_axis(arg: Node, axis: Any) -> int:
    """The one axis that is meant, counted from 0; a single one in a tuple will do.

    Raises:
        ArrayShapeError: there is no such axis, or several are named.
    """
    found = axes_of(arg, axis)
    if len(found) != 1:
        raise ArrayShapeError(f"one axis of {described(arg)} is expected, not {axis!r}", "name one, as axis=-1")
    return found[0]


def places(what: str, listed: Iterable[Any], rank: int) -> tuple[int, ...]:
    """Axes counted from 0, of so many that there are.

    Raises:
        ArrayShapeError: one is no integer, or there is no such axis.
    """
    found = []
    for one in listed:
        place = integer(one, "an axis")
        if not -rank <= place < rank:
            raise ArrayShapeError(f"{what} has no axis {place}", f"its axes are {-rank} to {rank - 1}")
        found.append(place % rank)
    return tuple(found)


def integer(value: Any, what: str) -> int:
    """An integer as a Python one; nothing is rounded.

    Raises:
        ArrayError: it is none.
    """
    try:
        return index(value)
    except TypeError:
        raise ArrayError(f"{what} is an integer, not {value!r}") from None


def over_axes(operation: str, value: Any, axis: Any, keepdims: bool) -> Node:
    """A sum or maximum over axes."""
    arg = as_node(value)
    axes = axes_of(arg, axis)
    found = reduced(operation, arg, axes)
    return found if keepdims else without(found, axes)


@numpy_name("sum")
def _sum(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return over_axes("sum", _listed(value), axis, keepdims)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


@numpy_name("max", "amax")
def _max(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return over_axes("max", value, axis, keepdims)


@numpy_name("min", "amin")
def _min(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return mapped("negative", over_axes("max", handle(mapped("negative", as_node(value))), axis, keepdims))


@numpy_name("any")
def _any(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return over_axes("max", value, axis, keepdims)


def mean_of(arg: Node, axes: Sequence[int], less: Any = 0) -> Node:
    """The average over axes, which stay; the sum is divided by so many less."""
    count = sympy.Mul(*(total(arg.shape[place]) for place in axes)) - exact(less)
    whole = reduced("sum", arg, tuple(axes))
    return whole if count == 1 else mapped("multiply", mapped("divide", ONE, const(count), dtype="f"), whole, dtype="f")


@numpy_name("mean", "average")
def _mean(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    arg = as_node(value)
    axes = axes_of(arg, axis)
    found = mean_of(arg, axes)
    return found if keepdims else without(found, axes)


def variance(value: Any, axis: Any, ddof: Any, keepdims: bool) -> Node:
    """The mean of the squares of what is left when the mean is taken off."""
    arg = as_node(value)
    axes = axes_of(arg, axis)
    centred = mapped("subtract", arg, mean_of(arg, axes))
    found = mean_of(mapped("square", centred), axes, ddof)
    return found if keepdims else without(found, axes)


@numpy_name("var")
def _var(value: Any, axis: Any = None, *, ddof: Any = 0, keepdims: bool = False, correction: Any = 0) -> Node:
    return variance(value, axis, ddof or correction, keepdims)


@numpy_name("std")
def _std(value: Any, axis: Any = None, *, ddof: Any = 0, keepdims: bool = False, correction: Any = 0) -> Node:
    return mapped("sqrt", variance(value, axis, ddof or correction, keepdims))


@numpy_name("linalg.norm", "linalg.vector_norm")
def _norm(value: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Node:
    arg = as_node(value)
    if ord not in (None, 2, "fro") or (ord == 2 and axis is None and len(arg.shape) == 2):
        raise ArrayError(f"np.linalg.norm of order {ord}", "write the sum that it is")
    axes = axes_of(arg, axis)
    found = mapped("sqrt", reduced("sum", mapped("square", arg), axes))
    return found if keepdims else without(found, axes)


def _cumulative(name: str, value: Any, axis: Any) -> Node:
    arg = as_node(value)
    if axis is None and len(arg.shape) != 1:
        raise ArrayError(f"np.{name} without an axis", "write axis=")
    place = one_axis(arg, axis)
    if len(arg.shape[place]) > 1:
        raise ArrayShapeError(f"np.{name} along an axis of several factors {shape_text(arg.shape)}", "reshape it first")
    return node(name, (arg,), (place,), arg.shape, "f") if arg.shape[place] else arg


@numpy_name("cumsum", "cumulative_sum")
def _cumsum(value: Any, axis: Any = None) -> Node:
    return _cumulative("cumsum", value, axis)


@numpy_name("cumprod", "cumulative_prod")
def _cumprod(value: Any, axis: Any = None) -> Node:
    return _cumulative("cumprod", value, axis)


@numpy_name("prod")
def _prod(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    return over_axes("prod", _listed(value), axis, keepdims)


@numpy_name("special.softmax", "softmax")
def _softmax(value: Any, axis: Any = None) -> Node:
    weights = mapped("exp", as_node(value))
    return mapped("divide", weights, reduced("sum", weights, axes_of(weights, axis)))


@numpy_name("special.log_softmax", "log_softmax")
def _log_softmax(value: Any, axis: Any = None) -> Node:
    arg = as_node(value)
    return mapped("subtract", arg, mapped("log", reduced("sum", mapped("exp", arg), axes_of(arg, axis))))


@numpy_name("special.logsumexp", "logsumexp")
def _logsumexp(value: Any, axis: Any = None, *, keepdims: bool = False) -> Node:
    arg = as_node(value)
    axes = axes_of(arg, axis)
    found = mapped("log", reduced("sum", mapped("exp", arg), axes))
    return found if keepdims else without(found, axes)
