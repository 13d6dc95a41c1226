"""What generation begins with: a prompt of tokens, or frames that an encoder hears and the first token of a decoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.model import Model
from symformer.models.running.asked import Asked
from symformer.models.running.inputs import InputError, real_array, token_array


def prompt_of(model: Model, given: Any) -> Any:
    """Tokens, or frames of sound where the encoder hears these.

    Raises:
        InputError: neither.
    """
    if model.architecture.frames is None:
        return token_array(given, model.sizes[at.V])
    return real_array("input_features", given, (model.sizes[at.C], model.architecture.frames))


def own_axes(model: Model) -> int:
    """How many axes a prompt has without a batch."""
    return 1 if model.architecture.frames is None else 2


def first_tokens(model: Model, prompt: Any) -> Any:
    """What a decoder begins with: one token for each sequence.

    Raises:
        InputError: the configuration names none.
    """
    start = model.architecture.tokens.get("start")
    if start is None:
        raise InputError("decoder_input_ids: expected token ids, for the configuration names no first token")
    return np.full((*prompt.shape[: prompt.ndim - own_axes(model)], 1), start)


def asked_of(model: Model, prompt: Any, mask: Any, start: Any) -> Asked:
    """The inputs of an encoder, and of the decoder that asks it, with a batch axis."""
    batched = prompt if prompt.ndim > own_axes(model) else prompt[None]
    return Asked(batched, None if mask is None else np.atleast_2d(mask), decoder_input_ids=np.atleast_2d(start))
