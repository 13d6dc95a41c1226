"""Python's own functions, where they would ask an array of symbols for a number."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from symformer.arrays.array import Array
from symformer.arrays.errors import ArrayError
from symformer.arrays.numeric import decimal


def own_builtins(stand_in: Callable[[ModuleType], Any]) -> dict[str, Any]:
    """Python's functions for code that runs over symbols; modules that it imports come as `stand_in` gives them."""

    def imported(name: str, *args: Any, **options: Any) -> Any:
        found = builtins.__import__(name, *args, **options)
        return stand_in(found) if isinstance(found, ModuleType) else found

    def as_float(value: Any = 0.0) -> Any:
        return value if isinstance(value, Array) else decimal(float(value))

    def as_int(value: Any = 0, *base: Any) -> Any:
        symbolic = isinstance(value, Array) and value.node.kind == "const" and value.node.attrs[0].free_symbols
        return value if symbolic and value.node.attrs[0].is_integer else int(value, *base)

    def length(value: Any) -> Any:
        return value.shape[0] if isinstance(value, Array) and value.node.shape else len(value)

    def counted(*limits: Any) -> range:
        for limit in limits:
            if isinstance(limit, Array) and limit.node.attrs and getattr(limit.node.attrs[0], "free_symbols", ()):
                raise ArrayError(
                    f"a loop over range({limit}), which is no number",
                    "write it for the whole array at once, or give the size a number in the shapes",
                )
        return range(*map(int, limits))

    def is_a(value: Any, kinds: Any) -> bool:
        listed = kinds if isinstance(kinds, tuple) else (kinds,)
        wanted = tuple(Array if one is np.ndarray else one for one in listed)
        if isinstance(value, Array) and value.node.kind == "const":
            return Array in wanted or (int if value.node.attrs[0].is_integer else float) in wanted
        return isinstance(value, wanted)

    real_type = {"float": as_float, "int": as_int, "len": length, "range": counted, "isinstance": is_a,
                 "__import__": imported}  # fmt: skip
    return real_type
