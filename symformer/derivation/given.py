"""What is given, in words: the shapes and domains of inputs, and what indices run over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Expr, Symbol

from symformer.derivation.leaves import leaf_names
from symformer.notation import Tensor, Written, lift, walk
from symformer.notation.operators import Binder
from symformer.typeset import Box, Number, Script, Sign
from symformer.typeset.boxes import Fence, row
from symformer.typeset.names import name_box
from symformer.writers import Inline, Link


def grouped(tensors: Iterable[Tensor]) -> list[Inline]:
    """Inputs with their shapes and domains, in one item where these are the same: `W_Q, W_K ∈ ℝ^{d×k}`."""
    alike: dict[tuple[Any, ...], list[Tensor]] = {}
    for tensor in tensors:
        alike.setdefault((tensor.shape, tensor.domain) if tensor.shape else (tensor.name,), []).append(tensor)
    return [describe(*found) for found in alike.values()]


def describe(tensor: Tensor, *others: Tensor) -> Inline:
    """An input, or several of one shape, with shape and domain: `x ∈ ℝⁿ`."""
    kind = tensor.domain.kind
    if others:
        *before, last = (tensor, *others)
        names = [item for one in before for item in (one.box, ", ")]  # apart, so that a line may break between them
        return (*names, row(last.box, Sign("∈"), _space(tensor)), *_words(tensor))
    if kind in ("positive", "nonnegative") and not tensor.shape:
        return (row(tensor.box, Sign(">" if kind == "positive" else "≥"), Number("0")),)
    if kind == "unit" and not tensor.shape:
        return (row(Number("0"), Sign("<"), tensor.box, Sign("<"), Number("1")),)
    if tensor.domain.bounds is not None and not tensor.shape:
        low, high = (lift(end).layout().box for end in tensor.domain.bounds)
        return (row(low, Sign("≤"), tensor.box, Sign("≤"), high),)
    formula = row(tensor.box, Sign("∈"), _space(tensor))
    return (formula, *_words(tensor))


def shape_box(tensor: Tensor) -> Box | None:
    """Its sizes, `n × d`; nothing for a number."""
    return _times(tensor.shape) if tensor.shape else None


def _space(tensor: Tensor) -> Box:
    base: Box = Sign("ℝ")
    if tensor.domain.kind == "mask":
        base = Fence("{", row(Number("0"), Sign(","), Number("1")), "}")
    if tensor.domain.whole:
        upper = tensor.domain.upper
        top = [Sign(","), lift(upper).layout().box] if upper is not None else []
        least = lift(1 if tensor.domain.lower is None else tensor.domain.lower).layout().box
        base = Fence("{", row(least, Sign(","), Sign("…"), *top), "}")
    return Script(base, None, _times(tensor.shape)) if tensor.shape else base


def _times(shape: Sequence[Expr]) -> Box:
    items: list[Box] = []
    for size in shape:
        items += [Sign("×"), lift(size).layout().box] if items else [lift(size).layout().box]
    return row(*items)


def _words(tensor: Tensor) -> Inline:
    domain = tensor.domain
    match domain.kind:
        case "positive":
            return (", every entry positive",)
        case "nonnegative":
            return (", no entry negative",)
        case "unit":
            return (", every entry more than 0 and less than 1",)
        case "interval":
            assert domain.bounds is not None
            low, high = (lift(end).layout().box for end in domain.bounds)
            return (", every entry from ", low, " to ", high)
        case "sphere":
            return (f", {'each row' if tensor.shape[1:] else 'a vector'} of length 1",)
        case "simplex":
            return (f", every entry positive, and {'each row sums' if tensor.shape[1:] else 'they sum'} to 1",)
        case "mask":
            return (", and each row has at least one 1",) if domain.sees else ()
        case "permutation":
            return (f", a permutation: each number occurs once{' in each row' * bool(tensor.shape[1:])}",)
        case "random":
            return (" random: its entries are independent, with ", *_moments(tensor))
    return ()


def _moments(tensor: Tensor) -> Inline:
    parts: list[str | Box | Link] = []
    for order, value in tensor.domain.moments:
        power = Script(tensor.box, None, Number(str(order))) if order > 1 else tensor.box
        moment = row(Sign("𝔼"), Fence("[", power, "]"), Sign("="), lift(value).layout().box)
        parts += [" and ", moment] if parts else [moment]
    return tuple(parts)


def index_ranges(expressions: Iterable[Written], named: Iterable[tuple[Symbol, Expr]] = ()) -> list[Inline]:
    """One item for all indices of one range: `i, j, k run from 1 to n`; each index stands in one item.

    Args:
        expressions: the indices in them run over what they stand at.
        named: other indices, with what they run over.
    """
    found: dict[Expr, set[str]] = {}
    for index, size in named:
        found.setdefault(size, set()).add(index.name)
    for expression in expressions:
        for index, span in expression.ranges.items():
            found.setdefault(span.size, set()).add(index.name)
        for node in walk(expression.as_printed()):
            if isinstance(node, Binder):
                found.setdefault(node.size, set()).add(node.index.name)
    spans: dict[str, list[Expr]] = {}
    for size in sorted(found, key=str):
        for letter in sorted(found[size]):
            spans.setdefault(letter, []).append(size)
    together: dict[tuple[Expr, ...], list[str]] = {}
    for letter, own in spans.items():
        together.setdefault(tuple(own), []).append(letter)
    return [_range(letters, own) for own, letters in together.items()]


def index_names(expressions: Iterable[Written]) -> frozenset[str]:
    """How the indices of expressions are printed, bound ones too."""
    found: set[Symbol] = set()
    for expression in expressions:
        bound = (node.index for node in walk(expression.as_printed()) if isinstance(node, Binder))
        found |= {*expression.ranges, *bound}
    return frozenset(name for letter in found for name in leaf_names(name_box(letter.name)))


def _range(letters: list[str], sizes: Sequence[Expr]) -> Inline:
    items: list[Box] = []
    for letter in letters:
        items += [Sign(","), name_box(letter)] if items else [name_box(letter)]
    verb = " runs from 1 to " if len(letters) == 1 else " run from 1 to "
    ends = [part for size in sizes for part in (" or to ", lift(size).layout().box)][1:]
    return (row(*items), verb, *ends, *((", as far as the axis reaches",) if len(sizes) > 1 else ()))
