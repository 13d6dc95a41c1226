"""A decoder compiled for a few new tokens at a time: keys and values of earlier ones are kept, not computed again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.attention import CACHE
from symformer.models.keys import ConfigError
from symformer.models.model import Model
from symformer.models.running.inputs import window_array
from symformer.models.running.layers import layer_inputs
from symformer.models.running.rotary import rotary_inputs
from symformer.models.running.stages import Stage, Stages, compiled, cut, repeated
from symformer.models.running.weights import Weights


@dataclass
class Cache:
    """Keys and values so far, for each layer and by name, in arrays with room for more.

    Attributes:
        length: how many positions are filled.
        room: how many there is room for.
        kept: for each layer, an array by name.
    """

    length: int
    room: int
    kept: list[dict[str, Any]]

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
        self.names = next(iter(model.architecture.cached.values()), ())
        if not self.names or "logits" not in {output.name for output in model.program.outputs}:
            raise ConfigError(f"{model.architecture.model_class}: is no decoder with a head over the vocabulary")

    @cached_property
    def stages(self) -> Stages:
        """The program whose attention reads the cache."""
        return cut(self.model.architecture.to_run(cached=True), self._outside, ["logits"])

    @cached_property
    def _outside(self) -> tuple[str, ...]:
        return tuple(self.weights.outside(self.weights.dtype))

    @cached_property
    def _remembered(self) -> tuple[Stage, dict[str, int]]:
        """What computes a layer's new keys and values, and the axis of positions of each, from the end."""
        loop = repeated(self.model.architecture.to_run()).origin.loop
        tensors = [next(one for one in loop.statements if one.name == name) for name in self.names]
        axes = {one.name: one.shape.index(at.n) - len(one.shape) for one in tensors}
        return compiled("remembered", tensors, {bound.formal.name for bound in loop.each}), axes

    def cache(self, room: int) -> Cache:
        """An empty cache."""
        return Cache(0, room, [{} for _ in range(self.model.sizes[at.L])])

    def step(self, ids: Any, positions: Any, mask: Any, cache: Cache, dtype: Any) -> Any:
        """The logits of new tokens (batch, n, V); the cache is written to.

        Args:
            ids: the new tokens (batch, n).
            positions: theirs (batch, n).
            mask: which of all m positions so far are no padding (batch, m).
            cache: of the m − n positions before.
            dtype: what to compute in.
        """
        stages, (new, axes) = self.stages, self._remembered
        known = {
            "ids": ids,
            "mask": mask,
            "positions": positions,
            "windows": window_array(self.model.architecture.windows),
        }
        known |= rotary_inputs(self.model, dtype) | self.weights.outside(dtype)
        known |= stages.begin(known)
        carried = stages.loop.carried[0]
        stream = known[carried.start.name]
        for number in range(self.model.sizes[at.L]):
            inputs = layer_inputs(stages.loop, self.weights, known, number, dtype) | {carried.formal.name: stream}
            for name, array in new(inputs).items():
                inputs[name + CACHE] = cache.add(number, name, array, array.ndim + axes[name])
            stream = stages.layer(inputs)[carried.after.name]
        cache.length += ids.shape[-1]
        known[stages.name] = stream
        assert stages.end is not None
        return stages.end(known)["logits"]
