"""What a model costs at a batch, a length and a number format: formulas, and numbers put into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy
from sympy import Add, Expr, Integer, Min, Mul, Rational, Symbol

from symformer.cost import Counts, Statement, largest_batch, optimizer_bytes, width_of
from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.program import B, cached_tensors, counts_of, parts_of


@dataclass(frozen=True)
class Amount:
    """A formula, and what it comes to."""

    formula: Expr
    number: int


@dataclass(frozen=True)
class Settings:
    """At what a model is priced.

    Attributes:
        batch: how many sequences.
        seq: how long they are.
        encoder_seq: how long those of an encoder are that a decoder asks.
        dtype: the format of parameters, gradients, activations and the cache.
        optimizer: what training keeps beside.
        recompute: what training computes again: "none", "selective" or "full".
    """

    batch: int
    seq: int
    encoder_seq: int
    dtype: str
    optimizer: str
    recompute: str


@dataclass(frozen=True)
class Component:
    """What one part of a model takes: its parameters, its contractions forward and backward, bytes that it keeps."""

    name: str
    parameters: Amount
    forward: Amount
    backward: Amount
    activations: Amount


@dataclass(frozen=True)
class Flops:
    """FLOPs of a batch. The contractions are what is called a model's FLOPs; all else is `rest`.

    Attributes:
        forward: contractions of the forward pass.
        backward: contractions of the backward pass.
        recomputed: contractions that are done again in it.
        rest_forward: additions, functions and the like, by the rules of `symformer.cost.flops`.
        rest_backward: the same of the backward pass.
    """

    forward: Amount
    backward: Amount
    recomputed: Amount
    rest_forward: Amount
    rest_backward: Amount

    @property
    def training(self) -> int:
        """Contractions of a training step."""
        return self.forward.number + self.backward.number + self.recomputed.number


@dataclass(frozen=True)
class Memory:
    """Bytes.

    Attributes:
        weights: the parameters.
        kv_cache: keys and values, or latents, of all positions of the batch.
        gradients: of all parameters.
        optimizer: averages, and the float32 copy of narrower parameters.
        activations: what is kept for the backward pass.
    """

    weights: Amount
    kv_cache: Amount
    gradients: Amount
    optimizer: Amount
    activations: Amount

    @property
    def inference(self) -> int:
        """Parameters and cache."""
        return self.weights.number + self.kv_cache.number

    @property
    def training(self) -> int:
        """Parameters, gradients, optimizer and activations."""
        return self.weights.number + self.gradients.number + self.optimizer.number + self.activations.number

    def largest_batches(self, memory: int, batch: int) -> dict[str, int]:
        """How many sequences fit into so many bytes, in inference and in training.

        Raises:
            NotationError: a sequence takes no memory.
        """
        fixed = self.training - self.activations.number
        found = {"training": largest_batch(memory, fixed, self.activations.number // batch)}
        if self.kv_cache.number:
            found["inference"] = largest_batch(memory, self.weights.number, self.kv_cache.number // batch)
        return found


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Attributes:
        architecture: the model.
        settings: at what it is priced.
        stored: bytes of the weights where they are stored quantised, else None.
    """

    architecture: Architecture
    settings: Settings
    stored: int | None = None

    def at_length(self, seq: int) -> Cost:
        """The same at another length; what was counted in symbols is kept."""
        found = replace(self, settings=replace(self.settings, seq=seq, encoder_seq=seq))
        found.__dict__["counts"] = self.counts
        return found

    @cached_property
    def counts(self) -> Counts:
        """What its program takes, in symbols."""
        return counts_of(self.architecture)

    @property
    def parameters(self) -> int:
        """How many numbers it holds."""
        return self._sum(parameters_by_part(self.architecture).values()).number

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What each part takes: embedding, attention, feed_forward, norm, head and the like."""
        held = parameters_by_part(self.architecture)
        parts = parts_of(self.architecture, self.counts)
        names = dict.fromkeys([*held, *parts.values()])
        statements = {name: [one for one in self.counts.statements if parts[one.key] == name] for name in names}
        found = [self._component(name, held, statements[name]) for name in names]
        return tuple(one for one in found if one.parameters.number or one.forward.number or one.activations.number)

    @cached_property
    def flops(self) -> Flops:
        """FLOPs of the batch."""
        again = self.counts.recomputed(self.settings.recompute)
        counts = self.counts
        works = (counts.forward, counts.backward, again)
        amounts = [work.contraction for work in works] + [counts.forward.rest, counts.backward.rest]
        return Flops(*map(self._amount, amounts))

    @cached_property
    def memory(self) -> Memory:
        """Bytes of the batch."""
        dtype, width = self.settings.dtype, self._width
        parameters = Add(*parameters_by_part(self.architecture).values())
        kept = self.counts.activations(self.settings.recompute, width=width)
        optimizer = optimizer_bytes(self.settings.optimizer, dtype) * parameters
        sizes = (width * parameters, width * self._cache(), width * parameters, optimizer, kept)
        found = Memory(*map(self._amount, sizes))
        return found if self.stored is None else replace(found, weights=Amount(Integer(self.stored), self.stored))

    @property
    def _width(self) -> Rational:
        width = width_of(self.settings.dtype)
        return Rational(width.numerator, width.denominator)

    def _cache(self) -> Expr:
        """Numbers that decoding keeps: of each cached tensor all positions, or those of its layer's window."""
        total: Expr = Integer(0)
        for tensor, layers in cached_tensors(self.architecture):
            everywhere = Mul(*tensor.shape)
            windows = Counter(self.architecture.windows)
            spans = [
                (count if len(windows) > 1 else layers) * _within(everywhere, window)
                for window, count in windows.items()
            ]
            total += Add(*spans) if spans else layers * everywhere
        return B * total

    def _component(self, name: str, held: Mapping[str, Expr], statements: Iterable[Statement]) -> Component:
        own = list(statements)
        forward, backward = ([getattr(s, side).contraction * s.times for s in own] for side in ("forward", "backward"))
        wanted = set(self.counts.kept(self.settings.recompute))
        kept = [one.elements * one.times * (1 if one.kind == "mask" else self._width)
                for s in own for one in s.kept if one in wanted]  # fmt: skip
        return Component(name, self._amount(held.get(name, Integer(0))), *map(self._sum, (forward, backward, kept)))

    def _sum(self, parts: Iterable[Expr]) -> Amount:
        return self._amount(Add(*parts))

    def _amount(self, formula: Expr) -> Amount:
        tied = self.architecture.tied_sizes(formula)
        given = self.settings
        numbers: dict[Symbol, int] = {
            B: given.batch,
            at.n: given.seq,
            at.m: given.encoder_seq,
            **self.architecture.sizes,
        }
        return Amount(tied, int(sympy.ceiling(tied.subs(numbers))))


def _within(elements: Expr, window: int | None) -> Expr:
    """Of a tensor over all positions, what a window of them takes."""
    return elements.subs(at.n, Min(at.n, window)) if window else elements


def parameters_by_part(architecture: Architecture) -> dict[str, Expr]:
    """How many numbers each part holds, in symbols."""
    found: dict[str, Expr] = {}
    stacks = [(stack.layers, stack.rows) for stack in architecture.stacks]
    for times, rows in [(Integer(1), architecture.outside), *stacks]:
        for stored in rows:
            experts = at.n_X if "{x}" in stored.name else Integer(1)
            found[stored.part] = found.get(stored.part, Integer(0)) + times * experts * stored.elements
    return found
