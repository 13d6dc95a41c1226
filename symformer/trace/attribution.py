"""The parts of the residual stream that add up to a logit: embeddings, each head, each feed-forward block, biases.

A norm divides by a number that all parts have made together. That number is held as it is in the run; a norm is then a
linear map, and so is all that leads from what a part writes to a logit. What each part adds can be told, and the sum is
the logit.

Source: Elhage et al. 2021, A Mathematical Framework for Transformer Circuits ("direct path"); nostalgebraist 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symformer.models import LoadedModel
from symformer.models.foldings.structure import NotFoldable, is_norm, product, terms_of
from symformer.models.running.asked import Asked
from symformer.models.running.results import merged_heads
from symformer.models.running.stages import compiled
from symformer.notation import Domain, Element, Tensor
from symformer.programs import Call, Computed, Definition, Rebuild, Repeat
from symformer.trace.head import TraceError
from symformer.trace.held import HeldNorm

Parts = dict[str, Any]  # what each part wrote (n, d), by name


@dataclass(frozen=True)
class Attribution:
    """What each part adds to a logit.

    Attributes:
        token: whose logit.
        position: of which token it is the logit after, from 0.
        logit: it, before a soft cap if there is one.
        parts: what each part adds, by name; they add up to the logit.
        held: the norms whose numbers are held.
        capped: whether a soft cap comes after.
    """

    token: int
    position: int
    logit: float
    parts: Mapping[str, float]
    held: tuple[str, ...]
    capped: bool = False

    @property
    def off(self) -> float:
        """How far the sum of the parts is from the logit."""
        return abs(sum(self.parts.values()) - self.logit)


@dataclass
class _Run:
    """A run in float64 whose parts are recorded, with what is known outside the layers."""

    model: LoadedModel
    known: dict[str, Any]
    layers: list[list[dict[str, Any]]]
    held: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, model: LoadedModel, ids: Sequence[int]) -> _Run:
        known = model.known(Asked(list(ids)), np.float64)
        inspected = model.inspection(False, ())
        sections = model.stages(False).sections
        passes = [model.through_layers(one, known, np.dtype(np.float64), inspected) for one in sections]
        end = model.stages(False).end
        known |= end(known) if end is not None else {}
        return cls(model, known, [one.parts for one in passes])

    @cached_property
    def statements(self) -> dict[str, Computed]:
        """The statements outside the layers, by name."""
        return {one.name: one for one in self.model.architecture.to_run().statements}

    def value(self, tensor: Tensor) -> Any:
        """The numbers of a tensor outside the layers."""
        if tensor.name not in self.known:
            rows = [one for one in self.statements.values() if isinstance(one.origin, Repeat)]
            given = Rebuild({one.digest: Tensor(one.name, one.shape, Domain()) for one in rows})
            stage = compiled("part", [given(tensor)], tuple(self.outside()), self.model.sizes)
            self.known[tensor.name] = stage(self.known)[tensor.name]
        return self.known[tensor.name]

    def outside(self) -> dict[str, Any]:
        """The weights outside the layers."""
        return self.model.weights.outside(np.float64)


def attribution(model: LoadedModel, ids: Sequence[int], *, token: int | None = None, position: int = -1) -> Attribution:
    """What each part of a model adds to a logit.

    Args:
        model: a model of one stream over words, whose logits are a linear map of the stream behind norms.
        ids: token ids.
        token: whose logit; by default the most likely.
        position: after which token, from 0, or from the end; by default the last.

    Raises:
        TraceError: there are no logits over words, or something else than norms and matrices leads to them.
        InputError: ids that do not fit.
    """
    if model.architecture.has_encoder or model.architecture.image is not None:
        raise TraceError(f"{model.model_type}: expected a model of one stream over words")
    run = _Run.of(model, ids)
    if "logits" not in run.statements or "logits" not in run.known:
        raise TraceError(f"{model.architecture.model_class}: expected logits over words, found none")
    if not -len(ids) <= position < len(ids):
        raise TraceError(f"position: expected 0..{len(ids) - 1}, got {position}")
    place, capped = position % len(ids), "uncapped" in run.statements
    scores = run.value(run.statements["uncapped" if capped else "logits"])
    chosen = int(np.argmax(scores[place])) if token is None else token
    if not 0 <= chosen < scores.shape[-1]:
        raise TraceError(f"token: expected 0..{scores.shape[-1] - 1}, got {chosen}")
    found = dict(_to_logit(run, _stream(run), chosen, place))
    return Attribution(chosen, place, float(scores[place, chosen]), found, tuple(dict.fromkeys(run.held)), capped)


def _to_logit(run: _Run, parts: Parts, token: int, place: int) -> Iterator[tuple[str, float]]:
    """What each part adds to a logit, back from the logit to the stream behind the last layer."""
    weights = run.outside()
    tensor: Tensor = run.statements["uncapped" if "uncapped" in run.statements else "logits"]
    read = _product(tensor, weights)
    direction = np.take(weights[read[1].weight], token, axis=1 - read[1].axis)
    if read[1].bias:
        yield read[1].bias, float(weights[read[1].bias][token])
    tensor, ends = read[0], {one.name for one in run.statements.values() if isinstance(one.origin, Repeat)}
    while tensor.name not in ends:
        if is_norm(tensor):
            norm = HeldNorm.of(tensor, weights, run.value(tensor.origin.arguments[0]))
            run.held.append(tensor.name)
            if norm.shift is not None:
                yield f"shift of {tensor.name}", float(norm.shift @ direction)
            direction, tensor = norm.back(direction, place), tensor.origin.arguments[0]
            continue
        tensor, found = _product(tensor, weights)
        weight = weights[found.weight]
        direction = weight @ direction if found.axis == 0 else direction @ weight
    yield from ((name, float(part[place] @ direction)) for name, part in parts.items())


def _product(tensor: Tensor, weights: Mapping[str, Any]) -> tuple[Tensor, Any]:
    """A tensor as a product with a weight: what is multiplied, and by what."""
    assert isinstance(tensor, Computed)
    if isinstance(tensor.origin, Definition):
        own = [one.tensor for one in tensor.origin.elements if one.tensor.name not in weights]
        try:
            if len({one.digest for one in own}) == 1:
                return own[0], product(own[0], tensor, weights)
        except NotFoldable:
            pass
    raise TraceError(f"{tensor.name}: expected norms and matrices alone between the stream and the logits")


def _stream(run: _Run) -> Parts:
    """What each part wrote into the stream behind the last layer."""
    parts: Parts = {}
    first = 0
    results = [one for one in run.statements.values() if isinstance(one.origin, Repeat)]
    for result, stack, layers in zip(results, run.model.architecture.stacks, run.layers, strict=True):
        loop = result.origin.loop
        carried, cut = loop.carried[0], run.model.cut_without[run.model.architecture.stacks.index(stack)]
        if not parts:
            parts = _Sums({}, run.value, run.outside(), run.held, "").parts(carried.start)
        for number, recorded in enumerate(layers):
            weights = run.model.weights.layer(stack, number, np.float64)
            sites = {cut.sites[site].digest: (site, array) for site, array in recorded.items()}
            label = f"{first + number}"
            parts = _Sums(sites, _unknown, weights, run.held, label, carried.formal, parts).parts(carried.after)
        first += len(layers)
    return parts


def _unknown(tensor: Tensor) -> Any:
    raise TraceError(f"{tensor.name}: what it adds to the stream is neither a head's nor a feed-forward block's")


@dataclass
class _Sums:
    """A tensor of the stream as a sum of parts.

    Attributes:
        sites: what heads and feed-forward blocks gave, by digest, with the name of the site.
        value: the numbers of any other tensor.
        weights: those of the layer, or those outside.
        held: the norms whose numbers are held, which is added to.
        label: the number of the layer, or "" outside.
        formal: the stream before the layer, or None.
        before: its parts.
    """

    sites: Mapping[str, tuple[str, Any]]
    value: Any
    weights: Mapping[str, Any]
    held: list[str]
    label: str
    formal: Tensor | None = None
    before: Parts = field(default_factory=dict)

    def parts(self, tensor: Tensor) -> Parts:
        """Its parts, by name."""
        if self.formal is not None and tensor.digest == self.formal.digest:
            return dict(self.before)
        if tensor.digest in self.sites:
            return {f"mlp {self.label}": self.sites[tensor.digest][1]}
        if is_norm(tensor):
            return self._normed(tensor)
        if isinstance(tensor, Computed) and isinstance(tensor.origin, Definition):
            terms = terms_of(tensor.origin.body)
            if len(terms) > 1 and all(
                isinstance(one, Element) and one.tensor.name not in self.weights for one in terms
            ):
                return self._added(tensor.origin)
            heads = next((one.tensor for one in tensor.origin.elements if one.tensor.digest in self.sites), None)
            if heads is not None:
                return self._heads(tensor, heads)
        return {self._named(tensor): self.value(tensor)}

    def _named(self, tensor: Tensor) -> str:
        return f"{tensor.name} of layer {self.label}" if self.label else tensor.name

    def _added(self, definition: Definition) -> Parts:
        found: Parts = {}
        for term in terms_of(definition.body):
            assert isinstance(term, Element)
            for name, part in self.parts(term.tensor).items():
                found[name] = found[name] + part if name in found else part
        return found

    def _normed(self, tensor: Tensor) -> Parts:
        """The parts of what is normalised, each through the norm with its number held, and the shift."""
        assert isinstance(tensor.origin, Call)
        inside = self.parts(tensor.origin.arguments[0])
        total = np.sum(list(inside.values()), axis=0)
        norm = HeldNorm.of(tensor, self.weights, total)
        self.held.append(self._named(tensor))
        found = {name: norm.through(part) for name, part in inside.items()}
        if norm.shift is not None:
            found[f"shift of {self._named(tensor)}"] = np.broadcast_to(norm.shift, total.shape)
        return found

    def _heads(self, tensor: Computed, heads: Tensor) -> Parts:
        """What each head adds, and the bias behind them."""
        site, array = self.sites[heads.digest]
        bias = [one.tensor.name for one in tensor.origin.elements if one.tensor.name.startswith("b_")]
        (weight,) = {one.tensor.name for one in tensor.origin.elements} & set(self.weights) - set(bias)
        merged = merged_heads(array, 2)
        whole = self.weights[weight].reshape(merged.shape[0], merged.shape[-1], -1)
        mark = "" if site == "self" else f".{site}"
        found = {f"head {self.label}.{number}{mark}": merged[number] @ whole[number] for number in range(len(merged))}
        for name in bias:
            found[f"{name} of layer {self.label}"] = np.broadcast_to(
                self.weights[name], next(iter(found.values())).shape
            )
        return found
