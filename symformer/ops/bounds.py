"""Numbers that an op cannot have: what its signature says of an option holds of numbers in formulas, too."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from numbers import Real
from typing import Any, ParamSpec, TypeVar

import sympy

from symformer.notation import NotationError
from symformer.ops.signature import Parameter, Signature

P = ParamSpec("P")
T = TypeVar("T")


def within_bounds(op: Callable[P, T], signatures: Sequence[Signature]) -> Callable[P, T]:
    """The op, which refuses by name a number that its option cannot be, such as `eps=-1`; expressions pass.

    Args:
        op: the op.
        signatures: those of its module: the one of its name says what its options may be.
    """
    (own,) = (one for one in signatures if one.name == op.__name__)
    bounded = [one for one in own.parameters if one.kind == "option"]
    known = signature(op)

    @wraps(op)
    def called(*args: P.args, **options: P.kwargs) -> T:
        given = known.bind(*args, **options).arguments
        for parameter in bounded:
            _check(op.__name__, parameter, given.get(parameter.name))
        return op(*args, **options)

    return called


def _check(op: str, parameter: Parameter, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (Real, sympy.Number)):
        return
    bounds = (
        ("at least", parameter.least, operator.ge),
        ("at most", parameter.most, operator.le),
        ("less than", parameter.below, operator.lt),
        ("more than", parameter.above, operator.gt),
    )
    for words, bound, holds in bounds:
        if bound is not None and not holds(value, bound):
            raise NotationError(f"{op}: {parameter.name}: expected {words} {bound}, got {value}")
