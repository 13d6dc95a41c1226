"""Expressions of indices, sizes and numbers, exactly, in Python's own integers: positions are read at every entry."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from sympy import Rational, Symbol

from symformer.notation import Add, Const, Delta, Div, Func, Indicator, Logic, Mul, Neg, Pow, Var, Written

Number = int | Fraction
RELATE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "≠": operator.ne, "≤": operator.le, "<": operator.lt, "≥": operator.ge, ">": operator.gt,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Number]] = {
    "floor": math.floor,
    "mod": lambda one, two: one - two * math.floor(Fraction(one) / two),
    "maximum": max,
    "minimum": min,
    "abs": abs,
}
LARGE = 64  # an exponent beyond it is left to SymPy


def exactly(node: Written, symbol: Callable[[Symbol], int]) -> Number | None:
    """The value of an expression in which `symbol` says what each symbol is; None where this is left to SymPy.

    Raises:
        ZeroDivisionError: a division by zero.
    """
    rule = _RULES.get(type(node))
    return None if rule is None else rule(node, symbol)


def _parts(node: Written, symbol: Callable[[Symbol], int]) -> list[Number] | None:
    found = [exactly(kid, symbol) for kid in node.kids]
    return None if None in found else found  # type: ignore[return-value]


def _with(combine: Callable[..., Number | None]) -> Callable[[Any, Any], Number | None]:
    def rule(node: Written, symbol: Callable[[Symbol], int]) -> Number | None:
        parts = _parts(node, symbol)
        return None if parts is None else combine(*parts)

    return rule


def _const(node: Const, symbol: Any) -> Number | None:
    value = node.value
    if not isinstance(value, Rational):
        return None
    return int(value.p) if value.q == 1 else Fraction(int(value.p), int(value.q))


def _power(base: Number, exponent: Number) -> Number | None:
    whole = int(exponent)
    return Fraction(base) ** whole if whole == exponent and abs(whole) <= LARGE else None


def _function(node: Func, symbol: Callable[[Symbol], int]) -> Number | None:
    parts, function = _parts(node, symbol), FUNCTIONS.get(node.name)
    return None if parts is None or function is None else function(*parts)


def _relation(node: Indicator, symbol: Callable[[Symbol], int]) -> Number | None:
    parts = _parts(node, symbol)
    return None if parts is None else int(RELATE[node.relation](*parts))


def _logic(node: Logic, symbol: Callable[[Symbol], int]) -> Number | None:
    parts = _parts(node, symbol)
    if parts is None:
        return None
    return 1 - parts[0] if node.word == "not" else max(parts) if node.word == "or" else min(parts)


_RULES: dict[type, Callable[[Any, Any], Number | None]] = {
    Const: _const,
    Var: lambda node, symbol: symbol(node.symbol),
    Add: _with(lambda *parts: sum(parts)),
    Neg: _with(lambda part: -part),
    Mul: _with(lambda *parts: reduce(operator.mul, parts)),
    Div: _with(lambda one, two: Fraction(one) / two),
    Pow: _with(_power),
    Func: _function,
    Delta: _with(lambda one, two: int(one == two)),
    Indicator: _relation,
    Logic: _logic,
}
