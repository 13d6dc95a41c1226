"""Scales: what scales a product goes to its smaller factor, once for all products and for all blocks of columns.

Σ_c (a q_ic) k_jc is a Σ_c q_ic k_jc. Of what adds up over blocks, a number goes there, too: the sum needs no change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from symformer.compile.arrays import Array, Contract, Load, Map, Number, loads, walk
from symformer.compile.lines import Line
from symformer.compile.names import free


def scaled_inside(line: Line, inputs: Collection[str]) -> Line:
    """Of what adds up, a number goes to the smaller factor, an input: the product then needs no change."""
    node = line.array
    if not (line.adds and isinstance(node, Map) and node.name in ("multiply", "divide")):
        return line
    number, product = node.parts if node.name == "multiply" else node.parts[::-1]
    if not isinstance(product, Contract):
        return line
    places = [place for place, part in enumerate(product.parts) if isinstance(part, Load)]
    if not isinstance(number, Number) or not places:
        return line
    place = min(places, key=lambda one: not set(loads(product.parts[one])) <= set(inputs))
    part = product.parts[place]
    scaled = Map(part.axes, node.name, (part, number))
    parts = (*product.parts[:place], scaled, *product.parts[place + 1 :])
    return replace(line, array=replace(product, parts=parts))


def scaled_once(lines: Sequence[Line]) -> list[Line]:
    """The lines with each scaled factor of a product of matrices as a line of its own, before its first reader."""
    out: list[Line] = []
    named: dict[Array, str] = {}
    taken = {name for line in lines for name in (line.variable, *line.reads)}

    def rule(array: Array) -> Array:
        return Load(array.axes, named[array]) if array in named else array

    for line in lines:
        for factor in _scaled_factors(line):
            if factor not in named:
                named[factor] = free(f"{loads(factor)[0]}_scaled", {*taken, *named.values()})
                out.append(Line(named[factor], factor.axes, factor, _words(factor)))
        out.append(line.mapped(rule))
    return out


def _scaled_factors(line: Line) -> list[Map]:
    """The matrices in products of matrices that a number multiplies, or divides what their last axis has no part in."""
    if line.guard is not None:
        return []
    products = [node for node in walk(line.array) if isinstance(node, Contract) and len(node.axes) > 1]
    return [part for product in products for part in product.parts if isinstance(part, Map) and _is_scaled(part)]


def _is_scaled(factor: Map) -> bool:
    if factor.name not in ("multiply", "divide") or not isinstance(factor.parts[0], Load):
        return False
    scaled, by = factor.parts
    return len(factor.axes) > 1 and scaled.axes == factor.axes and factor.axes[-1] not in by.axes


def _words(factor: Map) -> str:
    scaled, by = factor.parts
    divided = f"divided by its {loads(by)[0]}" if factor.name == "divide" and loads(by) else "scaled"
    return f"{loads(scaled)[0]}, {divided} once for every product with it"


def has_product(line: Line) -> bool:
    """Whether a line holds a product of matrices, and not of a matrix and a vector alone."""
    products = [node for array in line.arrays for node in walk(array) if isinstance(node, Contract)]
    return any(all(len(part.axes) > 1 for part in product.parts) for product in products)
