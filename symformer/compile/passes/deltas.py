"""Deltas of positions: a term v_i δ_(c, at_i) of a sum touches one entry of a row, and is added there alone.

The derivation behind it is that of the delta: Σ over c of v_i δ_(c, at_i) is v_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symformer.compile.arrays import Array, Count, Load, Map, PlaceAdd
from symformer.compile.lines import Line, opposite
from symformer.compile.passes.terms import without_term


def at_positions(lines: Sequence[Line]) -> list[Line]:
    """The lines with such terms, of one reader each, added in place after the rest of the sum."""
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        if len(readers) != 1 or readers[0].guard is not None or readers[0].axes != line.axes:
            continue
        rest = without_term(readers[0].array, line.variable)
        added = _placed(line.array, readers[0])
        if rest is not None and added is not None:
            place = out.index(readers[0])
            out[place : place + 1] = [replace(readers[0], array=rest), *_added(line, readers[0], added)]
            out.remove(line)
    return out


def _added(term: Line, reader: Line, added: Array) -> list[Line]:
    """The term at its places, and what stands in its stead where its guard does not hold."""
    lines = [replace(term, variable=reader.variable, array=added, other=None)]
    if term.other is not None and term.guard is not None:
        total = Map(reader.axes, "add", (Load(reader.axes, reader.variable), term.other))
        formula = f"{term.formula.partition(' = ')[0]} = {term.other_formula}"
        guard = opposite(term.guard)
        lines.append(Line(reader.variable, reader.axes, total, formula, guard, sizes=reader.sizes))
    return lines


def _placed(array: Array, reader: Line, negative: bool = False) -> PlaceAdd | None:
    """v_i δ_(c, at_i), if the array is that or its negative."""
    if isinstance(array, Map) and array.name == "negative":
        return _placed(array.parts[0], reader, not negative)
    if not (isinstance(array, Map) and array.name == "select" and isinstance(array.parts[1], Map)):
        return None
    value, relation = array.parts
    if not (isinstance(relation, Map) and relation.name == "equal" and isinstance(relation.parts[0], Count)):
        return None
    letter, positions = relation.parts
    if letter.axes != reader.axes[-1:] or set(positions.axes) != set(value.axes) or value.axes != reader.axes[:-1]:
        return None
    signed = Map(value.axes, "negative", (value,)) if negative else value
    return PlaceAdd(reader.axes, signed, positions)
