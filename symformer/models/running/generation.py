"""Tokens one after the other: the most likely, or drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.functions import softmax
from symformer.models import letters as at
from symformer.models.running.decoding import Decoder
from symformer.models.running.inputs import InputError, mask_array


@dataclass(frozen=True)
class Settings:
    """How tokens are chosen.

    Attributes:
        new: how many are added at most.
        temperature: 0 for the most likely.
        seed: of the draws.
        stop: a token after which a sequence ends, or None.
    """

    new: int
    temperature: float
    seed: int
    stop: int | None


def generate(decoder: Decoder, prompt: Any, mask: Any, settings: Settings, dtype: Any) -> Any:
    """The prompt and what comes after it; see `LoadedModel.generate`."""
    ids = np.atleast_2d(prompt)
    seen = mask_array(mask if mask is None else np.atleast_2d(mask), ids.shape)
    _check_left(seen)
    positions = np.maximum(np.cumsum(seen, axis=-1) - 1, 0)
    _check_length(decoder, int(positions.max()) + settings.new)
    random = np.random.default_rng(settings.seed)
    cache = decoder.cache(ids.shape[1] + settings.new)
    fresh, done = ids, np.zeros(len(ids), bool)
    for _ in range(settings.new):
        logits = decoder.step(fresh, positions, seen, cache, dtype)[:, -1]
        chosen = np.where(done, settings.stop or 0, _chosen(logits, settings.temperature, random))
        ids = np.concatenate([ids, chosen[:, None]], axis=1)
        done |= chosen == settings.stop
        if done.all():
            break
        fresh, positions = chosen[:, None], positions[:, -1:] + 1
        seen = np.concatenate([seen, np.ones((len(ids), 1), bool)], axis=1)
    return ids if np.ndim(prompt) > 1 else ids[0]


def _chosen(logits: Any, temperature: float, random: np.random.Generator) -> Any:
    """A token for each row: the largest logit, or where a random share of the probability is reached."""
    if temperature == 0:
        return np.argmax(logits, axis=-1)
    shares = np.cumsum(softmax(logits.astype(np.float64) / temperature), axis=-1)  # type: ignore[no-untyped-call]
    drawn = random.random(len(logits)) * shares[:, -1]
    return (shares <= drawn[:, None]).sum(axis=-1)


def _check_left(seen: Any) -> None:
    if not (np.diff(seen.astype(np.int8), axis=-1) >= 0).all() or not seen[:, -1].all():
        raise InputError("attention_mask: expected padding on the left alone, for generation goes on at the right")


def _check_length(decoder: Decoder, length: int) -> None:
    learned = decoder.model.sizes.get(at.n_ctx, length)
    if length > learned:
        raise InputError(f"new: expected at most {learned} positions in all, for so many are learned, got {length}")


def whole(name: str, value: Any, least: int) -> int:
    """A whole number of at least `least`.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def real(name: str, value: Any) -> float:
    """A finite number that is not negative.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise InputError(f"{name}: expected a number, not negative, got {value!r}")
    return float(value)
