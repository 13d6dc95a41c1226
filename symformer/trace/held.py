"""A norm whose divisor is held as it is in a run: a linear map of the stream, and a shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.notation import Div, Tensor
from symformer.programs import Call, Computed, Definition, Rebuild, define, program, reachable


@dataclass(frozen=True)
class HeldNorm:
    """A norm of rows (n, d) at one input.

    Attributes:
        divisor: what each row is divided by (n).
        scale: γ, or 1 + γ (d), or None.
        shift: β (d), or None.
        centred: whether the mean is taken away first.
    """

    divisor: Any
    scale: Any
    shift: Any
    centred: bool

    @classmethod
    def of(cls, tensor: Tensor, weights: Mapping[str, Any], rows: Any) -> HeldNorm:
        """The norm of a call, at the rows that it reads there."""
        assert isinstance(tensor.origin, Call)
        _, scale, shift = (*tensor.origin.arguments, None, None)[:3]
        found = [None if one is None else weight_of(one, weights) for one in (scale, shift)]
        return cls(_divisor(tensor, rows), found[0], found[1], tensor.origin.name == "LayerNorm")

    def through(self, part: Any) -> Any:
        """What becomes of a part of the rows (n, d)."""
        moved = part - part.mean(axis=-1, keepdims=True) if self.centred else part
        moved = moved / self.divisor[..., None]
        return moved if self.scale is None else moved * self.scale

    def back(self, direction: Any, place: int) -> Any:
        """The direction in the rows that a direction behind the norm (d) comes from, at one row."""
        found = direction if self.scale is None else direction * self.scale
        found = found / self.divisor[place]
        return found - found.mean() if self.centred else found


def weight_of(tensor: Tensor, weights: Mapping[str, Any]) -> Any:
    """The numbers of a weight, or of what is computed from one, such as 1 + γ."""
    if not isinstance(tensor, Computed):
        return weights[tensor.name]
    (own,) = program(tensor).inputs
    return lambdify(program(tensor))(weights[own.name])


def _divisor(tensor: Tensor, rows: Any) -> Any:
    """What each row is divided by, as the norm defines it."""
    assert isinstance(tensor.origin, Call)
    argument = tensor.origin.arguments[0]
    held = {argument.digest}
    quotient = next(
        one for one in reachable(tensor.origin.textbook, held=held)
        if isinstance(one, Computed) and isinstance(one.origin, Definition) and isinstance(one.origin.body, Div)
    )  # fmt: skip
    stands = Tensor(argument.name, argument.shape, argument.domain)
    by = define("sigma", quotient.origin.indices[:-1], quotient.origin.body.kids[1])
    return np.asarray(lambdify(program(Rebuild({argument.digest: stands})(by)))(rows))
