"""A head at a model's own numbers: what the model computed, by the names of the head's program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.models import LoadedModel
from symformer.models import letters as at
from symformer.models.running.asked import Asked
from symformer.models.running.stages import PRECISE, Section
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
    section, inside = section_of(model, layer)
    found = head_of(model, section.loop, section.stack, head)
    results = model(list(ids), attentions=False)
    states = results["hidden_states"]
    inputs = model.layer_inputs(section, Asked(list(ids)), inside)
    inputs[section.loop.carried[0].formal.name] = states[layer]
    logits = results["logits"][-1] if "logits" in results and results["logits"].ndim == 2 else None
    return Traced(model, tuple(ids), layer, head, found, _numbers(found, inputs), np.stack(states), logits)


def section_of(model: LoadedModel, layer: int) -> tuple[Section, int]:
    """The stack that a layer of the model belongs to, and its number there.

    Raises:
        TraceError: there is no such layer, or the model has an encoder beside its decoder.
    """
    if model.architecture.has_encoder or model.architecture.image is not None:
        raise TraceError(f"{model.model_type}: expected a model of one stream over words")
    sections = model.stages(False).sections
    numbers = [(one, number) for one in sections for number in range(model.sizes[one.stack.layers])]
    if not 0 <= layer < len(numbers):
        raise TraceError(f"layer: expected 0..{len(numbers) - 1}, got {layer}")
    return numbers[layer]


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
