"""Signs that can be read off an expression as it is written: squares, roots, exponentials, declared positivity.

The normal form loses them (a variance multiplied out is no sum of squares any more), so they are read before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symformer.notation import (
    Add,
    Const,
    Delta,
    Div,
    Element,
    Expectation,
    Func,
    Indicator,
    Max,
    Mul,
    Pow,
    Sum,
    Var,
    Written,
)
from symformer.programs import is_defined

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0


def sign(node: Written) -> int:
    """POSITIVE, NONNEGATIVE or UNKNOWN, for every value of the inputs at which the expression is defined."""
    rule = _RULES.get(type(node))
    return rule(node) if rule is not None else UNKNOWN


def _constant(node: Const) -> int:
    return POSITIVE if node.value > 0 else NONNEGATIVE if node.value == 0 else UNKNOWN


def _element(node: Element) -> int:
    if is_defined(node.tensor):
        return sign(node.tensor.origin.definition.body)
    kinds = {"positive": POSITIVE, "nonnegative": NONNEGATIVE, "mask": NONNEGATIVE, "simplex": NONNEGATIVE}
    return kinds.get(node.tensor.domain.kind, UNKNOWN)


def _add(node: Add) -> int:
    signs = [sign(kid) for kid in node.kids]
    return 0 if UNKNOWN in signs else max(signs)


def _power(node: Pow) -> int:
    base, exponent = sign(node.kids[0]), node.kids[1].plain()
    if base == POSITIVE:
        return POSITIVE
    even = exponent.is_Integer and exponent % 2 == 0 and exponent > 0
    return NONNEGATIVE if even or (base == NONNEGATIVE and exponent.is_positive) else UNKNOWN


def _function(node: Func) -> int:
    if node.name in ("exp", "sigmoid", "softplus", "Phi"):
        return POSITIVE
    if node.name == "relu":
        return NONNEGATIVE
    if node.name == "sqrt":
        return POSITIVE if sign(node.kids[0]) == POSITIVE else NONNEGATIVE
    return UNKNOWN


def _product(node: Mul) -> int:
    """Signs of the factors; a factor that stands there twice is a square."""
    odd = [kid for kid in {kid.digest: kid for kid in node.kids}.values() if node.kids.count(kid) % 2]
    paired = NONNEGATIVE if len(odd) < len(node.kids) else POSITIVE
    return min([paired, *(sign(kid) for kid in odd)])


def _bit(node: Written) -> int:
    return NONNEGATIVE


_RULES: dict[type, Callable[[Any], int]] = {
    Const: _constant,
    Var: lambda node: POSITIVE if node.symbol.is_integer else UNKNOWN,  # sizes and indices count from 1
    Element: _element,
    Add: _add,
    Mul: _product,
    Div: lambda node: min(sign(kid) for kid in node.kids),
    Pow: _power,
    Func: _function,
    Sum: lambda node: sign(node.body),
    Max: lambda node: sign(node.body),
    Expectation: lambda node: sign(node.kids[0]),
    Delta: _bit,
    Indicator: _bit,
}
