"""Tokens one after the other: the most likely, or drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.functions import softmax
from symformer.models import letters as at
from symformer.models.running.decoding import Cache, Decoder
from symformer.models.running.inputs import InputError, mask_array


@dataclass(frozen=True)
class Settings:
    """How tokens are chosen.

    Attributes:
        new: how many are added at most.
        temperature: 0 for the most likely.
        seed: of the draws.
        stop: tokens after which a sequence ends.
        top_k: from how many of the most likely tokens is drawn; 0 for all.
        top_p: from how few of the most likely tokens is drawn that have this probability together.
    """

    new: int
    temperature: float
    seed: int
    stop: tuple[int, ...] = ()
    top_k: int = 0
    top_p: float = 1.0


def generate(
    decoder: Decoder, prompt: Any, mask: Any, settings: Settings, dtype: Any,
    remember: Callable[[Cache], None] = lambda cache: None,
) -> Any:  # fmt: skip
    """The prompt and what comes after it; see `LoadedModel.generate`.

    `remember` puts into an empty cache what an encoder found.
    """
    ids = np.atleast_2d(prompt)
    seen = mask_array(mask if mask is None else np.atleast_2d(mask), ids.shape)
    _check_left(seen)
    positions = np.maximum(np.cumsum(seen, axis=-1) - 1, 0)
    _check_length(decoder, int(positions.max()) + settings.new)
    random = np.random.default_rng(settings.seed)
    cache = decoder.cache(ids.shape[1] + settings.new)
    remember(cache)
    fresh, done = ids, np.zeros(len(ids), bool)
    for _ in range(settings.new):
        logits = decoder.step(fresh, positions, seen, cache, dtype)[:, -1]
        chosen = np.where(done, ids[:, -1], _chosen(logits, settings, random))
        ids = np.concatenate([ids, chosen[:, None]], axis=1)
        done |= np.isin(chosen, settings.stop)
        if done.all():
            break
        fresh, positions = chosen[:, None], positions[:, -1:] + 1
        seen = np.concatenate([seen, np.ones((len(ids), 1), bool)], axis=1)
    return ids if np.ndim(prompt) > 1 else ids[0]


def _chosen(logits: Any, settings: Settings, random: np.random.Generator) -> Any:
    """A token for each row: the largest logit, or where a random share of the probability is reached."""
    if settings.temperature == 0:
        return np.argmax(logits, axis=-1)
    kept = _likely(softmax(logits.astype(np.float64) / settings.temperature), settings)  # type: ignore[no-untyped-call]
    shares = np.cumsum(kept, axis=-1)
    drawn = random.random(len(logits)) * shares[:, -1]
    return (shares <= drawn[:, None]).sum(axis=-1)


def _likely(probabilities: Any, settings: Settings) -> Any:
    """The probabilities of the tokens that may be drawn; zero for the others.

    Of the `top_k` most likely tokens, of equals the first, as few as reach a sum of `top_p`, at least one.

    Source: Holtzman et al. 2019, arXiv:1904.09751, section 3.1; Fan et al. 2018, arXiv:1805.04833, section 5.4.
    """
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    best = np.take_along_axis(probabilities, order, axis=-1)
    if settings.top_k:
        best[..., settings.top_k :] = 0
    before = np.cumsum(best, axis=-1) - best
    if settings.top_p < 1:
        best[before >= settings.top_p * best.sum(-1, keepdims=True)] = 0
    kept = np.zeros_like(probabilities)
    np.put_along_axis(kept, order, best, axis=-1)
    return kept


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


def tokens(name: str, value: Any) -> tuple[int, ...]:
    """A token, several, or none.

    Raises:
        InputError: something else.
    """
    if value is None:
        return ()
    return tuple(
        whole(name, one, 0) for one in (value if isinstance(value, (list, tuple, set, frozenset)) else [value])
    )


def share(name: str, value: Any) -> float:
    """A number above 0 and up to 1.

    Raises:
        InputError: it is none.
    """
    found = real(name, value)
    if not 0 < found <= 1:
        raise InputError(f"{name}: expected a number above 0 and up to 1, got {value!r}")
    return found


def real(name: str, value: Any) -> float:
    """A finite number that is not negative.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise InputError(f"{name}: expected a number, not negative, got {value!r}")
    return float(value)
