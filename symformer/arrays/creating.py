"""NumPy's functions that make arrays."""

from __future__ import annotations

from typing import Any

import sympy

from symformer.arrays.array import as_node, handle
from symformer.arrays.axes import Shape, axis_of
from symformer.arrays.errors import ArrayShapeError
from symformer.arrays.functions import numpy_name
from symformer.arrays.nodes import (
    ONE,
    ZERO,
    Node,
    const,
    iota,
    mapped,
    unbroadcast,
)  # fmt: skip
from symformer.arrays.shaping import expand_dims
from symformer.arrays.sizes import full_shape, whole


@numpy_name("zeros", "empty")
def _zeros(shape: Any) -> Node:
    return unbroadcast(ZERO, full_shape(shape))


@numpy_name("ones")
def _ones(shape: Any) -> Node:
    return unbroadcast(ONE, full_shape(shape))


@numpy_name("full")
def _full(shape: Any, value: Any) -> Node:
    return unbroadcast(as_node(value), full_shape(shape))


@numpy_name("zeros_like", "empty_like")
def _zeros_like(value: Any) -> Node:
    return unbroadcast(ZERO, as_node(value).shape)


@numpy_name("ones_like")
def _ones_like(value: Any) -> Node:
    return unbroadcast(ONE, as_node(value).shape)


@numpy_name("full_like")
def _full_like(value: Any, filled: Any) -> Node:
    return unbroadcast(as_node(filled), as_node(value).shape)


@numpy_name("arange")
def _arange(*limits: Any) -> Node:
    start, stop = (0, limits[0]) if len(limits) == 1 else limits[:2]
    step = limits[2] if len(limits) == 3 else 1
    low, high, by = (whole(one) for one in (start, stop, step))
    count = sympy.cancel((high - low) / by)
    if not by.is_Integer or sympy.fraction(count)[1] != 1:
        if not count.is_Rational:
            raise ArrayShapeError(f"np.arange from {low} to {high} by {by}: its length is no size",
                                  "write the axis in the shapes as a product, such as 2*k, and by = 2")  # fmt: skip
        count = sympy.ceiling(count)
    found = iota(axis_of(count))
    if by != 1:
        found = mapped("multiply", const(by), found)
    return found if low == 0 else mapped("add", found, const(low))


@numpy_name("eye", "identity")
def eye(n: Any, m: Any = None, k: Any = 0) -> Node:
    """1 on a diagonal, as np.eye."""
    rows, columns = iota(axis_of(whole(n))), iota(axis_of(whole(n if m is None else m)))
    return mapped("equal", mapped("add", expand_dims(handle(rows), 1), const(whole(k))), columns, dtype="i")


def _below(shape: Shape, k: Any, sign: str) -> Node:
    """1 where column − row stands in a relation to k."""
    rows = expand_dims(handle(iota(shape[-2])), 1)
    return mapped(sign, iota(shape[-1]), mapped("add", rows, const(whole(k))), dtype="b")


@numpy_name("tril")
def _tril(value: Any, k: Any = 0) -> Node:
    arg = as_node(value)
    return _triangle(arg, _below(arg.shape, k, "less_equal"))


@numpy_name("triu")
def _triu(value: Any, k: Any = 0) -> Node:
    arg = as_node(value)
    return _triangle(arg, _below(arg.shape, k, "greater_equal"))


def _triangle(arg: Node, seen: Node) -> Node:
    inner = arg
    while inner.kind == "view" and not inner.args[0].shape:
        inner = inner.args[0]
    if inner.kind == "const" and inner.attrs[0] == 1:
        return Node(seen.kind, seen.args, seen.attrs, arg.shape, arg.dtype, "", seen.place)
    if arg.dtype == "b":
        return mapped("logical_and", seen, arg, dtype="b")
    return mapped("where", seen, arg, ZERO, dtype=arg.dtype)


@numpy_name("tri")
def _tri(n: Any, m: Any = None, k: Any = 0) -> Node:
    shape = (axis_of(whole(n)), axis_of(whole(n if m is None else m)))
    return _triangle(unbroadcast(ONE, shape), _below(shape, k, "less_equal"))
