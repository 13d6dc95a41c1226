"""The free indices of a chain, in the order in which a reader meets them."""

from __future__ import annotations

from sympy import Symbol

from symformer.derivation.core import Core
from symformer.derivation.lines import Line
from symformer.notation import Written


def chain_indices(derivation: Core, place: int) -> tuple[Symbol, ...]:
    """The free indices of the chain that a line belongs to, in the order of its first line."""
    start = max(number for number, line in enumerate(derivation.lines[: place + 1]) if line.opens)
    end = next((n for n in range(place + 1, len(derivation.lines)) if derivation.lines[n].opens), len(derivation.lines))
    order: dict[Symbol, None] = {}
    for line in derivation.lines[start:end]:
        order.update(dict.fromkeys(_reading_order(line)))
    return tuple(order)


def _reading_order(line: Line) -> list[Symbol]:
    """The free indices as they are met from left to right."""
    free = line.formula.ranges
    found: list[Symbol] = []

    def visit(node: Written) -> None:
        for part in node.head:
            if part in free and part not in found:
                found.append(part)
        for kid in node.kids:
            visit(kid)

    visit(line.formula)
    return found
