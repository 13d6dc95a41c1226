"""Python's operators on arrays of symbols, by NumPy's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr

from symformer.arrays.array import Array
from symformer.arrays.functions import OTHER_NAMES
from symformer.arrays.numbers import exact
from symformer.arrays.protocols import FUNCTIONS

for _other, _own in OTHER_NAMES.items():
    FUNCTIONS[_other] = FUNCTIONS[_own]


def _operator(name: str, turned: bool = False) -> Callable[..., Any]:
    def method(self: Array, other: Any) -> Any:
        if not isinstance(other, Array) and exact(other) is None and not _can_meet(other):
            return NotImplemented
        return FUNCTIONS[name](other, self) if turned else FUNCTIONS[name](self, other)

    return method


def _in_place(name: str) -> Callable[..., Any]:
    def method(self: Array, other: Any) -> Any:
        if self.node.kind == "const":  # a number: += gives a new one
            return FUNCTIONS[name](self, other)
        return self.change(FUNCTIONS[name](self, other).node)

    return method


def _can_meet(value: Any) -> bool:
    return hasattr(value, "shape") or isinstance(value, (Expr, list))


for _sign, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
    "floordiv": "floor_divide", "mod": "mod", "and": "logical_and", "or": "logical_or",
}.items():  # fmt: skip
    setattr(Array, f"__{_sign}__", _operator(_name))
    setattr(Array, f"__r{_sign}__", _operator(_name, turned=True))
    setattr(Array, f"__i{_sign}__", _in_place(_name))
for _sign, _name in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}.items():  # fmt: skip
    setattr(Array, f"__{_sign}__", _operator(_name))
for _sign, _name in {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "logical_not"}.items():
    setattr(Array, f"__{_sign}__", lambda self, _name=_name: FUNCTIONS[_name](self))
