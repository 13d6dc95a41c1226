"""Where a function has no derivative: at a kink, at a jump of a condition, at a tie of a maximum."""

from __future__ import annotations

from collections.abc import Iterator

from symformer.notation import ArgMax, Condition, Derivative, Element, Func, Indicator, Max, Written, walk
from symformer.programs import elements, is_defined, reachable


def kinks(node: Derivative) -> Iterator[tuple[Written, Written | None]]:
    """Pairs that must differ for a derivative to be one: the two sides of a relation, or an argument and 0 (None).

    A maximum over an index comes twice: it must be reached at one place alone.
    """
    seen: set[str] = set()
    waiting = [node.target]
    while waiting:
        for part in walk(waiting.pop()):
            if isinstance(part, Func):
                pairs = part.primitive.kinks(*part.kids)
                yield from (pair for pair in pairs if any(_moves(side, node) for side in pair if side is not None))
            if isinstance(part, Max) and _moves(part.body, node):
                yield part, part
            if isinstance(part, Indicator) and any(_moves(kid, node) for kid in part.kids):
                yield part.kids[0], part.kids[1]
            if isinstance(part, Element) and _opens(part, node) and part.tensor.digest not in seen:
                seen.add(part.tensor.digest)
                waiting.append(part.tensor.origin.definition.body)


def _opens(part: Element, node: Derivative) -> bool:
    tensor = part.tensor
    return is_defined(tensor) and tensor != node.entry.tensor and tensor.digest not in node.held


def _moves(argument: Written, node: Derivative) -> bool:
    """Whether an argument depends on what it is differentiated by, and not by its conditions alone.

    A rank, as any sum of conditions, stays the same but at their own jumps, which are kinks already.
    """
    held = {*node.held, node.entry.tensor.digest}
    found = reachable(*(element.tensor for element in elements(argument)), held=held)
    return any(tensor == node.entry.tensor for tensor in found) and _varies(argument, node, set())


def _varies(argument: Written, node: Derivative, seen: set[str]) -> bool:
    """Whether the entry is read anywhere but in a condition or under argmax."""
    if isinstance(argument, (Condition, ArgMax)):
        return False
    if isinstance(argument, Element):
        tensor = argument.tensor
        if tensor == node.entry.tensor or tensor.origin is None or tensor.digest in {*node.held, *seen}:
            return tensor == node.entry.tensor
        seen.add(tensor.digest)
        return not is_defined(tensor) or _varies(tensor.origin.definition.body, node, seen)
    return any(_varies(kid, node, seen) for kid in argument.kids)
