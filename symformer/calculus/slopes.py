"""The derivatives of a function by its arguments, and of a power."""

from __future__ import annotations

from symformer.notation import Const, Func, Pow, Written, lift, log


def slopes(node: Func, value: Written) -> tuple[Written, ...]:
    """The derivatives of a function by its arguments; `value` is what it is there, by a name if it has one."""
    found: tuple[Written, ...] = node.primitive.slopes(value, *node.kids)
    return found


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
