"""A decoder compiled for a few new tokens at a time: keys and values of earlier ones are kept, not computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol

from symformer.models import letters as at
from symformer.models.attention import CACHE
from symformer.models.keys import ConfigError
from symformer.models.layout import Stack
from symformer.models.model import Model
from symformer.models.running.asked import per_layer
from symformer.models.running.layers import layer_inputs
from symformer.models.running.numbering import bucket_array
from symformer.models.running.rotary import rotary_inputs
from symformer.models.running.routing import routed_layer
from symformer.models.running.stages import Section, Stage, Stages, compiled, cut, repeated, sliced
from symformer.models.running.weights import Weights
from symformer.programs import Loop


@dataclass
class Cache:
    """Keys and values so far, for each layer and by name, in arrays with room for more.

    Attributes:
        length: how many positions are filled.
        room: how many there is room for.
        kept: for each layer, an array by name.
        crossed: for each layer, keys and values of an encoder's positions, by name.
        given: what else every step reads, by name.
    """

    length: int
    room: int
    kept: list[dict[str, Any]]
    crossed: list[dict[str, Any]] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def add(self, layer: int, name: str, new: Any, axis: int) -> Any:
        """Writes the new positions of a layer behind those before, and returns all."""
        if name not in self.kept[layer]:
            shape = (*new.shape[:axis], self.room, *new.shape[axis + 1 :])
            self.kept[layer][name] = np.empty(shape, new.dtype)
        ahead = (slice(None),) * axis
        array = self.kept[layer][name]
        end = self.length + new.shape[axis]
        array[(*ahead, slice(self.length, end))] = new
        return array[(*ahead, slice(end))]


class Decoder:
    """A model for one token after the other.

    Args:
        model: a decoder with a head over the vocabulary.
        weights: its weights.

    Raises:
        ConfigError: it is none.
    """

    def __init__(self, model: Model, weights: Weights) -> None:
        self.model, self.weights = model, weights
        architecture = model.architecture
        if not architecture.cached or "logits" not in {output.name for output in model.program.outputs}:
            raise ConfigError(f"{architecture.model_class}: is no decoder with a head over the vocabulary")
        self.side = "decoder_" if architecture.has_encoder else ""
        self.stacks = tuple(stack for stack in architecture.stacks if stack.layers in architecture.cached)

    @cached_property
    def stages(self) -> Stages:
        """The program whose attention reads the cache."""
        whole, layer = self.model.architecture.to_run(cached=True), routed_layer(self.model.architecture.routing)
        return cut(whole, self.stacks, self.model.sizes, self._outside, ["logits"], layer=layer)

    @cached_property
    def _outside(self) -> tuple[str, ...]:
        return tuple(self.weights.outside(self.weights.dtype))

    @cached_property
    def _remembered(self) -> dict[Symbol, tuple[Stage, dict[str, int]]]:
        """What computes a layer's new keys and values, and the axis of positions of each, from the end, by stack."""
        return {stack.layers: self._keeping(stack, at.n) for stack in self.stacks}

    @cached_property
    def _crossed(self) -> Stage | None:
        """What computes keys and values of what an encoder found."""
        return self._keeping(self.stacks[-1], at.m)[0] if self.side else None

    def _keeping(self, stack: Stack, length: Symbol) -> tuple[Stage, dict[str, int]]:
        """What computes those of the kept tensors of a layer that have an axis of this length, and where that is."""
        loop, names = self._loop(stack), self.model.architecture.cached[stack.layers]
        found = {one.name: one for one in loop.statements if one.name in names and length in one.shape}
        axes = {name: one.shape.index(length) - len(one.shape) for name, one in found.items()}
        return compiled("remembered", found.values(), set(sliced(loop)), self.model.sizes), axes

    def _loop(self, stack: Stack) -> Loop:
        """The layers as they are without a cache."""
        architecture = self.model.architecture
        loops: list[Loop] = [one.origin.loop for one in repeated(architecture.to_run())]
        return loops[architecture.stacks.index(stack)]

    def cache(self, room: int) -> Cache:
        """An empty cache."""
        return Cache(0, room, [{} for stack in self.stacks for _ in range(self.model.sizes[stack.layers])])

    def remember(self, cache: Cache, memory: Any, mask: Any, dtype: Any) -> None:
        """Keeps keys and values of what an encoder found, (batch, m, d), and which of it is no padding."""
        assert self._crossed is not None
        (stack,) = self.stacks
        cache.given["mask"] = mask
        for number in range(self.model.sizes[stack.layers]):
            known = {"memory": memory, **self.weights.layer(stack, number, dtype)}
            cache.crossed.append({name + CACHE: array for name, array in self._crossed(known).items()})

    def step(self, ids: Any, positions: Any, mask: Any, cache: Cache, dtype: Any) -> Any:
        """The logits of new tokens (batch, n, V); the cache is written to.

        Args:
            ids: the new tokens (batch, n).
            positions: theirs (batch, n), counted from 0.
            mask: which of all positions so far are no padding (batch, m).
            cache: of the positions before.
            dtype: what to compute in.
        """
        known = self._known(ids, positions, mask, cache, dtype)
        first = 0
        for section in self.stages.sections:
            known |= section.begin(known) if section.begin is not None else {}
            carried = section.loop.carried[0]
            stream = known[carried.start.name]
            for number in range(self.model.sizes[section.loop.size]):
                inputs = layer_inputs(section, self.weights, known, number, dtype) | {carried.formal.name: stream}
                inputs |= dict(self._kept(section, inputs, cache, first + number))
                stream = section.layer(inputs)[carried.after.name]
            known[section.name] = stream
            first += self.model.sizes[section.loop.size]
        cache.length += ids.shape[-1]
        assert self.stages.end is not None
        return self.stages.end(known)["logits"]

    def _kept(self, section: Section, inputs: Mapping[str, Any], cache: Cache, layer: int) -> Iterator[tuple[str, Any]]:
        """Keys and values that a layer reads, with those of the new positions."""
        new, axes = self._remembered[section.stack.layers]
        for name, array in new(inputs).items():
            yield name + CACHE, cache.add(layer, name, array, array.ndim + axes[name])
        if cache.crossed:
            yield from cache.crossed[layer].items()

    def _known(self, ids: Any, positions: Any, mask: Any, cache: Cache, dtype: Any) -> dict[str, Any]:
        architecture = self.model.architecture
        placed = np.asarray(positions) + architecture.places.offset + architecture.places.first
        own = {"ids": ids, "mask": mask, "positions": placed}
        if architecture.buckets is not None:
            end = cache.length + ids.shape[-1]
            queries = np.arange(cache.length, end)
            own["buckets"] = bucket_array(architecture.buckets, queries, np.arange(end), both=False)
        known = cache.given | {self.side + name: array for name, array in own.items()}
        if at.n_T in self.model.sizes:
            known["token_types"] = np.zeros(ids.shape, np.int64)
        known |= per_layer(self.model)
        return known | rotary_inputs(self.model, dtype, int(placed.max()) + 1) | self.weights.outside(dtype)
