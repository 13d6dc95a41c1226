"""What the letters of a lemma stand for, and expressions with them put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symformer.notation import (
    Binder,
    Element,
    Expectation,
    Hidden,
    ShapeError,
    Tensor,
    Var,
    Written,
    substitute,
    walk,
)
from symformer.programs import definition_at, is_defined


@dataclass(frozen=True)
class Match:
    """What a lemma's letters stand for: indices, sizes, and inputs as functions of their indices."""

    indices: Mapping[Symbol, Written]
    sizes: Mapping[Symbol, Expr]
    inputs: Mapping[Tensor, tuple[tuple[Symbol, ...], Written]]
    bound: frozenset[Symbol] = frozenset()
    held: frozenset[Tensor] = frozenset()  # tensors that are differentiated by, and so are not opened


NOTHING = Match({}, {}, {})


def instance(node: Written, found: Match) -> Written | None:
    """The expression with its letters replaced; None where one stands for nothing."""
    if any(letter not in found.indices and letter not in found.sizes for letter in node.free):
        return None
    try:
        return _instance(node, found)
    except (KeyError, ShapeError):  # a letter stands for nothing, or indices do not fit: no instance
        return None


def _instance(node: Written, found: Match) -> Written:
    if isinstance(node, Var):
        value = found.indices.get(node.symbol)
        return value if value is not None else Var((), (found.sizes[node.symbol],))
    if isinstance(node, Binder):
        index, body = node.open()
        inner = replace(found, indices={**found.indices, index: Var((), (index,))})
        return type(node)((_instance(body, inner),), (index, node.size.subs(found.sizes, simultaneous=True)))
    if isinstance(node, Element):
        if node.tensor.origin is not None:
            return _instance(definition_at(node), found)
        symbols, body = found.inputs[node.tensor]
        kids = [_instance(kid, found) for kid in node.kids]
        return substitute(body, dict(zip(symbols, kids, strict=True)))
    return node.rebuild(tuple(_instance(kid, found) for kid in node.kids)) if node.kids else node


def hides(tensor: Tensor) -> bool:
    """Whether a definition speaks of −∞ or of expectations, or is not there to be read."""
    if not is_defined(tensor):
        return tensor.origin is not None or tensor.domain.kind == "random"
    return any(isinstance(part, (Hidden, Expectation)) for part in walk(tensor.origin.definition.body))
