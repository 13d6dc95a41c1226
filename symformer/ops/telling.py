"""Arguments that nobody named: `layer_norm(X + Y, 2 * g, b + 1)` has three, and each needs a name of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from symformer.notation import Tensor
from symformer.programs import input_tensors

P = ParamSpec("P")
T = TypeVar("T")


def told_apart(op: Callable[P, T]) -> Callable[P, T]:
    """The op, which gives an argument that nobody named another name where its own is that of something else."""
    known = signature(op)

    @wraps(op)
    def called(*args: P.args, **options: P.kwargs) -> T:
        if sum(getattr(one, "unnamed", False) for one in (*args, *options.values())) == 0:
            return op(*args, **options)
        bound = known.bind(*args, **options)
        bound.arguments.update(_renamed(bound.arguments))
        return op(*bound.args, **bound.kwargs)

    return called


def _renamed(given: Mapping[str, Any]) -> dict[str, Any]:
    tensors = {formal: one for formal, one in given.items() if isinstance(one, Tensor)}
    taken = {found.name: found for one in tensors.values() for found in input_tensors(one)}
    taken |= {one.name: one for one in tensors.values() if not getattr(one, "unnamed", False)}
    out: dict[str, Any] = {}
    for formal, one in tensors.items():
        if getattr(one, "unnamed", False) and taken.get(one.name, one) != one:
            tries = (formal, *(f"{formal}_{number}" for number in range(1, len(taken) + 2)))
            named: Any = one
            out[formal] = one = named.under(next(name for name in tries if name not in taken))
        taken[one.name] = one
    return out
