"""The ways in which a lemma fits an expression, as a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Symbol

from symformer.notation import (
    Binder,
    Derivative,
    Element,
    Expectation,
    Hidden,
    Tensor,
    Var,
    Written,
    walk,
)
from symformer.programs import definition_at, elements, is_defined, reachable
from symformer.proof.lemmas.match import Match, hides, instance
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign


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
        opens = isinstance(target, Element) and is_defined(target.tensor) and target.tensor not in known.held
        if is_defined(tensor):
            inside = definition_at(target) if opens else target
            yield from matches(definition_at(pattern), inside, known)
    elif tensor in known.inputs:
        letters = sorted(pattern.free, key=str)
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
        if (target.free & placed.bound) - set(symbols):
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
    if any(isinstance(part, (Hidden, Expectation)) for part in walk(target)) or any(map(hides, inside)):
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
