"""Array operations as functions of tensors: joined, padded, rolled and sorted arrays, in NumPy's words.

Each gives a tensor like any other, whose entries can be written with indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symformer.arrays.protocols import function


def concat(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays one after the other along an axis, as np.concatenate: sizes n and m give n + m.

    Raises:
        ArrayShapeError: another axis differs.
    """
    return function("concatenate")(arrays, axis=axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape along a new axis, as np.stack.

    Raises:
        ArrayShapeError: the shapes differ.
    """
    return function("stack")(arrays, axis=axis)


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """An array with more entries around it, as np.pad: of a value, or (mode "edge", "wrap") its own.

    Args:
        array: of any shape.
        pad_width: how many before and after: `1`, `(1, 0)`, or a pair for each axis; sizes may be symbols.
        mode: "constant", "edge" or "wrap".
        constant_values: one number.

    Raises:
        ArrayError: another mode; widths that are no sizes.
    """
    return function("pad")(array, pad_width, mode, constant_values=constant_values)


def roll(array: Any, shift: Any, axis: Any = None) -> Any:
    """An array whose entries move on by `shift` places, those at the end to the front, as np.roll.

    Raises:
        ArrayError: no axis is said, and there are several.
    """
    return function("roll")(array, shift, axis=axis)


def flip(array: Any, axis: Any = None) -> Any:
    """An array with the entries along these axes, or all, the other way round, as np.flip."""
    return function("flip")(array, axis=axis)


def rank(array: Any, axis: int = -1, *, descending: bool = False) -> Any:
    """Along an axis, the rank of each entry, from 1: r_i = 1 + Σ_j ([x_j < x_i] + [x_j = x_i][j < i]).

    Of equal entries the one with the lowest index comes first, also where `descending`. `r[i] <= k` is a mask of k.
    A rank does not move with the values: its derivative is 0 wherever no two entries are equal.
    """
    return function("rank")(array, axis, descending=descending)


def argsort(array: Any, axis: int = -1, *, descending: bool = False) -> Any:
    """The positions, from 0, of the entries of a sorted array; of equal entries, the lowest first (a stable sort)."""
    return function("argsort")(array, axis, descending=descending)


def sort(array: Any, axis: int = -1, *, descending: bool = False) -> Any:
    """An array sorted along an axis, ascending or descending: the entry of rank k is x at argmax_i [r_i = k].

    Its derivative goes to the entries in their places, wherever no two of them are equal; where some are, by convention
    in the order of their indices.
    """
    return function("sort")(array, axis, descending=descending)


def top_k(array: Any, k: Any, axis: int = -1) -> tuple[Any, Any]:
    """The k largest entries along an axis, the largest first, and their positions from 0; of equal ones, the lowest.

    The derivative of the values goes to the entries that were chosen, wherever no two entries are equal.

    Args:
        array: of any shape.
        k: how many: a number or a size, at most that of the axis.
        axis: along which.

    Raises:
        ArrayShapeError: k is more than the axis holds. A function that is compiled raises ValueError then.
    """
    found: tuple[Any, Any] = function("top_k")(array, k, axis)
    return found
