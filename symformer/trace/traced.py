"""A head at a model's own numbers: what the model computed, by the names of the head's program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.models import LoadedModel
from symformer.models import letters as at
from symformer.models.running.stages import PRECISE
from symformer.trace.head import Head, TraceError, head_of


@dataclass(frozen=True)
class Traced:
    """A head, and what a model computed with it.

    Attributes:
        model: the model.
        ids: the tokens.
        layer: the number of the layer, from 0.
        number: the number of the head, from 0.
        head: its program.
        numbers: an array for each input and statement of the head, by name.
        streams: the residual stream before each layer, and the last hidden state, (L + 1, n, d).
        logits: the scores of the last token over the vocabulary, or None.
    """

    model: LoadedModel
    ids: tuple[int, ...]
    layer: int
    number: int
    head: Head
    numbers: Mapping[str, Any]
    streams: Any
    logits: Any

    @property
    def sizes(self) -> dict[Any, int]:
        """A number for each size."""
        return {**self.model.sizes, at.n: len(self.ids)}


def trace(model: LoadedModel, ids: Sequence[int], layer: int, head: int) -> Traced:
    """Runs a model and keeps what one head of one layer did.

    Args:
        model: a loaded model.
        ids: token ids.
        layer: the number of the layer, from 0.
        head: the number of the head, from 0.

    Raises:
        TraceError: there is no such layer or head.
        InputError: ids that do not fit.
    """
    layers = model.sizes[at.L]
    if not 0 <= layer < layers:
        raise TraceError(f"layer: expected 0..{layers - 1}, got {layer}")
    stages = model.stages(False)
    (stack,) = model.architecture.stacks
    found = head_of(model, stages.loop, stack, head)
    results = model(list(ids), attentions=False)
    states = results["hidden_states"]
    known = model.begin(stages, list(ids))
    inputs = model.layer_inputs(stages, known, layer, model.computes_in)
    inputs[stages.loop.carried[0].formal.name] = states[layer]
    logits = results["logits"][-1] if "logits" in results and results["logits"].ndim == 2 else None
    return Traced(model, tuple(ids), layer, head, found, _numbers(found, inputs), np.stack(states), logits)


def _numbers(head: Head, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of one head, and all that is computed from them."""
    program = head.computed
    own = {tensor.name: _of_head(head, tensor.name, inputs[tensor.name]) for tensor in program.inputs}
    weights = [tensor.name for tensor in program.inputs if tensor.name in head.slices]
    found = lambdify(program, "head", weights=weights, precise=PRECISE)(*own.values())
    return own | {tensor.name: array for tensor, array in zip(program.outputs, found, strict=True)}


def _of_head(head: Head, name: str, array: Any) -> Any:
    """The part of an input that belongs to the head."""
    lost = head.slices.get(name, {})
    places = [head.places[lost[axis]] if axis in lost else slice(None) for axis in range(np.ndim(array))]
    return array[tuple(places)] if lost else array
