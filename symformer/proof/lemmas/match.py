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
    fresh,
    loose_symbols,
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
    bound = {part.index for part in walk(node) if isinstance(part, Binder)}
    missing = {letter for letter in loose_symbols(node) if letter not in found.indices and letter not in found.sizes}
    if missing - bound:
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
        index = _apart(node.index, found)
        inner = replace(found, indices={**found.indices, node.index: Var((), (index,))})
        return type(node)((_instance(node.body, inner),), (index, node.size.subs(found.sizes, simultaneous=True)))
    if isinstance(node, Element):
        if node.tensor.origin is not None:
            return _instance(definition_at(node), found)
        symbols, body = found.inputs[node.tensor]
        kids = [_instance(kid, found) for kid in node.kids]
        return substitute(body, dict(zip(symbols, kids, strict=True)))
    return node.rebuild(tuple(_instance(kid, found) for kid in node.kids)) if node.kids else node


def _apart(index: Symbol, found: Match) -> Symbol:
    """A bound index under a name that nothing which comes in has."""
    taken = set().union(
        *(loose_symbols(value) for value in found.indices.values()),
        *(loose_symbols(body) for _, body in found.inputs.values()),
    )
    while index in taken:
        index = Symbol(index.name + "'", **index.assumptions0)
    return index


def apart(node: Written, taken: frozenset[Symbol]) -> Written:
    """The expression with bound indices that are neither taken nor bound around them."""
    if not isinstance(node, Binder):
        return node.rebuild(tuple(apart(kid, taken) for kid in node.kids)) if node.kids else node
    index = fresh(node.index, set(taken) | loose_symbols(node)) if node.index in taken else node.index
    body = node.body if index == node.index else substitute(node.body, {node.index: index})
    return type(node)((apart(body, taken | {index}),), (index, node.size))


def hides(tensor: Tensor) -> bool:
    """Whether a definition speaks of −∞ or of expectations, or is not there to be read."""
    if not is_defined(tensor):
        return tensor.origin is not None or tensor.domain.kind == "random"
    return any(isinstance(part, (Hidden, Expectation)) for part in walk(tensor.origin.definition.body))
