"""The graph of array operations: what was asked for, before letters are chosen.

A node is equal to another one that computes the same thing from the same things (its `key` says so), whatever names a
user has for them. What nodes can be:

    tensor      a tensor of index notation, its axes in factors
    const       a number, or a size
    scalar      an expression without indices
    iota        0, 1, 2, … along its only axis
    map         an elementwise function of arrays that broadcast
    reduce      a sum, a product or a maximum over axes, which stay with size 1
    view        entries of its argument, in other places: `Pick` says which
    regroup     the same factors in other axes
    gather      entries at positions that other arrays hold
    concat      arrays one after the other along an axis
    pad         an array with a value around it: `attrs` holds how many before and after, for each axis
    contract    a sum of a product, over letters
    cumsum      sums of all entries up to each
    cumprod     products of all entries up to each
    argmax      the position of the largest entry along an axis, which stays with size 1; of several, the first
    rank        along an axis, which entry this would be in a sorted array, counted from 1
    order       of ranks: the position of the entry of each rank
    call        an op of the library along an axis
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import sympy
from sympy import Expr

from symformer.arrays.axes import Axis, Shape, broadcast, shape_text
from symformer.arrays.errors import ArrayShapeError
from symformer.arrays.frames import Place, here
from symformer.notation import Element, Tensor, Written, walk
from symformer.notation.node import exactly


class Pick(NamedTuple):
    """Where an axis of a view's argument is read.

    Attributes:
        axis: the view's axis that runs along it; None where it is read at one place.
        factors: for each factor of the argument's axis: None where the view's index stands as it is, (start, step) for
            start + step · index, counted from 0, or (place, 0) for one place.
        own: how many factors the view's axis has.
    """

    axis: int | None
    factors: tuple[tuple[Expr, int] | None, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """An operation on arrays; `dtype` is b (truth values), i (whole numbers) or f."""

    kind: str
    args: tuple[Node, ...]
    attrs: tuple[Any, ...]
    shape: Shape
    dtype: str = "f"
    name: str = ""
    place: Place | None = None

    @cached_property
    def key(self) -> str:
        """A content hash, without names."""
        attrs = [one.digest if isinstance(one, Tensor) else _said(one) for one in self.attrs]
        content = repr((self.kind, attrs, [one.key for one in self.args], _said(self.shape)))
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    @cached_property
    def moves(self) -> bool:
        """Whether it depends on an input that holds real numbers."""
        if self.kind == "tensor":
            return not self.attrs[0].domain.whole and self.attrs[0].domain.kind != "mask"
        if self.kind == "scalar":
            return self.given
        return any(arg.moves for arg in self.args)

    @cached_property
    def given(self) -> bool:
        """Whether it depends on an input at all."""
        if self.kind == "scalar":
            return any(isinstance(part, Element) for part in walk(self.attrs[0]))
        return self.kind == "tensor" or any(arg.given for arg in self.args)


def _said(value: Any) -> str:
    """The text of an attribute, in which two symbols of one name and different assumptions differ."""
    if isinstance(value, Written):
        return value.digest
    if isinstance(value, Expr):
        return exactly(value)
    if isinstance(value, tuple):
        return "(" + ",".join(_said(one) for one in value) + ")"
    return repr(value)


def node(kind: str, args: tuple[Node, ...], attrs: tuple[Any, ...], shape: Shape, dtype: str = "f") -> Node:
    """A node at the place of the user's operation."""
    return Node(kind, args, attrs, shape, dtype, "", here())


def const(value: Expr, dtype: str | None = None) -> Node:
    """A number, or an expression of sizes."""
    whole = value.is_integer is True
    return Node("const", (), (value,), (), dtype or ("i" if whole else "f"))


def tensor_node(tensor: Tensor, shape: Shape) -> Node:
    """The node of a tensor whose axes are the factors of these, one after the other."""
    kind = "b" if tensor.domain.kind == "mask" else "i" if tensor.domain.whole else "f"
    return Node("tensor", (), (tensor,), shape, kind)


def iota(axis: Axis) -> Node:
    """0, 1, 2, … along an axis."""
    return node("iota", (), (), (axis,), "i")


def joint_shape(what: str, *args: Node) -> Shape:
    """The shape to which arrays broadcast.

    Raises:
        ArrayShapeError: there is none; says both shapes.
    """
    shape = broadcast(*(arg.shape for arg in args))
    if shape is None:
        wide = [arg for arg in args if arg.shape]
        shapes = " and ".join(_described(arg) for arg in wide)
        raise ArrayShapeError(f"{what} of {shapes}: the shapes do not broadcast", _fit(wide))
    return shape


def described(arg: Node) -> str:
    """An array as errors call it."""
    return _described(arg)


def _described(arg: Node) -> str:
    name = arg.name or (arg.attrs[0].name if arg.kind == "tensor" else "")
    return f"{name} {shape_text(arg.shape)}" if name else f"an array of shape {shape_text(arg.shape)}"


def _fit(args: list[Node]) -> str:
    """What to do about shapes that do not broadcast."""
    ranks = {len(arg.shape) for arg in args}
    if len(ranks) > 1:
        return "axes are aligned at the last; add one with [:, None], or keepdims=True"
    return "each pair of axes has one size, or one of them is 1; transpose one, or use one letter for what is one size"


def mapped(function: str, *args: Node, dtype: str | None = None) -> Node:
    """An elementwise function."""
    found = dtype or max((arg.dtype for arg in args), key="bif".index)
    return node("map", args, (function,), joint_shape(function, *args), found)


def reduced(operation: str, arg: Node, axes: tuple[int, ...]) -> Node:
    """A sum or a maximum over axes; they stay, with size 1."""
    shape = tuple(() if place in axes else axis for place, axis in enumerate(arg.shape))
    dtype = "i" if arg.dtype == "b" and operation == "sum" else arg.dtype
    return node("reduce", (arg,), (operation, axes), shape, dtype)


def permuted(arg: Node, order: tuple[int, ...]) -> Node:
    """The axes in another order."""
    where = {axis: place for place, axis in enumerate(order)}
    picks = tuple(Pick(where[place], (None,) * len(axis)) for place, axis in enumerate(arg.shape))
    return viewed(arg, picks, tuple(arg.shape[axis] for axis in order))


def without(arg: Node, axes: tuple[int, ...]) -> Node:
    """Without axes of size 1."""
    kept = [place for place in range(len(arg.shape)) if place not in axes]
    where = {axis: place for place, axis in enumerate(kept)}
    picks = tuple(Pick(where.get(place), (None,) * len(axis)) for place, axis in enumerate(arg.shape))
    return viewed(arg, picks, tuple(arg.shape[axis] for axis in kept))


def viewed(arg: Node, picks: tuple[Pick, ...], shape: Shape) -> Node:
    """Entries of an array in other places; a view of one without a name that only moves axes is one view."""
    if arg.kind == "view" and not arg.name and all(_is_whole(pick) for pick in arg.attrs[0]):
        inner = arg.attrs[0]
        outer = [picks[pick.axis] if pick.axis is not None else Pick(None, ()) for pick in inner]
        arg, picks = arg.args[0], tuple(outer)
    if shape == arg.shape and all(
        _is_whole(pick) and (not axis or pick.axis == place)
        for place, (pick, axis) in enumerate(zip(picks, arg.shape, strict=True))
    ):
        return arg
    return node("view", (arg,), (picks,), shape, arg.dtype)


def _is_whole(pick: Pick) -> bool:
    return all(factor is None for factor in pick.factors)


def settled(found: Node) -> Node:
    """The same, with views of views as one, whatever their names are."""
    if found.kind != "view" or not is_alias(found):
        return found
    inner = settled(found.args[0])
    return viewed(replace(inner, name=""), found.attrs[0], found.shape)


def rank_of(found: Node) -> int:
    """How many indices an array has."""
    return sum(map(len, found.shape))


def in_one_order(found: Node) -> Node:
    """What an output only groups into other axes: the array below, whose indices come in the same order."""
    while is_alias(found) and found.args[0].kind != "tensor":
        picks = [pick.axis for pick in found.attrs[0] if pick.factors] if found.kind == "view" else []
        if picks != sorted(picks) or rank_of(found) != rank_of(found.args[0]):
            break
        found = replace(found.args[0], name=found.name or found.args[0].name)
    return found


def is_alias(found: Node) -> bool:
    """Whether a view only moves axes, and reads all of its argument."""
    return found.kind == "regroup" or (found.kind == "view" and all(_is_whole(pick) for pick in found.attrs[0]))


def unbroadcast(found: Node, shape: Shape) -> Node:
    """To a wider shape, along which entries are the same."""
    if found.shape == shape:
        return found
    if broadcast(found.shape, shape) != shape:
        raise ArrayShapeError(f"{_described(found)} does not broadcast to {shape_text(shape)}")
    offset = len(shape) - len(found.shape)
    picks = tuple(Pick(place + offset if axis else None, (None,) * len(axis)) for place, axis in enumerate(found.shape))
    return node("view", (found,), (picks,), shape, found.dtype)


def as_sum(found: Node) -> Node:
    """Truth values as the numbers 0 and 1."""
    return (
        found
        if found.dtype != "b"
        else Node(found.kind, found.args, found.attrs, found.shape, "i", found.name, found.place)
    )


ZERO, ONE = const(sympy.Integer(0)), const(sympy.Integer(1))
