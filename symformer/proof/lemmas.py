"""Statements of earlier derivations as rules: matched against a line, with their letters replaced by the line's.

A lemma says left = right for all its inputs and free indices. It is matched as a pattern: its free indices stand for
indices, its sizes for sizes, and an input x under indices of its own stands for any expression of them, so that a
lemma about a vector x_k fits row i of a matrix, S_ik. A definition is matched as it is or opened.

Sound, under these conditions, each checked here:

- what an input is replaced by lies in the input's domain (visibly positive for a positive one; an entry of the same
  kind of tensor for masks, simplex rows and whole numbers), is never −∞, and holds no index that is bound around it;
- an index of the lemma becomes one that runs over the same range, and none that is bound inside the match;
- where the lemma differentiates by an input, that becomes an entry of a tensor T under indices of its own, nothing
  else in the match depends on T, and T itself is not opened;
- a lemma about random tensors, or one that differentiates by something defined, is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Symbol

from symformer.notation import (
    Binder,
    Derivative,
    Element,
    Expectation,
    Hidden,
    ShapeError,
    Tensor,
    Var,
    Written,
    fresh,
    loose_symbols,
    merge_ranges,
    substitute,
    walk,
)
from symformer.programs import elements, reachable
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign


@dataclass(frozen=True)
class Lemma:
    """An equation of an earlier derivation.

    Attributes:
        slug: the derivation.
        left: its left side, which is looked for.
        right: what it is replaced by.
        kind: how well it is known: a verdict.
        conditions: where it holds, in its own letters.
    """

    slug: str
    left: Written
    right: Written
    kind: str
    conditions: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A content hash."""
        return f"{self.slug} {self.left.digest} {self.right.digest} {self.kind} {self.conditions}"


@dataclass(frozen=True)
class Match:
    """What a lemma's letters stand for: indices, sizes, and inputs as functions of their indices."""

    indices: Mapping[Symbol, Written]
    sizes: Mapping[Symbol, Expr]
    inputs: Mapping[Tensor, tuple[tuple[Symbol, ...], Written]]
    bound: frozenset[Symbol] = frozenset()
    held: frozenset[Tensor] = frozenset()  # tensors that are differentiated by, and so are not opened


NOTHING = Match({}, {}, {})


def rewritten(node: Written, lemma: Lemma, spans: Mapping[Symbol, Expr]) -> Written:
    """The expression with every instance of the lemma's left side replaced, outermost first.

    Args:
        node: the expression.
        lemma: the rule.
        spans: what the indices around it run over.
    """
    if not usable(lemma):
        return node
    renamed = apart(node, frozenset(spans))
    found = _rewritten(renamed, lemma, spans)
    return node if found == renamed else found


def _rewritten(node: Written, lemma: Lemma, spans: Mapping[Symbol, Expr]) -> Written:
    for found in matches(lemma.left, node, NOTHING):
        new = instance(lemma.right, found) if _fits(lemma, found, spans) else None
        if new is not None:
            return new
    inside = {**spans, node.index: node.size} if isinstance(node, Binder) else spans
    kids = tuple(_rewritten(kid, lemma, inside) for kid in node.kids)
    return node.rebuild(kids) if kids else node


def apart(node: Written, taken: frozenset[Symbol]) -> Written:
    """The expression with bound indices that are neither taken nor bound around them."""
    if not isinstance(node, Binder):
        return node.rebuild(tuple(apart(kid, taken) for kid in node.kids)) if node.kids else node
    index = fresh(node.index, set(taken) | loose_symbols(node)) if node.index in taken else node.index
    body = node.body if index == node.index else substitute(node.body, {node.index: index})
    return type(node)((apart(body, taken | {index}),), (index, node.size))


def usable(lemma: Lemma) -> bool:
    """Whether a lemma can be matched soundly at all."""
    parts = [part for side in (lemma.left, lemma.right) for part in walk(side)]
    return not any(
        isinstance(part, (Expectation, Hidden))
        or (isinstance(part, Derivative) and part.entry.tensor.origin is not None)
        or (isinstance(part, Element) and any(_hides(tensor) for tensor in reachable(part.tensor)))
        for part in parts
    )


def _fits(lemma: Lemma, found: Match, spans: Mapping[Symbol, Expr]) -> bool:
    """Whether the lemma's indices run over the ranges of what they became, and its derivatives stay what they are."""
    for index, span in merge_ranges(lemma.left.ranges, lemma.right.ranges).items():
        became = found.indices.get(index)
        if not isinstance(became, Var) or spans.get(became.symbol) != span.size.subs(found.sizes, simultaneous=True):
            return False
    entries = [
        part.entry.tensor for side in (lemma.left, lemma.right) for part in walk(side) if isinstance(part, Derivative)
    ]
    return all(_independent(tensor, found) for tensor in entries)


def _independent(tensor: Tensor, found: Match) -> bool:
    """Whether an input became an entry under indices of its own, of a tensor that nothing else depends on."""
    symbols, body = found.inputs.get(tensor, ((), None))
    if not isinstance(body, Element) or None in body.symbols or len(set(body.symbols)) != len(body.symbols):
        return False
    others = [other for key, (_, other) in found.inputs.items() if key != tensor]
    return set(symbols) <= set(body.symbols) and not any(
        body.tensor in reachable(part.tensor) for other in others for part in elements(other)
    )


def matches(pattern: Written, target: Written, known: Match) -> Iterator[Match]:
    """The ways in which a pattern fits an expression."""
    if isinstance(pattern, Element):
        yield from _element(pattern, target, known)
    elif isinstance(pattern, Var):
        yield from _letter(pattern.symbol, target, known)
    elif type(pattern) is type(target) and len(pattern.kids) == len(target.kids):
        if isinstance(pattern, Binder) and isinstance(target, Binder):
            yield from _binder(pattern, target, known)
        elif isinstance(target, Derivative):
            held = replace(known, held=known.held | {target.entry.tensor})
            for found in _all(pattern.kids, target.kids, held):
                yield replace(found, held=known.held)
        elif pattern.head == target.head:
            yield from _all(pattern.kids, target.kids, known)


def _all(patterns: tuple[Written, ...], targets: tuple[Written, ...], known: Match) -> Iterator[Match]:
    if not patterns:
        yield known
        return
    for found in matches(patterns[0], targets[0], known):
        yield from _all(patterns[1:], targets[1:], found)


def _letter(symbol: Symbol, target: Written, known: Match) -> Iterator[Match]:
    """An index or a size."""
    if symbol.is_positive:
        if isinstance(target, Var) and target.symbol.is_positive:
            yield from _size(symbol, target.symbol, known)
    elif symbol in known.indices:
        if known.indices[symbol] == target:
            yield known
    elif isinstance(target, Var) and not target.symbol.is_positive and target.symbol not in known.bound:
        yield replace(known, indices={**known.indices, symbol: target})


def _size(size: Expr, target: Expr, known: Match) -> Iterator[Match]:
    if not size.is_Symbol:
        if size.subs(known.sizes) == target:
            yield known
    elif known.sizes.get(size, target) == target:
        yield replace(known, sizes={**known.sizes, size: target})


def _binder(pattern: Binder, target: Binder, known: Match) -> Iterator[Match]:
    for sized in _size(pattern.size, target.size, known):
        inner = {**sized.indices, pattern.index: Var((), (target.index,))}
        inside = replace(sized, indices=inner, bound=sized.bound | {target.index})
        for found in matches(pattern.body, target.body, inside):
            kept = {symbol: value for symbol, value in found.indices.items() if symbol != pattern.index}
            yield replace(found, indices=kept, bound=known.bound)


def _element(pattern: Element, target: Written, known: Match) -> Iterator[Match]:
    tensor = pattern.tensor
    if tensor.origin is not None:
        opens = isinstance(target, Element) and _opens(target.tensor) and target.tensor not in known.held
        if _opens(tensor):
            seen = frozenset(symbol for value in known.indices.values() for symbol in loose_symbols(value))
            inside = apart(_opened(target), seen | known.bound | frozenset(target.ranges)) if opens else target
            yield from matches(_opened(pattern), inside, known)
    elif tensor in known.inputs:
        letters = sorted(loose_symbols(pattern), key=str)
        for placed in _placed(letters, target, known):
            if instance(pattern, placed) == target:
                yield placed
    else:
        yield from _assigned(pattern, target, known)


def _assigned(pattern: Element, target: Written, known: Match) -> Iterator[Match]:
    """An input's first meeting: it becomes the target as a function of the indices at which it stands."""
    letters = [kid.symbol for kid in pattern.kids if isinstance(kid, Var)]
    if len(letters) != len(pattern.kids) or len(set(letters)) != len(letters):
        return
    for placed in _placed(letters, target, known):
        own = [placed.indices[letter] for letter in letters]
        symbols = tuple(index.symbol for index in own if isinstance(index, Var))
        if len(set(symbols)) != len(letters) or not _in_domain(pattern.tensor, target, symbols):
            continue
        if (loose_symbols(target) & placed.bound) - set(symbols):
            continue
        for sized in _spanned(pattern.tensor, target, symbols, placed):
            yield replace(sized, inputs={**sized.inputs, pattern.tensor: (symbols, target)})


def _placed(letters: list[Symbol], target: Written, known: Match) -> Iterator[Match]:
    """The ways in which letters that stand for nothing yet can stand for indices of the target."""
    missing = [letter for letter in letters if letter not in known.indices]
    if not missing:
        yield known
        return
    for symbol in sorted(set(target.ranges) - known.bound, key=str):
        chosen = replace(known, indices={**known.indices, missing[0]: Var((), (symbol,))})
        yield from _placed(letters, target, chosen)


def _spanned(tensor: Tensor, target: Written, symbols: tuple[Symbol, ...], known: Match) -> Iterator[Match]:
    """The input's axes are as long as the target's indices run."""
    found = [known]
    for size, symbol in zip(tensor.shape, symbols, strict=True):
        span = target.ranges.get(symbol)
        found = [sized for one in found for sized in (_size(size, span.size, one) if span is not None else [one])]
    yield from found


def _in_domain(tensor: Tensor, target: Written, symbols: tuple[Symbol, ...]) -> bool:
    """Whether every value of the target lies where the input's entries live."""
    inside = [tensor for part in elements(target) for tensor in reachable(part.tensor)]
    if any(isinstance(part, (Hidden, Expectation)) for part in walk(target)) or any(map(_hides, inside)):
        return False
    match tensor.domain.kind:
        case "real":
            return True
        case "positive":
            return sign(target) >= POSITIVE
        case "nonnegative":
            return sign(target) >= NONNEGATIVE
    if not isinstance(target, Element) or target.tensor.domain != tensor.domain:
        return False
    return not symbols or (target.symbols[-1] == symbols[-1] and target.symbols.count(symbols[-1]) == 1)


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
            return _instance(_opened(node), found)
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


def _opens(tensor: Tensor) -> bool:
    return tensor.origin is not None and tensor.origin.size is None


def _hides(tensor: Tensor) -> bool:
    """Whether a definition speaks of −∞, or of expectations."""
    if not _opens(tensor):
        return tensor.origin is not None or tensor.domain.kind == "random"
    return any(isinstance(part, (Hidden, Expectation)) for part in walk(tensor.origin.definition.body))


def _opened(node: Any) -> Any:
    definition = node.tensor.origin.definition
    return substitute(definition.body, dict(zip(definition.indices, node.kids, strict=True)))
