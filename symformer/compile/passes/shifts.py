"""Shifts: the maximum of a row is not subtracted where exponentials neither overflow nor vanish without.

exp(s − m) / Σ exp(s − m) is the same for every m: the book's softmax-shift-invariance. A shift is there for floating
point alone. Where Cauchy–Schwarz bounds the scores, |q·k| ≤ ‖q‖ ‖k‖, it is needless, and the sums of the exponentials
tell so afterwards for more rows than that, at no more than a look at them; the book's shift-left-out derives both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import Array, Balance, Contract, InRange, Load, Map, Number, Reduce, loads, walk
from symformer.compile.lines import Line
from symformer.programs import Guard

BLOCKS = "row_blocks"  # what gives blocks of rows that may come again


def tried_without_shift(lines: Sequence[Line]) -> list[Line]:
    """The lines with each shift by a maximum left out at first; a look at the sums of exponentials tells if it may be.

    A maximum counts that one exponential alone reads, and whose row is summed up.
    """
    out = list(lines)
    guard = Guard("shifted", f"{BLOCKS}.shifted", "if sums were out of range without")
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        if not (isinstance(line.array, Reduce) and line.array.name == "max" and len(readers) == 1):
            continue
        scores = _shifted_by(readers[0].array, line.variable)
        total = next((other for other in out if _sums_up(other, readers[0])), None)
        if scores is None or total is None:
            continue
        reader = out.index(readers[0])
        difference = Map(scores.axes, "from_max", (scores, Load(line.axes, line.variable)))
        shift = Line(
            scores.name, scores.axes, difference, f"{scores.name} − {line.variable}", guard, sizes=readers[0].sizes
        )
        last, others = _others(out, total, readers[0])
        look = InRange((), (Load(total.axes, total.variable), *others))
        out.insert(out.index(last) + 1, Line("in_range", total.axes, look, LOOK, sizes=total.sizes))
        out[reader : reader + 1] = [shift, replace(readers[0], array=Map(scores.axes, "exp", (scores,)))]
        out[out.index(line)] = replace(line, guard=guard)
    return out


LOOK = "a sum out of range: these rows come again, shifted by their maxima"


def _sums_up(line: Line, exponentials: Line) -> bool:
    """Whether a line is the sum of a row of these."""
    found = line.array
    return (
        isinstance(found, Reduce) and found.name == "sum" and found.part == Load(found.part.axes, exponentials.variable)
    )


def _others(lines: Sequence[Line], total: Line, exponentials: Line) -> tuple[Line, list[Array]]:
    """The line after which to look, and what may overflow or vanish though the sum does not.

    That is a mean of a row, which is looked at with every factor that the sum has divided on the way.
    """
    wanted = {total.variable, exponentials.variable}
    mean = next((line for line in lines if line.axes == total.axes and wanted <= {*line.reads}), None)
    if mean is None:
        return total, []
    before = [node for line in lines[: lines.index(mean)] for node in walk(line.array) if isinstance(node, Contract)]
    divided = [part for node in before for part in node.parts if isinstance(part, Map) and part.name == "divide"]
    return mean, [*(part for part in divided if total.variable in loads(part)), Load(mean.axes, mean.variable)]


def with_branches(lines: Sequence[Line], row: Symbol) -> list[Line]:
    """The lines with the maximum of a row read only where a block of rows needs it, and 0 in its place elsewhere.

    Where all maxima of a block lie between 0 and 16, no exponential overflows without a shift, and what would be normal
    with it is normal without it; and cotangents that meet them are multiplied, or divided, by little.
    """
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads and not isinstance(other.array, Balance)]
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
    if isinstance(array, Map) and array.name in ("add", "subtract", "from_max"):
        kept = [part for part in array.parts if not (isinstance(part, Load) and part.name == name)]
        if len(kept) == 1:
            return _at_zero(kept[0], name)
    return array.over_kids(tuple(_at_zero(kid, name) for kid in array.kids))


def _shifted_by(array: Array, maximum: str) -> Load | None:
    """S, if the array is exp(S − m)."""
    if not (isinstance(array, Map) and array.name == "exp" and isinstance(array.parts[0], Map)):
        return None
    inner = array.parts[0]
    if inner.name != "from_max" or not all(isinstance(part, Load) for part in inner.parts):
        return None
    scores, shift = inner.parts
    return scores if isinstance(scores, Load) and isinstance(shift, Load) and shift.name == maximum else None
