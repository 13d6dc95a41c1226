"""Array notation on tensors: `softmax(Q @ K.T / sqrt(d)) @ V`, with NumPy's operators, methods and functions.

What an operation gives is a tensor like any other: an entry of it can be written, it compiles, it has a program. Its
definition is worked out when somebody asks for it, so that operations in a row are one formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from symformer.arrays.errors import ArrayError
from symformer.arrays.frames import assigned_names
from symformer.arrays.functions import RESULTS
from symformer.arrays.letters import Letters
from symformer.arrays.lowering import Lowering
from symformer.arrays.nodes import Node
from symformer.arrays.plan import Plan, ordered
from symformer.arrays.protocols import METHODS, UFUNCS, Operators, function
from symformer.arrays.softmax import recognised
from symformer.notation import Domain, Tensor, Written
from symformer.notation.names import is_name
from symformer.programs import DefinedTensor, input_tensors
from symformer.typeset.names import name_box

NAMES = {0: "z", 1: "y"}  # of what nobody names, by the number of axes
OTHERWISE = "S"


class ArrayTensor(DefinedTensor):
    """A tensor that array notation made; `node` is what it is, and `origin` the definition that follows from it."""

    node: Node

    @property
    def unnamed(self) -> bool:
        """Whether its name is none that a user gave it."""
        return not self.node.name

    def under(self, name: str) -> ArrayTensor:
        """The same under another name."""
        return tensor_of(replace(self.node, name=name), name)

    @cached_property
    def origin(self) -> Any:
        """How it is computed."""
        (node,) = recognised([self.node])
        tensors = [one.attrs[0] for one in ordered([node]).values() if one.kind == "tensor"]
        below = {found.name: found for tensor in tensors for found in (tensor, *input_tensors(tensor))}
        sizes = {symbol.name for found in below.values() for size in found.shape for symbol in size.free_symbols}
        plan = Plan([node], {*below, *sizes} - {self.name})
        plan.names[node.key] = self.name
        lowering = Lowering(plan, Letters([*sizes, *(name for name, found in below.items() if not found.shape)]))
        return lowering.own(node, self.name).origin

    def __bool__(self) -> bool:
        if self.node.dtype == "b":
            raise ArrayError("a branch on values", "use np.where(condition, a, b), which takes both")
        return True


def array_tensor(node: Node) -> ArrayTensor:
    """The tensor of a node, under the name of what it is assigned to."""
    names = [name for name in assigned_names() if is_name(name)]
    flat = [factor for axis in node.shape for factor in axis]
    name = names[0] if len(names) == 1 else node.name or NAMES.get(len(flat), OTHERWISE)
    own = names[0] if len(names) == 1 else node.name
    return tensor_of(replace(node, name=own), name, None if names or node.name else name_box(name))


def tensor_of(node: Node, name: str, label: Any = None) -> ArrayTensor:
    """The tensor of a node under a name; a label is what is printed for a name that nobody gave."""
    flat = [factor for axis in node.shape for factor in axis]
    groups = tuple(map(len, node.shape))
    made = object.__new__(ArrayTensor)
    attributes = {
        "name": name,
        "shape": tuple(flat),
        "domain": Domain(),
        "label": label,
        "optional": False,
        "joined": groups if any(count != 1 for count in groups) else (),
        "node": node,
    }
    for attribute, value in attributes.items():
        object.__setattr__(made, attribute, value)
    return made


def _operator(name: str, turned: bool = False) -> Callable[..., Any]:
    def method(self: Tensor, other: Any) -> Any:
        return function(name)(other, self) if turned else function(name)(self, other)

    return method


def _method(name: str) -> Callable[..., Any]:
    def method(self: Tensor, *args: Any, **options: Any) -> Any:
        return function(name)(self, *args, **options)

    method.__name__ = name
    return method


def _equal(self: Tensor, other: Any) -> Any:
    """Whether two tensors are the same one; with a number, entry by entry."""
    return function("equal")(self, other) if _is_number(other) else same_tensor(self, other)


def _unequal(self: Tensor, other: Any) -> Any:
    return function("not_equal")(self, other) if _is_number(other) else not same_tensor(self, other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Written))


def _elementwise(self: Tensor, name: str, *arguments: Any) -> Any:
    """A function of each entry, by its name in `FUNCTIONS`."""
    return function(UFUNCS.get(name, name))(*arguments)


for _sign, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
}.items():  # fmt: skip
    setattr(Tensor, f"__{_sign}__", _operator(_name))
    setattr(Tensor, f"__r{_sign}__", _operator(_name, turned=True))
for _sign, _name in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}.items():
    setattr(Tensor, f"__{_sign}__", _operator(_name))
for _sign, _name in {"neg": "negative", "pos": "positive", "abs": "absolute"}.items():
    setattr(Tensor, f"__{_sign}__", lambda self, _name=_name: function(_name)(self))
for _name in METHODS:
    setattr(Tensor, _name, _method(METHODS[_name]))
for _name in ("T", "mT", "__array__", "__array_ufunc__", "__array_function__"):
    setattr(Tensor, _name, vars(Operators)[_name])
same_tensor = Tensor.__eq__
for _name, _made in {"__eq__": _equal, "__ne__": _unequal}.items():
    setattr(Tensor, _name, _made)
RESULTS[True] = array_tensor
Tensor.elementwise = _elementwise  # type: ignore[attr-defined]
Tensor.at_slices = _method("__getitem__")  # type: ignore[attr-defined]
