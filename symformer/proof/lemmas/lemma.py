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

from collections.abc import Mapping
from dataclasses import dataclass

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
    merge_ranges,
    walk,
)
from symformer.programs import elements, reachable
from symformer.proof.lemmas.match import NOTHING, Match, hides, instance
from symformer.proof.lemmas.matching import matches


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


def rewritten(node: Written, lemma: Lemma, spans: Mapping[Symbol, Expr]) -> Written:
    """The expression with every instance of the lemma's left side replaced, outermost first.

    Args:
        node: the expression.
        lemma: the rule.
        spans: what the indices around it run over.
    """
    if not usable(lemma):
        return node
    return _rewritten(node, lemma, spans)


def _rewritten(node: Written, lemma: Lemma, spans: Mapping[Symbol, Expr]) -> Written:
    for found in matches(lemma.left, node, NOTHING):
        new = instance(lemma.right, found) if _fits(lemma, found, spans) else None
        if new is not None:
            return new
    inside = {**spans, node.index: node.size} if isinstance(node, Binder) else spans
    kids = tuple(_rewritten(kid, lemma, inside) for kid in node.kids)
    return node.rebuild(kids) if kids else node


def usable(lemma: Lemma) -> bool:
    """Whether a lemma can be matched soundly at all."""
    parts = [part for side in (lemma.left, lemma.right) for part in walk(side)]
    return not any(
        isinstance(part, (Expectation, Hidden))
        or (isinstance(part, Derivative) and part.entry.tensor.origin is not None)
        or (isinstance(part, Element) and any(hides(tensor) for tensor in reachable(part.tensor)))
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
