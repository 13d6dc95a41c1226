"""Row sums by BLAS: Σ_k a_ik b_ik is a dot product of rows, and Σ_k a_ik the product with a column of ones.

NumPy's own sum adds pairwise and takes three times as long; means keep it, as what is subtracted from nearly equal
numbers needs its digits. The derivation behind it is a_ik · 1 = a_ik.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symformer.compile.arrays import Array, Contract, Load, Map, Number, Reduce, RowDot, Squares
from symformer.compile.lines import Line

Big = Callable[[Array], bool]


def row_sums(lines: Sequence[Line], big: Big) -> tuple[list[Line], dict[str, str]]:
    """The lines with sums over the last axis of big arrays as products.

    Args:
        lines: of one block.
        big: whether an array is worth it.

    Returns:
        The lines, and the columns of ones that they read: their names and sizes.
    """
    columns: dict[str, str] = {}
    means = {line.array.parts[0] for line in lines if isinstance(line.array, Map) and _is_mean(line.array)}

    def rule(array: Array) -> Array:
        if not isinstance(array, Reduce) or array.name != "sum" or not big(array.part):
            return array
        if isinstance(array.part, Map) and array.part.name == "square":
            return Squares(array.axes, array.part.parts[0], array.over)
        pair = _pair(array.part)
        if pair is not None:
            return RowDot(array.axes, pair, array.over)
        if (
            array.part.axes[-1] != array.over
            or (isinstance(array.part, Map) and array.part.name != "damped")
            or array in means
        ):
            return array
        name = f"ones_{array.size}" if array.size.isidentifier() else "ones"
        columns[name] = array.size
        return Contract(array.axes, (array.part, Load((array.over,), name, batched=False)), (array.over,))

    return [line.mapped(rule) for line in lines], columns


def _is_mean(array: Map) -> bool:
    return array.name == "divide" and isinstance(array.parts[0], Reduce) and isinstance(array.parts[1], Number)


def _pair(part: Array) -> tuple[Array, Array] | None:
    """Two factors over the same letters."""
    if not isinstance(part, Map):
        return None
    if part.name == "multiply" and all(one.axes == part.axes and not isinstance(one, Number) for one in part.parts):
        return part.parts[0], part.parts[1]
    return None
