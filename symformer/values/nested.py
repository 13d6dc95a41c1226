"""Nested lists and arrays: how many axes, how long, and whether all rows of an axis are as long as the first."""

from __future__ import annotations

from typing import Any

from symformer.system import brief
from symformer.values.errors import ValuesError

MOST_AXES = 32  # as NumPy once had; what is deeper is told as this deep


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array; of nested lists as their first rows have it, up to `MOST_AXES` axes."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    if hasattr(value, "tolist"):
        return shape_of(value.tolist())
    shape: list[int] = []
    while isinstance(value, (list, tuple)) and len(shape) < MOST_AXES:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def check_rows_are_equal(value: Any, shape: tuple[int, ...], where: str) -> None:
    """Checks that nested lists have this shape throughout.

    Raises:
        ValuesError: a row is longer or shorter than the first, or no row; it is named.
    """
    if hasattr(value, "tolist"):
        return
    level: list[tuple[tuple[int, ...], Any]] = [((), value)]
    for axis, size in enumerate(shape):
        for place, row in level:
            if not isinstance(row, (list, tuple)) or len(row) != size:
                raise ValuesError(_unequal(where, (*place, *[1] * (len(shape) - axis)), size, row))
        level = [((*place, number), row[number - 1]) for place, row in level for number in range(1, size + 1)]
    for place, entry in level:
        if isinstance(entry, (list, tuple)) and len(shape) < MOST_AXES:
            raise ValuesError(_unequal(where, place, 0, entry))


def _unequal(where: str, place: tuple[int, ...], size: int, row: Any) -> str:
    named = where + "".join(f"[{number}]" for number in place)
    found = f"a list of {len(row)}" if isinstance(row, (list, tuple)) else brief(repr(row))
    return f"{named}: expected {f'rows of equal length {size}' if size else 'a number'}, found {found}"
