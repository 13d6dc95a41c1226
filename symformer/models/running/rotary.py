"""The frequencies of rotary positions, stretched for longer sequences than a model was first trained on."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.keys import ConfigError
from symformer.models.model import Model
from symformer.models.sizes import Rope
from symformer.system import brief

LARGEST_FLOAT = float(np.finfo(np.float64).max)
SETTINGS = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")


def frequencies(rope: Rope, pairs: int, dtype: Any = np.float64) -> Any:
    """How far each pair of features turns from one position to the next, in radians: (pairs,).

    Plainly base^(−p/P), p = 0..P−1. "linear" divides all by a factor. "llama3" divides those whose wave is longer than
    the first training's sequences by the factor, leaves short waves, and goes from one to the other in between.

    In float32 they are rounded as by the library with which models are trained and run: at position 500 an angle is
    then off by some 1e-5, and a model has learned with it.

    Args:
        rope: the base, and how frequencies are stretched.
        pairs: how many there are.
        dtype: float64, or float32.

    Raises:
        ConfigError: another kind, or a setting that is missing.

    Source: Su et al. 2021, arXiv:2104.09864; Chen et al. 2023, arXiv:2306.15595; Grattafiori et al. 2024,
    arXiv:2407.21783, section 3.4.
    """
    exponents = (np.arange(pairs) / pairs).astype(dtype)
    plain = 1 / np.power(rope.base, exponents.astype(np.float64)).astype(dtype)
    if rope.kind == "default":
        return plain
    if rope.kind == "linear":
        return plain / dtype(_settings(rope, SETTINGS[:1])[0])
    if rope.kind != "llama3":
        raise ConfigError(f"key 'rope_type': expected default, linear or llama3, got {rope.kind!r}: it is not run here")
    factor, low, high, length = (dtype(one) for one in _settings(rope, SETTINGS))
    if high <= low:
        raise ConfigError(f"key 'high_freq_factor': expected more than low_freq_factor {low}, got {high}")
    waves = length * plain / dtype(2 * pi)  # how many waves fit into the sequences of the first training
    kept = np.clip((waves - low) / (high - low), 0, 1)
    return (1 - kept) * plain / factor + kept * plain


def rotary_inputs(model: Model, dtype: Any) -> dict[str, Any]:
    """The frequencies that a model which is computed in some dtype reads, if it has any: at least in float32."""
    rope = model.architecture.rope
    precision = np.result_type(dtype, np.float32).type
    return {} if rope is None else {"frequencies": frequencies(rope, model.sizes[at.d_p], precision)}


def _settings(rope: Rope, names: tuple[str, ...]) -> list[float]:
    found = []
    for name in names:
        value = rope.settings.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= LARGEST_FLOAT:
            got = brief("null" if value is None else value)
            raise ConfigError(f"key '{name}': expected a positive number for rope_type {rope.kind!r}, got {got}")
        found.append(float(value))
    return found
