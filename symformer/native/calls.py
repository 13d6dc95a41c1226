"""Calls of compiled loops: C text of ours, compiled on first use, loaded by ctypes, which lets other threads run."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, wraps
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from symformer.system.building import built

KERNELS = Path(__file__).resolve().parent / "kernels"
LEAST = 1 << 16  # entries for which another thread is worth its while
TYPES = {"size": ctypes.c_ssize_t, "rows": ctypes.c_ssize_t, "count": ctypes.c_ssize_t, "flag": ctypes.c_int,
         "number": ctypes.c_double, "word": ctypes.c_char_p}  # fmt: skip


class NoRoom(Exception):
    """The types of C have no room for these numbers."""


def or_in_numpy(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A compiled function that leaves to its twin in NumPy the numbers that C has no room for."""

    def decorated(compiled: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(compiled)
        def call(*arguments: Any, **options: Any) -> Any:
            with suppress(NoRoom):
                return compiled(*arguments, **options)
            return function(*arguments, **options)

        return call

    return decorated


class Kernel:
    """A function of a C file, called with NumPy's arrays.

    Args:
        file: the name of the C file, without its ending.
        name: the function, without its type.
        kinds: of its arguments, in order: `size`, `rows` (how many rows there are), `by_row` and `array` (with the rows
            as its first axis, or without), `number`, `maybe` (a number or None), `count`, `flag`, `word`.
        squared: the places of the arguments that sums of squares are made from.
    """

    def __init__(self, file: str, name: str, *kinds: str, squared: Sequence[int] = ()) -> None:
        self.file, self.name, self.kinds, self.squared = file, name, kinds, squared

    def __call__(self, dtype: Any, *arguments: Any) -> None:
        """Computes the outputs, which come last, in place.

        Raises:
            ImportError: there is no C compiler, or it fails, or what it made cannot be loaded.
            NoRoom: the numbers are wider than float64, or squares of them leave the range of their type.
            ValueError: an index points outside its axis.
            MemoryError: there is no memory for a row.
        """
        if dtype not in (np.float32, np.float64) or (self.squared and not self._in_range(np.finfo(dtype), arguments)):
            raise NoRoom(self.name)
        call = _function(self.file, f"{self.name}_{'float' if dtype == np.float32 else 'double'}", self.kinds)
        held = [_held(kind, value, dtype) for kind, value in zip(self.kinds, arguments, strict=True)]
        parts = self._parts(held)
        if len(parts) == 1:
            found = [call(*parts[0])]
        else:
            found = list(_pool().map(lambda part: call(*part), parts))
        if any(status > 0 for status in found):
            raise ValueError(f"{self.name}: an index points outside its axis")
        if any(status < 0 for status in found):
            raise MemoryError(f"{self.name}: no memory for a row")

    def _in_range(self, kind: Any, arguments: Sequence[Any]) -> bool:
        """Whether sums of squares are finite, and what squares lose at 0 is nothing beside what is added to them."""
        added = [value for one, value in zip(self.kinds, arguments, strict=True) if one == "number"]
        finite = all(np.isfinite(np.vdot(arguments[place], arguments[place])) for place in self.squared)
        return finite and min(added, default=0) >= kind.tiny / kind.eps**2

    def _parts(self, held: Sequence[Any]) -> list[list[Any]]:
        """The arguments of each thread: where all results have rows, these are shared out."""
        rows = next((value for kind, value in zip(self.kinds, held, strict=True) if kind == "rows"), 0)
        entries = max((value.size for value in held if isinstance(value, np.ndarray)), default=0)
        count = min(threads(), rows, entries // LEAST) if rows else 1
        ends = [rows * part // max(count, 1) for part in range(max(count, 1) + 1)]
        return [self._part(held, *pair) for pair in pairwise(ends)]

    def _part(self, held: Sequence[Any], start: int, stop: int) -> list[Any]:
        out: list[Any] = []
        for kind, value in zip(self.kinds, held, strict=True):
            if kind == "rows":
                out.append(stop - start)
            elif isinstance(value, np.ndarray):
                step = value.strides[0] * start if kind == "by_row" and start else 0
                out.append(value.ctypes.data + step)
            else:
                out.append(value)
        return out


def _held(kind: str, value: Any, dtype: Any) -> Any:
    """An argument as C takes it; arrays stay arrays, so that they live while it runs."""
    if kind == "word":
        return value.encode()
    if kind == "maybe":
        return None if value is None else ctypes.byref(ctypes.c_double(value))
    if not isinstance(value, np.ndarray):
        return value
    whole = np.int64 if value.dtype.kind in "iu" else np.uint8 if value.dtype == bool else dtype
    return value if value.dtype == whole and value.flags.c_contiguous else np.array(value, whole, order="C")


def threads() -> int:
    """How many threads share the rows: the variable OMP_NUM_THREADS, or as many as there are processors for us."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(given)) if given.isdecimal() and len(given) < 9 else _processors()


def _processors() -> int:
    """How many there are for us; how many there are at all where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_processors(), thread_name_prefix="symformer")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads: waiting for them would never end
    os.register_at_fork(after_in_child=_pool.cache_clear)


@cache
def _library(file: str) -> ctypes.CDLL:
    library = built((KERNELS / f"{file}.c").read_text(encoding="utf-8"))
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:  # from a folder where nothing may be run, say
        raise ImportError(f"{error}; SYMFORMER_CACHE names another folder") from error


@cache
def _function(file: str, name: str, kinds: tuple[str, ...]) -> Callable[..., int]:
    call = getattr(_library(file), name)
    call.argtypes = [TYPES.get(kind, ctypes.c_void_p) for kind in kinds]
    call.restype = ctypes.c_int
    return call
