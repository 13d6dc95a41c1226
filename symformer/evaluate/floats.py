"""Double-precision numbers as a field: what a generated function is compared with."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache

from sympy import Expr

from symformer.evaluate.fields import Ordered, Undecidable, Undefined

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh,
    "sin": math.sin, "cos": math.cos, "erf": math.erf, "floor": math.floor,
}  # fmt: skip
_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "≠": operator.ne, "≤": operator.le, "<": operator.lt, "≥": operator.ge, ">": operator.gt,
}  # fmt: skip


class FloatField(Ordered):
    """Python floats; what overflows is undecidable, what has no value undefined."""

    def number(self, value: Expr) -> float:
        """A rational number or π."""
        return _number(value)

    def add(self, left: float, right: float) -> float:
        """left + right."""
        return left + right

    def mul(self, left: float, right: float) -> float:
        """left · right."""
        return left * right

    def div(self, left: float, right: float) -> float:
        """left / right."""
        if right == 0:
            raise Undefined("a division by 0")
        return left / right

    def neg(self, value: float) -> float:
        """−value."""
        return -value

    def power(self, base: float, exponent: float) -> float:
        """base ** exponent."""
        return self._guarded(math.pow, base, exponent)

    def function(self, name: str, value: float) -> float:
        """exp, log, sqrt, tanh, sin, cos or erf."""
        if name not in _FUNCTIONS:
            raise Undecidable(f"{name} has no value in floating point")
        return self._guarded(_FUNCTIONS[name], value)

    def maximum(self, values: Sequence[float]) -> float:
        """The largest of at least one value."""
        return max(values)

    def compare(self, left: float, relation: str, right: float) -> bool:
        """Whether `left relation right` holds."""
        return _RELATIONS[relation](left, right)

    def integer(self, value: float) -> int:
        """The value as an int, where it stands as an index."""
        if value != int(value):
            raise Undecidable(f"{value} is no index")
        return int(value)

    @staticmethod
    def _guarded(function: Callable[..., float], *arguments: float) -> float:
        try:
            return function(*arguments)
        except ValueError as error:
            raise Undefined(str(error)) from error
        except OverflowError as error:
            raise Undecidable(str(error)) from error


@lru_cache(maxsize=1 << 10)
def _number(value: Expr) -> float:
    return float(value)
