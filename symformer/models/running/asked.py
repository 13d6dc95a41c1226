"""What a caller asks of a model, and the inputs of its program that follow from it, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.model import Model
from symformer.models.running.inputs import InputError, mask_array, token_array, types_array, window_array
from symformer.models.running.numbering import bucket_array, frame_array, patch_array, positions_array


@dataclass(frozen=True)
class Asked:
    """The inputs of a call, as a caller gives them; None for what is left out."""

    ids: Any = None
    attention_mask: Any = None
    token_type_ids: Any = None
    position_ids: Any = None
    decoder_input_ids: Any = None
    decoder_attention_mask: Any = None


def given_inputs(model: Model, asked: Asked) -> dict[str, Any]:
    """The inputs of a model's program, checked and completed, by name.

    Raises:
        InputError: one does not fit, or the model has none of its kind.
    """
    known: dict[str, Any] = per_layer(model)
    if model.architecture.image is not None:
        return known | {"pixels": patch_array(asked.ids, model.sizes, model.architecture.image)}
    if model.architecture.frames is not None:
        return known | heard(model, asked, model.architecture.frames)
    array = token_array(asked.ids, model.sizes[at.V])
    mask = mask_array(asked.attention_mask, array.shape)
    known |= {"ids": array, "mask": mask, "token_types": _types(model, asked, array)}
    known["positions"] = _positions(model, asked.position_ids, array, mask, "ids")
    known |= _buckets(model, "buckets", array, both=True)
    if model.architecture.has_encoder:
        known |= decoder_inputs(model, asked, array)
    elif asked.decoder_input_ids is not None:
        raise InputError(f"decoder_input_ids: {model.model_type} has no encoder beside its decoder")
    return known


def per_layer(model: Model) -> dict[str, Any]:
    """What each layer has for itself beside parameters: its window, and its number from 1."""
    layers = model.sizes.get(at.L, 0)
    return {"windows": window_array(model.architecture.windows), "depths": np.arange(1, layers + 1)}


def heard(model: Model, asked: Asked, length: int) -> dict[str, Any]:
    """The inputs of an encoder that hears frames, and of the decoder that asks it.

    Raises:
        InputError: frames that do not fit, or no token of the decoder.
    """
    frames = frame_array(asked.ids, model.sizes, length)
    if asked.decoder_input_ids is None:
        raise InputError("decoder_input_ids: expected token ids, got none")
    if asked.attention_mask is not None:
        raise InputError(f"attention_mask: {model.model_type} hears all frames and reads none")
    known = {"frames": frames, "positions": np.arange(length // 2)}
    return known | decoder_inputs(model, asked, frames[..., 0, 0, 0])


def decoder_inputs(model: Model, asked: Asked, ids: Any) -> dict[str, Any]:
    """The inputs of a decoder that asks an encoder."""
    found = asked.decoder_input_ids
    if found is None:
        found = shifted(ids, model)
    array = token_array(found, model.sizes[at.V], "decoder_input_ids")
    if array.shape[:-1] != ids.shape[:-1]:
        expected = (*ids.shape[:-1], "n")
        raise InputError(f"decoder_input_ids: expected shape ({', '.join(map(str, expected))}), got {array.shape}")
    mask = mask_array(asked.decoder_attention_mask, array.shape, "decoder_attention_mask")
    known = {"decoder_ids": array, "decoder_mask": mask}
    known["decoder_positions"] = _positions(model, None, array, mask, "decoder_input_ids")
    return known | _buckets(model, "decoder_buckets", array, both=False)


def shifted(ids: Any, model: Model) -> Any:
    """The tokens one place later, after the token that a decoder starts with.

    Raises:
        InputError: the model has no such token for its own inputs.
    """
    start = model.architecture.tokens.get("start")
    if start is None:
        raise InputError("decoder_input_ids: expected token ids, got none")
    return np.concatenate([np.full_like(ids[..., :1], start), ids[..., :-1]], axis=-1)


def _positions(model: Model, given: Any, ids: Any, mask: Any, name: str) -> Any:
    return positions_array(given, ids, mask, model.architecture.places, model.sizes, name)


def _types(model: Model, asked: Asked, ids: Any) -> Any:
    if at.n_T in model.sizes:
        return types_array(asked.token_type_ids, ids.shape, model.sizes[at.n_T])
    if asked.token_type_ids is not None:
        raise InputError(f"token_type_ids: {model.model_type} has no token types")
    return None


def _buckets(model: Model, name: str, ids: Any, *, both: bool) -> dict[str, Any]:
    if model.architecture.buckets is None:
        return {}
    places = np.arange(ids.shape[-1])
    return {name: bucket_array(model.architecture.buckets, places, places, both=both)}
