"""Optional parts of an op: left out, put in, or left open for the caller of a generated function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Symbol

from symformer.notation import Tensor, Written
from symformer.programs import Guard, define


def when_given(
    extra: Tensor | None, value: Tensor, at: tuple[Symbol, ...], changed: Callable[[Written], Any], name: str = ""
) -> Tensor:
    """`changed(value)` where the extra tensor is given, the value itself where it is None.

    Without a name the result is called as the value is, with a prime. A tensor marked `optional` leaves it to the
    caller: the definition then carries a guard.
    """
    if extra is None:
        return value
    if not extra.optional:
        return define(name or value.name + "'", at, changed(value[at]))
    guard = Guard(extra.name, f"{extra.name} is not None", f"if {extra.name} is given")
    return define(name or value.name + "'", at, changed(value[at]), guard=guard, otherwise=value[at])


def when_flag(
    flag: bool | str, value: Tensor, at: tuple[Symbol, ...], changed: Callable[[Written], Any], name: str = ""
) -> Tensor:
    """As `when_given`, for a flag: True, False, or the name of the function's argument that decides."""
    if flag is False:
        return value
    if flag is True:
        return define(name or value.name + "'", at, changed(value[at]))
    return define(
        name or value.name + "'", at, changed(value[at]), guard=Guard(flag, flag, f"if {flag}"), otherwise=value[at]
    )
