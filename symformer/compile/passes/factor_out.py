"""Factors leave sums: Σ_j (u_ij / Z_i) v_jf is (Σ_j u_ij v_jf) / Z_i, so that weights need no sum before they are used.

P_ij = u_ij / Z_i;  O_if = Σ_j P_ij v_jf   becomes   O_if = (Σ_j u_ij v_jf) / Z_i, where P has no other reader
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from sympy import Symbol

from symformer.compile.arrays import Array, Contract, Load, Map, Number, walk
from symformer.compile.lines import Line, mapped
from symformer.compile.passes.axes import under


def factored_out(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines with quotients that one sum alone reads divided behind it."""
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        if line.variable in outputs or len(readers) != 1 or readers[0].reads.count(line.variable) != 1:
            continue
        if line.guard is None and readers[0].guard is None and _is_quotient(line.array):
            reader = readers[0].mapped(partial(_divided_behind, line=line))
            if line.variable not in reader.reads:
                out[out.index(readers[0])] = reader
                out.remove(line)
    return out


def _is_quotient(array: Array) -> bool:
    """Whether an array is a variable divided by what lacks one of its axes."""
    if not (isinstance(array, Map) and array.name == "divide" and isinstance(array.parts[0], Load)):
        return False
    whole, below = array.parts
    return not any(isinstance(node, Contract) for node in walk(below)) and set(below.axes) < set(whole.axes)


def _divided_behind(node: Array, line: Line) -> Array:
    if not (isinstance(node, Contract) and isinstance(line.array, Map)):
        return node
    for place, part in enumerate(node.parts):
        if isinstance(part, Load) and part.name == line.variable:
            whole, below = (_under(one, line, part) for one in line.array.parts)
            if set(below.axes) & set(node.over):
                return node
            parts = (*node.parts[:place], whole, *node.parts[place + 1 :])
            return Map(node.axes, "divide", (replace(node, parts=parts), below))
    return node


def _is_scaled(part: Array) -> bool:
    """Whether a factor is a variable, or one that numbers scale already."""
    if isinstance(part, Map) and part.name in ("divide", "multiply") and isinstance(part.parts[1], Number):
        return _is_scaled(part.parts[0])
    return isinstance(part, Load)


def _under(array: Array, line: Line, load: Load) -> Array:
    """A part of the quotient under the letters with which it is read."""
    names = dict(zip(line.axes, load.axes, strict=True))
    return mapped(array, lambda node: under(node, names))


def scaled_before(lines: Sequence[Line], row: Symbol, column: Symbol) -> list[Line]:
    """The lines with numbers that scale a product of rows and columns at its smaller factor: a Σ q k is Σ (a q) k."""

    def rule(node: Array) -> Array:
        if not (isinstance(node, Map) and node.name in ("divide", "multiply") and set(node.axes) == {row, column}):
            return node
        number = next((part for part in node.parts if isinstance(part, Number)), None)
        product = next((part for part in node.parts if isinstance(part, Contract)), None)
        if number is None or product is None or (node.name == "divide" and node.parts[0] is not product):
            return node
        places = [place for place, part in enumerate(product.parts) if row in part.axes and _is_scaled(part)]
        if len(places) != 1:
            return node
        parts = list(product.parts)
        scaled = parts[places[0]]
        parts[places[0]] = Map(scaled.axes, node.name, (scaled, number))
        return replace(product, parts=tuple(parts))

    return [line.mapped(rule) for line in lines]
