"""Sizes that a user's code gives: whole numbers, and what is made of sizes."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from symformer.arrays.array import as_node
from symformer.arrays.axes import Shape, axis_of
from symformer.arrays.errors import ArrayError


def whole(value: Any) -> Expr:
    """A size, or a position, that must be known or made of sizes.

    Raises:
        ArrayError: it is none.
    """
    found = as_node(value)
    if found.kind != "const" or found.attrs[0].is_integer is not True:
        raise ArrayError(f"a size is expected, and {value!r} is none", "use x.shape, and // where it divides")
    size: Expr = found.attrs[0]
    return size


def wanted_shape(sizes: Any) -> list[Expr]:
    """Sizes from one tuple of them, or one size."""
    listed = sizes if isinstance(sizes, (tuple, list)) else (sizes,)
    return [whole(size) for size in listed]


def full_shape(sizes: Any) -> Shape:
    """The axes of these sizes."""
    listed = sizes if isinstance(sizes, (tuple, list)) else (sizes,)
    return tuple(axis_of(whole(size)) for size in listed)
