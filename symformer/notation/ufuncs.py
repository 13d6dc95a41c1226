"""NumPy's functions of entries: np.exp(x[i]) is exp(x_i)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from symformer.notation.errors import NotationError
from symformer.notation.primitive import PRIMITIVES

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "true_divide": operator.truediv, "power": operator.pow, "float_power": operator.pow, "negative": operator.neg,
    "positive": operator.pos, "absolute": operator.abs, "fabs": operator.abs, "floor_divide": operator.floordiv,
    "remainder": operator.mod, "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "logical_and": operator.and_, "logical_or": operator.or_,
    "logical_not": operator.invert, "square": lambda x: x**2, "reciprocal": lambda x: 1 / x,
}  # fmt: skip


def of_entries(ufunc: Any, method: str, entries: tuple[Any, ...], make: Callable[[str, tuple[Any, ...]], Any]) -> Any:
    """A function of NumPy, of entries and numbers.

    Args:
        ufunc: NumPy's.
        method: how it is called; the plain call alone has a meaning.
        entries: its arguments, as written expressions.
        make: an elementary function of a name, of arguments.

    Raises:
        NotationError: it is not known here.
    """
    name = ufunc.__name__
    if method == "__call__" and name in OPERATORS:
        return OPERATORS[name](*entries)
    if method == "__call__" and name in PRIMITIVES and PRIMITIVES[name].arguments == len(entries):
        return make(name, entries)
    raise NotationError(
        f"np.{name} of {entries[0]} is not known here: write it with functions such as sf.exp and sf.where"
    )
