"""NumPy's products of arrays."""

from __future__ import annotations

from typing import Any

import sympy

from symformer.arrays.array import as_node, handle
from symformer.arrays.axes import Axis, same, same_axis, shape_text, total
from symformer.arrays.creating import eye
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.functions import combined, numpy_name
from symformer.arrays.nodes import (
    ZERO,
    Node,
    const,
    described,
    mapped,
    node,
)  # fmt: skip
from symformer.arrays.shaping import expand_dims


@numpy_name("matmul")
def _matmul(left: Any, right: Any) -> Node:
    one, other = as_node(left), as_node(right)
    if not one.shape or not other.shape:
        raise ArrayShapeError(f"{described(one)} @ {described(other)}: a matrix product needs axes", "write *")
    inner = other.shape[-2] if len(other.shape) > 1 else other.shape[-1]
    if not same_axis(one.shape[-1], inner):
        raise ArrayShapeError(
            f"{described(one)} @ {described(other)}: the sum would run over {shape_text(one.shape[-1:])[1:-2]} on the "
            f"left and over {shape_text((inner,))[1:-2]} on the right",
            _cure(one, other),
        )
    rows, columns = len(one.shape) > 1, len(other.shape) > 1
    lead = max(len(one.shape) - 2, len(other.shape) - 2, 0)
    batch = tuple(range(10, 10 + lead))
    first = (*batch[lead - max(len(one.shape) - 2, 0) :], *((0,) if rows else ()), 1)
    second = (*batch[lead - max(len(other.shape) - 2, 0) :], 1, *((2,) if columns else ()))
    return contracted((one, other), (first, second), (*batch, *((0,) if rows else ()), *((2,) if columns else ())))


def _cure(one: Node, other: Node) -> str:
    if len(other.shape) > 1 and same_axis(one.shape[-1], other.shape[-1]):
        return f"write {one.name or _name(one, 'A')} @ {other.name or _name(other, 'B')}.T"
    if len(one.shape) > 1 and len(other.shape) > 1 and same_axis(one.shape[-2], other.shape[-2]):
        return f"write {_name(one, 'A')}.T @ {_name(other, 'B')}"
    return "the last axis of the left is the last but one of the right"


def _name(arg: Node, otherwise: str) -> str:
    return arg.name or (arg.attrs[0].name if arg.kind == "tensor" else otherwise)


def contracted(args: tuple[Node, ...], inputs: tuple[tuple[Any, ...], ...], output: tuple[Any, ...]) -> Node:
    """A sum of a product over the letters that the result does not have."""
    sizes: dict[Any, Axis] = {}
    for arg, letters in zip(args, inputs, strict=True):
        for letter, axis in zip(letters, arg.shape, strict=True):
            known = sizes.setdefault(letter, axis)
            if known and axis and not same_axis(known, axis):
                shapes = ", ".join(map(described, args))
                one, other = (shape_text((size,))[1:-2] for size in (known, axis))
                turned = "write both in one order in the shapes" if same(total(known), total(axis)) else ""
                raise ArrayShapeError(f"a product of {shapes}: {one} meets {other}", turned)
            sizes[letter] = known or axis
    return node("contract", args, (inputs, output), tuple(sizes[letter] for letter in output), "f")


@numpy_name("dot")
def _dot(left: Any, right: Any) -> Node:
    one, other = as_node(left), as_node(right)
    if not one.shape or not other.shape:
        return combined("multiply", handle(one), handle(other))
    if len(one.shape) > 2 or len(other.shape) > 2:
        raise ArrayError("np.dot of more than two axes", "write @ or np.einsum")
    return _matmul(handle(one), handle(other))


@numpy_name("outer")
def _outer(left: Any, right: Any) -> Node:
    return mapped("multiply", expand_dims(left, 1), as_node(right))


@numpy_name("inner", "vdot", "vecdot", "linalg.vecdot")
def _inner(left: Any, right: Any) -> Node:
    one, other = as_node(left), as_node(right)
    return contracted((one, other), ((0,), (0,)), ()) if len(one.shape) == len(other.shape) == 1 else _refused_inner()


def _refused_inner() -> Node:
    raise ArrayError("np.inner of more than one axis", "write @ or np.einsum")


@numpy_name("einsum")
def _einsum(spec: Any, *arrays: Any, optimize: Any = None) -> Node:
    if not isinstance(spec, str):
        raise ArrayError("np.einsum without a string", 'write np.einsum("ij,jk->ik", a, b)')
    args = tuple(map(as_node, arrays))
    left, arrow, right = spec.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(args):
        raise ArrayShapeError(f"np.einsum: {spec!r} has {len(parts)} terms for {len(args)} arrays")
    inputs = tuple(_lettered(part, arg, spec) for part, arg in zip(parts, args, strict=True))
    dots = max(([one for one in letters if isinstance(one, int)] for letters in inputs), key=len)
    every = [letter for letters in inputs for letter in letters if isinstance(letter, str)]
    plain = [*dots, *sorted({letter for letter in every if every.count(letter) == 1})]
    output = (
        tuple(plain)
        if not arrow
        else tuple(one for letter in right.replace("...", ".") for one in (dots if letter == "." else [letter]))
    )
    unknown = [letter for letter in output if isinstance(letter, str) and letter not in every]
    if unknown:
        raise ArrayShapeError(f"np.einsum: {spec!r}: the result has the letter {unknown[0]}, which no array has")
    return contracted(args, inputs, output)


def _lettered(part: str, arg: Node, spec: str) -> tuple[Any, ...]:
    before, dots, after = part.partition("...")
    free = len(arg.shape) - len(before) - len(after)
    if free < 0 or (free and not dots):
        raise ArrayShapeError(f"np.einsum: {part} in {spec!r} is {len(part)} letters for {described(arg)}")
    return (*before, *range(-free, 0), *after)


@numpy_name("trace")
def _trace(value: Any) -> Node:
    return contracted((as_node(value),), ((0, 0),), ())


@numpy_name("diagonal", "diag")
def _diagonal(value: Any) -> Node:
    arg = as_node(value)
    if len(arg.shape) == 1:
        return mapped("where", eye(handle(const(sympy.Mul(*arg.shape[0])))), arg, ZERO, dtype=arg.dtype)
    return contracted((arg,), ((0, 0),), (0,))
