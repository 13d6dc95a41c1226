"""Quotients: x times 1/b is x/b, in one operation and with one rounding.

Where a line is a reciprocal that one other line alone reads, as a factor, it holds what it is the reciprocal of, and
the other line divides. x · (1/b) = x/b wherever b has a reciprocal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from symformer.compile.arrays import Array, Load, Map, Number
from symformer.compile.lines import Line


def as_quotients(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines with factors that are reciprocals as divisors."""
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        alone = len(readers) == 1 and line.guard is None and line.variable not in outputs
        if not (alone and _is_reciprocal(line.array)):
            continue
        divided = _divided(readers[0].array, line)
        if divided is not None and readers[0].guard is None and readers[0].reads.count(line.variable) == 1:
            out[out.index(readers[0])] = replace(readers[0], array=divided)
            out[out.index(line)] = replace(
                line, array=line.array.kids[1], formula=f"the reciprocal of {line.variable}, with {line.formula}"
            )
    return out


def _is_reciprocal(array: Array) -> bool:
    """Whether an array is 1 over an array of its own axes."""
    if not (isinstance(array, Map) and array.name == "divide" and array.parts[1].axes == array.axes):
        return False
    return isinstance(array.parts[0], Number) and array.parts[0].code == "1"


def _divided(array: Array, line: Line) -> Array | None:
    """The product with a factor as its divisor; None where the line is no factor of it."""
    if not (isinstance(array, Map) and array.name == "multiply"):
        return None
    for factor, other in (array.parts, array.parts[::-1]):
        if isinstance(factor, Load) and factor.name == line.variable and not isinstance(other, Number):
            return Map(array.axes, "divide", (other, factor))
    for place, part in enumerate(array.parts):
        inner = _divided(part, line)
        if inner is not None:
            return replace(array, parts=tuple(inner if at == place else one for at, one in enumerate(array.parts)))
    return None
