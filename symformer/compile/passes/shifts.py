"""Shifts: the maximum of a row is not subtracted where a bound says that no exponential overflows or vanishes.

exp(s − m) / Σ exp(s − m) is the same for every m: the book's softmax-shift-invariance. A shift is there for floating
point alone, and needless where |s| stays far below the exponent's range; Cauchy–Schwarz tells, |q·k| ≤ ‖q‖ ‖k‖. The
book's shift-left-out derives what follows for the exponentials and their sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import Array, Load, Map, Number, Reduce
from symformer.compile.lines import Line
from symformer.programs import Guard


def without_shift(lines: Sequence[Line], flag: str) -> list[Line]:
    """The lines with each shift by a maximum, used by one exponential alone, under the option `flag`."""
    out = list(lines)
    guard = Guard(flag, flag, "unless the scores are bounded")
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        if not (isinstance(line.array, Reduce) and line.array.name == "max" and len(readers) == 1):
            continue
        scores = _shifted_by(readers[0].array, line.variable)
        if scores is not None:
            reader = out.index(readers[0])
            difference = Map(scores.axes, "subtract", (scores, Load(line.axes, line.variable)))
            formula = f"{scores.name} − {line.variable}"
            shift = Line(scores.name, scores.axes, difference, formula, guard, sizes=readers[0].sizes)
            out[reader : reader + 1] = [shift, replace(readers[0], array=Map(scores.axes, "exp", (scores,)))]
            out[out.index(line)] = replace(line, guard=guard)
    return out


def with_branches(lines: Sequence[Line], row: Symbol) -> list[Line]:
    """The lines with the maximum of a row read only where a block of rows needs it, and 0 in its place elsewhere.

    Where all maxima of a block lie between 0 and 60, no exponential overflows without a shift, and what would be normal
    with it is normal without it.
    """
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        is_maximum = isinstance(line.array, Reduce) and line.array.name == "max" and line.axes == (row,)
        if not is_maximum or line.guard is not None or any(other.guard is not None for other in readers):
            continue
        flag = f"needs_shift({line.variable})" if len(readers) == 1 else f"shifted_{line.variable.strip('_')}"
        guard = Guard(flag, flag, "unless exponentials need no shift")
        for reader in readers:
            other = _at_zero(reader.array, line.variable)
            out[out.index(reader)] = replace(reader, guard=guard, other=other, other_formula="the same without it")
        if len(readers) > 1:
            out.insert(out.index(line) + 1, _flag_line(flag, line))
    return out


def _flag_line(flag: str, line: Line) -> Line:
    return Line(flag, (), Number((), f"needs_shift({line.variable})"), f"whether {line.variable} is needed")


def _at_zero(array: Array, name: str) -> Array:
    """The array with 0 for a variable that is added or subtracted."""
    if isinstance(array, Map) and array.name in ("add", "subtract"):
        kept = [part for part in array.parts if not (isinstance(part, Load) and part.name == name)]
        if len(kept) == 1:
            return _at_zero(kept[0], name)
    return array.over_kids(tuple(_at_zero(kid, name) for kid in array.kids))


def _shifted_by(array: Array, maximum: str) -> Load | None:
    """S, if the array is exp(S − m)."""
    if not (isinstance(array, Map) and array.name == "exp" and isinstance(array.parts[0], Map)):
        return None
    inner = array.parts[0]
    if inner.name != "subtract" or not all(isinstance(part, Load) for part in inner.parts):
        return None
    scores, shift = inner.parts
    return scores if isinstance(scores, Load) and isinstance(shift, Load) and shift.name == maximum else None
