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
from symformer.models.running.stages import PRECISE, Section, compiled, sliced
from symformer.trace.head import Head, TraceError, head_of
from symformer.trace.parts import part_of


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
        attentions: the attention weights of all heads of the layer (heads, n, n), or None.
        part: what is traced, in words.
    """

    model: LoadedModel
    ids: tuple[int, ...]
    layer: int
    number: int
    head: Head
    numbers: Mapping[str, Any]
    streams: Any
    logits: Any
    attentions: Any = None
    part: str = ""

    @property
    def kind(self) -> str:
        """What kind of part it is, in words."""
        return (
            self.part.removesuffix(f" {self.part.split()[-1]}")
            if self.part.split()[0] in ("head", "norm")
            else self.part
        )

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
    return _traced(model, ids, (section, inside), layer, head, found, f"head {head}")


def trace_part(model: LoadedModel, ids: Sequence[int], layer: int, part: str) -> Traced:
    """Runs a model and keeps what its feed-forward block or a norm did in one layer.

    Args:
        model: a loaded model.
        ids: token ids.
        layer: the number of the layer, from 0.
        part: "mlp", or the name of a norm in the layer's program, such as "N_1".

    Raises:
        TraceError: there is no such layer or part.
        InputError: ids that do not fit.
    """
    place = section_of(model, layer)
    found = part_of(place[0].loop, part)
    return _traced(model, ids, place, layer, 0, found, "feed-forward block" if part == "mlp" else f"norm {part}")


def _traced(
    model: LoadedModel, ids: Sequence[int], place: tuple[Section, int], layer: int, head: int, found: Head, part: str
) -> Traced:
    section, inside = place
    results = model(list(ids))
    states = results["hidden_states"]
    inputs = model.layer_inputs(section, Asked(list(ids)), inside)
    inputs[section.loop.carried[0].formal.name] = states[layer]
    logits = results["logits"][-1] if "logits" in results and results["logits"].ndim == 2 else None
    maps = results["attentions"][layer] if "attentions" in results else None
    numbers = _numbers(found, inputs | _entering(found, section, inputs, model))
    return Traced(model, tuple(ids), layer, head, found, numbers, np.stack(states), logits, maps, part)


def _entering(found: Head, section: Section, inputs: Mapping[str, Any], model: LoadedModel) -> dict[str, Any]:
    """What enters a part that is computed before it in the layer."""
    named = {one.name: one for one in section.loop.statements}
    wanted = [named[one.name] for one in found.steps.inputs if one.name in named]
    if not wanted:
        return {}
    stage = compiled("entering", wanted, set(sliced(section.loop)), model.sizes)
    return stage(inputs)


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
    weights = [tensor.name for tensor in program.inputs if tensor.name in head.slices or tensor.name in head.weights]
    found = lambdify(program, "head", weights=weights, precise=PRECISE)(*own.values())
    return own | {tensor.name: array for tensor, array in zip(program.outputs, found, strict=True)}


def _of_head(head: Head, name: str, array: Any) -> Any:
    """The part of an input that belongs to the head."""
    lost = head.slices.get(name, {})
    places = [head.places[lost[axis]] if axis in lost else slice(None) for axis in range(np.ndim(array))]
    return array[tuple(places)] if lost else array
