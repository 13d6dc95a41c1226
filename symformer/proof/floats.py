"""Many points at once in floating point: to find where a claim may fail. It proves nothing; balls look again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import erf
from typing import Any

import numpy as np
from sympy import Expr

from symformer.evaluate import Undecidable

_ERF = np.vectorize(erf, otypes=[float])
_RELATE: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "≠": np.not_equal, "≤": np.less_equal, "<": np.less, "≥": np.greater_equal, ">": np.greater,
}  # fmt: skip


class FloatField:
    """Arrays of floats, one entry for each point; where there is no value, nan."""

    def number(self, value: Expr) -> Any:
        """The nearest float."""
        return float(value)

    def add(self, left: Any, right: Any) -> Any:
        """left + right."""
        return left + right

    def mul(self, left: Any, right: Any) -> Any:
        """left · right."""
        return left * right

    def neg(self, value: Any) -> Any:
        """−value."""
        return -value

    def div(self, left: Any, right: Any) -> Any:
        """left / right; nan for a division by 0."""
        return left / np.where(right == 0, np.nan, right)

    def power(self, base: Any, exponent: Any) -> Any:
        """base ** exponent; nan for 0 to a negative power."""
        return np.power(np.where((base == 0) & (exponent < 0), np.nan, base), np.asarray(exponent, float))

    def function(self, name: str, value: Any) -> Any:
        """A function of every entry."""
        return _ERF(value) if name == "erf" else getattr(np, name)(value)

    def maximum(self, values: Sequence[Any]) -> Any:
        """The largest at every point."""
        return np.maximum.reduce(np.broadcast_arrays(*values))

    def bit(self, left: Any, relation: str, right: Any) -> Any:
        """1 where the relation holds, else 0."""
        return np.where(np.isnan(left) | np.isnan(right), np.nan, _RELATE[relation](left, right) * 1.0)

    def still(self, value: Any) -> Any:
        """The value: it does not move."""
        return value

    def select(self, bit: Any, one: Any, two: Any) -> Any:
        """One of two values at every point."""
        return np.where(np.isnan(bit), np.nan, np.where(bit == 1, one, two))

    def compare(self, left: Any, relation: str, right: Any) -> bool:
        """Whether the relation holds, where all points say the same.

        Raises:
            Undecidable: they do not.
        """
        truth = np.asarray(_RELATE[relation](left, right))
        if truth.all() or not truth.any():
            return bool(truth.all())
        raise Undecidable("points that differ in a decision")

    def integer(self, value: Any) -> int:
        """A whole number that is the same at every point.

        Raises:
            Undecidable: there is none.
        """
        found = np.asarray(value)
        if not (found == found.flat[0]).all() or found.flat[0] != int(found.flat[0]):
            raise Undecidable("an index that is no whole number")
        return int(found.flat[0])
