"""Scales: of what adds up over blocks, a number goes to the smaller factor, so that the sum needs no change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from symformer.compile.arrays import Contract, Load, Map, Number, loads, walk
from symformer.compile.lines import Line


def scaled_inside(line: Line, inputs: Collection[str]) -> Line:
    """Of what adds up, a number goes to the smaller factor, an input: the product then needs no change."""
    node = line.array
    if not (line.adds and isinstance(node, Map) and node.name == "multiply"):
        return line
    number, product = node.parts
    if not isinstance(product, Contract):
        return line
    places = [place for place, part in enumerate(product.parts) if isinstance(part, Load)]
    if not isinstance(number, Number) or not places:
        return line
    place = min(places, key=lambda one: not set(loads(product.parts[one])) <= set(inputs))
    part = product.parts[place]
    scaled = Map(part.axes, "multiply", (part, number))
    parts = (*product.parts[:place], scaled, *product.parts[place + 1 :])
    return replace(line, array=replace(product, parts=parts))


def has_product(line: Line) -> bool:
    """Whether a line holds a product of matrices, and not of a matrix and a vector alone."""
    products = [node for array in line.arrays for node in walk(array) if isinstance(node, Contract)]
    return any(all(len(part.axes) > 1 for part in product.parts) for product in products)
