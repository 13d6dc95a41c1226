"""What a model gives back: the tensors of its program, under the names that the transformers library gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symformer.models import letters as at
from symformer.models.model import Model
from symformer.models.running.stages import ATTENTIONS

OWN, CROSS = ATTENTIONS


class Pass(NamedTuple):
    """What the layers of a stack computed.

    Attributes:
        states: the stream before each layer, and after the last.
        attentions: the attention weights of each layer, by name, if they were asked for.
        parts: what the heads and the feed-forward block of each layer gave, by site, if that was asked for.
    """

    states: list[Any]
    attentions: list[dict[str, Any]]
    parts: list[dict[str, Any]]


def results(model: Model, known: Mapping[str, Any], passes: Sequence[Pass], last: str) -> dict[str, Any]:
    """The outputs of a call.

    Args:
        model: the model.
        known: all that was computed outside the layers, by name.
        passes: what the layers of each stack computed.
        last: the name of the last hidden state.
    """
    found = _heads(model, known)
    if not model.architecture.has_encoder:
        states = [state for one in passes for state in one.states[:-1]]
        states.append(known[last] if model.architecture.last_state else passes[-1].states[-1])
        found |= {"last_hidden_state": known[last], "hidden_states": tuple(states)}
        found |= parts_of("", [layer for one in passes for layer in one.parts], states[0].ndim)
        return found | _attentions("", [layer for one in passes for layer in one.attentions], states[0].ndim)
    for side, one in zip(("encoder", "decoder"), passes, strict=True):
        end = known[last] if side == "decoder" else known[model.architecture.memory]
        found |= {f"{side}_hidden_states": (*one.states[:-1], end)}
        found |= {"last_hidden_state" if side == "decoder" else "encoder_last_hidden_state": end}
        found |= parts_of(f"{side}_", one.parts, end.ndim)
        found |= _attentions(f"{side}_", one.attentions, end.ndim)
    return found


def _heads(model: Model, known: Mapping[str, Any]) -> dict[str, Any]:
    """Scores over words, over labels, or both; the hidden state of a pooler."""
    found = {"pooler_output": known["pooled"]} if "pooled" in known else {}
    if "logits" in known and "labels" in known:
        return found | {"prediction_logits": known["logits"], "seq_relationship_logits": known["labels"]}
    name = "labels" if "labels" in known else "logits"
    if name in known:
        found["logits"] = labels = _of_sequences(model, known, name)
        if model.architecture.model_class.endswith("ForQuestionAnswering"):
            found |= {"start_logits": labels[..., 0], "end_logits": labels[..., 1]}
    return found


def _of_sequences(model: Model, known: Mapping[str, Any], name: str) -> Any:
    """Scores; those of a sequence at its last token that is no padding's, or at its last where no padding is told."""
    (scores,) = (one for one in model.program.outputs if one.name == name)
    if at.n not in scores.shape or not labels_sequences(model):
        return known[name]
    padding, ids = model.architecture.tokens.get("padding"), known["ids"]
    return at_rows(known[name], last_of(ids != padding if padding is not None else np.ones(ids.shape, bool)))


def labels_sequences(model: Model) -> bool:
    """Whether a model has one label for a sequence."""
    return model.architecture.model_class.endswith("ForSequenceClassification")


def last_of(seen: Any) -> Any:
    """The last place in each row where something is true; the first of all where nothing is."""
    return np.where(seen.any(-1), seen.shape[-1] - 1 - np.argmax(seen[..., ::-1], axis=-1), 0)


def at_rows(array: Any, rows: Any) -> Any:
    """One row of each sequence: (..., n, f) → (..., f)."""
    return np.take_along_axis(array, np.asarray(rows)[..., None, None], axis=-2)[..., 0, :]


def _attentions(side: str, layers: Sequence[Mapping[str, Any]], rank: int) -> dict[str, Any]:
    names = {OWN: f"{side}attentions", CROSS: CROSS}
    return {
        names[name]: tuple(merged_heads(layer[name], rank) for layer in layers)
        for name in ATTENTIONS if layers and name in layers[0]
    }  # fmt: skip


def parts_of(side: str, layers: Sequence[Mapping[str, Any]], rank: int) -> dict[str, Any]:
    """What the parts of the layers gave, under the names of a call's results; heads in one axis."""
    names = {"self": f"{side}heads", "cross": "cross_heads", "mlp": f"{side}mlps"}
    return {
        name: tuple(layer[site] if site == "mlp" else merged_heads(layer[site], rank) for layer in layers)
        for site, name in names.items() if layers and all(site in layer for layer in layers)
    }  # fmt: skip


def merged_heads(weights: Any, rank: int) -> Any:
    """Attention weights with one axis of heads: groups and the heads in them lie one after the other."""
    batch = weights.shape[: rank - 2]
    return weights.reshape(*batch, -1, *weights.shape[-2:])
