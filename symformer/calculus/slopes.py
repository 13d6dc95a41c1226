"""The derivative of every function of one argument."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symformer.notation import Func, Written, exp, indicator, lift, sigmoid, sqrt


def slope(node: Func, value: Written) -> Written:
    """The derivative of a function at its argument; `value` is what the function is there, by a name if it has one."""
    return SLOPES[node.name](node.kids[0], value)


SLOPES: dict[str, Callable[[Written, Written], Written]] = {
    "exp": lambda x, value: value,
    "log": lambda x, value: lift(1) / x,
    "sqrt": lambda x, value: lift(1) / (2 * value),
    "tanh": lambda x, value: lift(1) - value**2,
    "sin": lambda x, value: Func((x,), ("cos",)),
    "cos": lambda x, value: -Func((x,), ("sin",)),
    "erf": lambda x, value: lift(2) / sqrt(sympy.pi) * exp(-(x**2)),
    "sigmoid": lambda x, value: value * (1 - value),
    "softplus": lambda x, value: sigmoid(x),
    "Phi": lambda x, value: exp(-(x**2) / 2) / sqrt(2 * sympy.pi),
    "relu": lambda x, value: indicator(x, ">", 0),
}
