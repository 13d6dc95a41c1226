"""Stand-ins for NumPy, math and what is like them."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from symformer.arrays.array import DTYPES, Array
from symformer.arrays.nodes import const
from symformer.arrays.numbers import exact
from symformer.arrays.protocols import FUNCTIONS, NAMESPACE, function

CONSTANTS = {"pi": math.pi, "inf": math.inf, "e": math.e, "newaxis": None, "Inf": math.inf, "infty": math.inf}
KEPT = (
    "errstate", "float32", "float64", "float16", "int32", "int64", "bool_", "intp", "finfo", "dtype", "printoptions",
    "integer", "floating", "number", "seterr", "iinfo", "generic",
)  # fmt: skip


def decimal(value: float) -> Any:
    """A decimal as it was written."""
    found = exact(value)
    return value if found is None else Array(const(found))


class Numeric(ModuleType):
    """A stand-in for NumPy, math, or a part of them."""

    def __init__(self, real: Any, prefix: str = "") -> None:
        super().__init__(getattr(real, "__name__", "numpy"))
        self.__dict__["_real"], self.__dict__["_prefix"] = real, prefix

    def __getattr__(self, name: str) -> Any:
        real, prefix = self.__dict__["_real"], self.__dict__["_prefix"]
        if name.startswith("__"):
            return getattr(real, name)
        if not prefix and name in CONSTANTS:
            constant = CONSTANTS[name]
            return None if constant is None else decimal(constant)
        if name == "ndarray":
            return Array
        own = f"{prefix}{name}"
        if own in FUNCTIONS or (name in FUNCTIONS and not prefix):
            return function(own)
        found = getattr(real, name)
        if isinstance(found, ModuleType):
            return Numeric(found, f"{own}." if real.__name__ != "scipy" or name != "special" else "special.")
        if name in KEPT and not prefix:
            return found
        return guarded(found, own) if callable(found) else found


def guarded(real: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function that is not known: for numbers alone it is NumPy's own."""

    def called(*args: Any, **options: Any) -> Any:
        if any(isinstance(one, Array) for one in (*args, *options.values())):
            return function(name)(*args, **options)
        if name.startswith("random."):
            return function("random.normal")()
        return real(*args, **options)

    return called


NAMESPACE.append(Numeric(np))
DTYPES.update({"b": np.dtype(bool), "i": np.dtype(np.int64), "f": np.dtype(np.float64)})
