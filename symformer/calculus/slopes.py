"""The derivative of every function of one argument, and of a power."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symformer.notation import Const, Func, Pow, Written, exp, indicator, lift, log, sigmoid, sqrt


def slope(node: Func, value: Written) -> Written:
    """The derivative of a function at its argument; `value` is what the function is there, by a name if it has one."""
    return SLOPES[node.name](node.kids[0], value)


def power_slopes(node: Pow, value: Written) -> tuple[Written, Written]:
    """The derivatives of a power by its base, e b^(e − 1), and by its exponent, b^e log b; `value` is the power.

    The second holds where the base is positive.
    """
    base, exponent = node.kids
    if isinstance(exponent, Const):
        lower = exponent.value - 1
        rest = lift(1) if lower == 0 else base if lower == 1 else base ** lift(lower)
    else:
        rest = base ** (exponent - 1)
    return (exponent if rest == lift(1) else exponent * rest), value * log(base)


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
