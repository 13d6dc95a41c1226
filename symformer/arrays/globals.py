"""A user's function over copied globals, in which NumPy, math and decimals answer for arrays of symbols.

`np.arange(n)` and `math.sqrt(d)` never ask their arguments, so the protocols of NumPy are not enough: the function runs
with the names that it reads bound to stand-ins, and so do the functions that it calls.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from symformer.arrays.builtin import own_builtins
from symformer.arrays.constants import exact_constants
from symformer.arrays.numeric import Numeric, decimal, guarded
from symformer.arrays.protocols import FUNCTIONS, function

NUMERIC = ("numpy", "scipy", "math", "array_api_compat", "array_api_strict", "cmath")


class Copies:
    """Stand-ins for what a function reads, each made once."""

    def __init__(self) -> None:
        self.known: dict[int, Any] = {}
        self.spaces: dict[int, Space] = {}
        self.codes: dict[CodeType, CodeType] = {}

    def of(self, value: Any) -> Any:
        """What stands for a value; the value itself where nothing has to."""
        if isinstance(value, float) and not isinstance(value, bool):
            return decimal(value)
        if isinstance(value, np.floating):
            return decimal(float(value))
        if isinstance(value, ModuleType):
            return self.module(value)
        if isinstance(value, FunctionType):
            return self.function(value)
        if isinstance(value, partial):
            named = {name: self.of(one) for name, one in value.keywords.items()}
            return partial(self.of(value.func), *map(self.of, value.args), **named)
        if isinstance(value, MethodType):
            return MethodType(self.of(value.__func__), value.__self__)
        if isinstance(value, (np.ufunc, BuiltinFunctionType)) or _is_numpys(value):
            return self._numpys(value)
        return value

    def _numpys(self, value: Any) -> Any:
        name = getattr(value, "__name__", "")
        module = str(getattr(value, "__module__", "") or "")
        own = f"special.{name}" if module.startswith("scipy") or type(value).__module__.startswith("scipy") else name
        if isinstance(value, BuiltinFunctionType) and module.partition(".")[0] not in ("math", "numpy"):
            return value
        return function(own) if own in FUNCTIONS else guarded(value, own)

    def module(self, real: ModuleType) -> Any:
        """A stand-in for a module of numbers; one whose functions are copies for a user's own."""
        if real.__name__.partition(".")[0] in NUMERIC:
            inner = real.__name__.partition(".")[2]
            return Numeric(real, f"{inner}." if inner else "")
        if getattr(real, "__file__", None) is None or _is_library(real):
            return real
        return Own(real, self)

    def function(self, real: FunctionType) -> Any:
        """The same function over copied globals, defaults and cells, with decimals as they are written."""
        if _is_numpys(real):
            return self._numpys(real)
        if _is_library(real):
            return real
        if id(real) not in self.known:
            space = self.spaces.get(id(real.__globals__))
            if space is None:
                space = self.spaces[id(real.__globals__)] = Space(real.__globals__, self)
            cells = tuple(CellType() for _ in real.__closure__ or ())
            made = FunctionType(self.code(real.__code__), space, real.__name__, None, cells or None)
            self.known[id(real)] = made
            made.__defaults__ = tuple(map(self.of, real.__defaults__)) if real.__defaults__ else None
            if real.__kwdefaults__:
                made.__kwdefaults__ = {name: self.of(one) for name, one in real.__kwdefaults__.items()}
            for cell, old in zip(cells, real.__closure__ or (), strict=True):
                cell.cell_contents = self.of(old.cell_contents)
        return self.known[id(real)]

    def code(self, code: CodeType) -> CodeType:
        """Code whose decimal constants are exact."""
        if code not in self.codes:
            self.codes[code] = exact_constants(code, decimal)
        return self.codes[code]


class Own(ModuleType):
    """A stand-in for a module of the user's."""

    def __init__(self, real: ModuleType, copies: Copies) -> None:
        super().__init__(real.__name__)
        self.__dict__["_real"], self.__dict__["_copies"] = real, copies

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["_copies"].of(getattr(self.__dict__["_real"], name))


class Space(dict):  # type: ignore[type-arg]
    """Globals: a copy of each name when it is first read."""

    def __init__(self, real: Mapping[str, Any], copies: Copies) -> None:
        super().__init__({name: value for name, value in real.items() if name.startswith("__")})
        self.real, self.copies = real, copies
        self["__builtins__"] = {**vars(builtins), **own_builtins(self.copies.module)}

    def __missing__(self, name: str) -> Any:
        found = self[name] = self.copies.of(self.real[name])
        return found


def _is_numpys(value: Any) -> bool:
    module = str(getattr(value, "__module__", "") or "")
    return not isinstance(value, type) and callable(value) and module.partition(".")[0] in ("numpy", "scipy")


def _is_library(value: Any) -> bool:
    """Whether code is Python's own, or of an installed package that has nothing to do with numbers."""
    file = getattr(getattr(value, "__code__", None), "co_filename", None) or getattr(value, "__file__", "") or ""
    return "site-packages" in file or file.startswith("<frozen") or "/lib/python3" in file
