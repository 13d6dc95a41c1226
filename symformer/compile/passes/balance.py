"""Balance: of a gradient that adds up to 0 along a row, the entry of the largest probability is minus all the others.

A shift changes no softmax, so that gradients by its scores add up to 0. Near saturation the entry of the class that has
nearly all is 1 − p, which has no digits left; the others have theirs, and so has their sum.
"""

from __future__ import annotations

from collections.abc import Sequence

from symformer.compile.arrays import Array, Balance, Load, Map, Reduce
from symformer.compile.lines import Line

WORDS = "where one probability is nearly 1, its entry is minus the sum of the others"


def balanced(lines: Sequence[Line], gradient: str, scores: str) -> list[Line]:
    """The lines with one more, which balances the rows of the gradient by these scores."""
    last = next(line for line in reversed(lines) if line.variable == gradient)
    top = next(line for line in lines if _is_maximum(line.array, scores))
    exponentials = next(line for line in lines if _is_exponential(line, lines, top.variable))
    total = next(line for line in lines if _sums_up(line.array, exponentials.variable))
    parts = (
        Load(last.axes, scores, batched=False),
        Load(top.axes, top.variable, batched=False),
        Load(total.axes, total.variable, batched=False),
    )
    return [*lines, Line(gradient, last.axes, Balance(last.axes, parts), WORDS, sizes=last.sizes)]


def _is_maximum(array: Array, scores: str) -> bool:
    return isinstance(array, Reduce) and array.name == "max" and _is_load(array.part, scores)


def _is_exponential(line: Line, lines: Sequence[Line], top: str) -> bool:
    """Whether a line is exp of scores less their maximum, by a name or not."""
    if not (isinstance(line.array, Map) and line.array.name == "exp"):
        return False
    inner = line.array.parts[0]
    named = [one.array for one in lines if isinstance(inner, Load) and one.variable == inner.name]
    shifted = named[0] if named else inner
    return isinstance(shifted, Map) and shifted.name == "from_max" and _is_load(shifted.parts[1], top)


def _sums_up(array: Array, exponentials: str) -> bool:
    return isinstance(array, Reduce) and array.name == "sum" and _is_load(array.part, exponentials)


def _is_load(array: Array, name: str) -> bool:
    return isinstance(array, Load) and array.name == name
