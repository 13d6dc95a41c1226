"""Arrays as a user's code sees them: operators, methods and NumPy's protocols over the graph of operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import sympy
from sympy import Expr

from symformer.arrays.axes import Axis, axis_of, total
from symformer.arrays.errors import ArrayError
from symformer.arrays.frames import assigned_names
from symformer.arrays.nodes import Node, const, mapped, tensor_node, unbroadcast
from symformer.arrays.numbers import exact
from symformer.arrays.protocols import METHODS, Operators, cure_for, function
from symformer.arrays.truth import truth
from symformer.notation import Element, Tensor, Written
from symformer.notation.written import Const

DTYPES: dict[str, Any] = {}  # by kind; who runs NumPy code fills it, so that array notation alone loads no NumPy


class Array(Operators):
    """An array of symbols in a NumPy function: a handle on a node, which `x += y` and `x[mask] = y` change."""

    def __init__(self, node: Node, alike: WeakSet[Array] | None = None) -> None:
        self.node = node
        self.alike: WeakSet[Array] = alike if alike is not None else WeakSet()
        self.alike.add(self)

    # -- what NumPy code asks for -------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[Any, ...]:
        """Its sizes: whole numbers, and symbols."""
        return tuple(size_of(axis) for axis in self.node.shape)

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.node.shape)

    @property
    def size(self) -> Any:
        """How many entries it has."""
        return number(sympy.Mul(*map(total, self.node.shape)))

    @property
    def dtype(self) -> Any:
        """A dtype of its kind."""
        return DTYPES[self.node.dtype]

    def __len__(self) -> int:
        found = size_of(self.node.shape[0])
        if not isinstance(found, int):
            raise ArrayError(f"len() of an axis of size {found} is no number", "write x.shape[0]")
        return found

    def __iter__(self) -> Iterator[Any]:
        if not self.node.shape:
            raise TypeError("iteration over a 0-d array")
        count = size_of(self.node.shape[0])
        if not isinstance(count, int):
            raise ArrayError(
                f"a loop over an axis of size {total(self.node.shape[0])}, which is no number",
                "write it for the whole array at once, or give the axis a number in the shapes",
            )
        return iter([self[place] for place in range(count)])

    def __bool__(self) -> bool:
        return truth(self.node)

    def __int__(self) -> int:
        return int(self._known("int()"))

    def __index__(self) -> int:
        found = self._known("a whole number")
        if not found.is_Integer:
            raise TypeError(f"{found} is no whole number")
        return int(found)

    def __float__(self) -> float:
        return float(self._known("float()"))

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        if self.node.kind == "const":
            return str(self.node.attrs[0])
        return f"<array of symbols {self.node.name} {tuple(self.shape)}>"

    def _known(self, what: str) -> Expr:
        """Its number, where it is one."""
        value: Expr = self.node.attrs[0] if self.node.kind == "const" else sympy.nan
        if value.free_symbols or not value.is_number or value is sympy.nan:
            given = f"the size {value}" if value.free_symbols else "values that are not known"
            raise ArrayError(f"{what} is asked for of {given}", "keep it symbolic, or give the size as a number")
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in METHODS:
            return lambda *args, **options: function(METHODS[name])(self, *args, **options)
        raise ArrayAttributeError(f"arrays of symbols have no .{name}", cure_for(name))

    # -- in place -----------------------------------------------------------------------------------------------------

    def change(self, node: Node) -> Array:
        """Puts other values into the same array.

        Raises:
            ArrayError: another array may share its memory.
        """
        if any(other is not self for other in self.alike):
            raise ArrayError(
                "a write into an array of which there is a view (a transpose, slice or reshape)",
                "write a new array: np.where(mask, value, x), x = x + y, or x[:2] = x[:2] + y",
            )
        regrouped = [*map(total, node.shape)] == [*map(total, self.node.shape)]  # the same axes, in other factors
        found = node if regrouped else unbroadcast(node, self.node.shape)
        self.node = replace(found, name=node.name or self.node.name)
        return self

    def __getitem__(self, key: Any) -> Any:
        return function("__getitem__")(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.change(function("__setitem__")(self, key, value).node)


class ArrayAttributeError(ArrayError, AttributeError):
    """An attribute that arrays of symbols do not have."""


def number(value: Expr) -> Any:
    """A size as NumPy code sees it: a whole number, or symbols."""
    return int(value) if value.is_Integer else Array(const(value))


def size_of(axis: Axis) -> Any:
    """The size of an axis as NumPy code sees it."""
    return number(total(axis))


def as_node(value: Any) -> Node:
    """Anything that can meet an array, as a node.

    Raises:
        ArrayError: it is none of these: an array, a tensor, a number, an expression without indices.
    """
    if isinstance(value, Array):
        return value.node
    if isinstance(value, Tensor):
        return node_of_tensor(value)
    if isinstance(value, Written):
        return _node_of_written(value)
    if isinstance(value, Expr):
        return const(value)
    if isinstance(value, (list, tuple)):
        found: Node = as_node(function("stack")(list(value)))
        return found
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 0) > 0:
        if value.size and (value == value.flat[0]).all():  # np.zeros(3), np.ones(3), np.full(3, 2.0)
            return unbroadcast(as_node(value.flat[0]), tuple(map(axis_of, value.shape)))
        raise ArrayError(
            f"an array of numbers of shape {value.shape} among symbols", "give it to the function as an argument"
        )
    if type(value).__module__ == "numpy":
        value = value.item()
    known = exact(value)
    if known is None:
        raise ArrayError(f"{type(value).__name__} is no array and no number", "give it as an argument, or convert it")
    return const(known, "b" if isinstance(value, bool) else "i" if isinstance(value, int) else "f")


def node_of_tensor(tensor: Tensor) -> Node:
    """The node of a tensor: what array notation made of it, or its entries."""
    found = getattr(tensor, "node", None)
    if isinstance(found, Node):
        return found
    rest, shape = list(tensor.shape), []
    for count in tensor.joined or (1,) * len(rest):
        factors = tuple(rest.pop(0) for _ in range(count))
        shape.append(tuple(size for size in factors if size != 1) if count == 1 else factors)
    return tensor_node(tensor, tuple(shape))


def _node_of_written(value: Written) -> Node:
    """An expression without indices: a number, a size, an input without axes."""
    if value.ranges:
        letters = ", ".join(map(str, value.ranges))
        raise ArrayError(f"an entry with the indices {letters} meets a whole array",
                         "write whole arrays alone, or entries alone")  # fmt: skip
    if isinstance(value, Element):
        return tensor_node(value.tensor, ())
    if isinstance(value, Const) or not value.kids:
        return const(value.plain())
    return Node("scalar", (), (value,), (), "f")


def named(node: Node, name: str) -> Node:
    """A node under the name of the local that it is assigned to."""
    return replace(node, name=name) if name and not node.name else node


def handle(node: Node, alike: WeakSet[Array] | None = None) -> Array:
    """A new array of a user's code, under the name of the local that it is assigned to."""
    names = assigned_names()
    return Array(named(node, names[0]) if len(names) == 1 else node, alike)


def elementwise(name: str, *values: Any) -> Node:
    """An elementwise function of anything."""
    return mapped(name, *map(as_node, values))
