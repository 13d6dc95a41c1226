"""The frequencies of rotary positions, stretched for longer sequences than a model was first trained on."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from symformer.models.config import ConfigError
from symformer.models.sizes import Rope

SETTINGS = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")


def frequencies(rope: Rope, pairs: int) -> Any:
    """How far each pair of features turns from one position to the next, in radians: (pairs,), float64.

    Plainly base^(−p/P), p = 0..P−1. "linear" divides all by a factor. "llama3" divides those whose wave is longer than
    the first training's sequences by the factor, leaves short waves, and goes from one to the other in between.

    Raises:
        ConfigError: another kind, or a setting that is missing.

    Source: Su et al. 2021, arXiv:2104.09864; Chen et al. 2023, arXiv:2306.15595; Grattafiori et al. 2024,
    arXiv:2407.21783, section 3.4.
    """
    plain = rope.base ** (-np.arange(pairs) / pairs)
    if rope.kind == "default":
        return plain
    if rope.kind == "linear":
        return plain / _settings(rope, SETTINGS[:1])[0]
    if rope.kind != "llama3":
        raise ConfigError(f"key 'rope_type': expected default, linear or llama3, got {rope.kind!r}: it is not run here")
    factor, low, high, length = _settings(rope, SETTINGS)
    if high <= low:
        raise ConfigError(f"key 'high_freq_factor': expected more than low_freq_factor {low}, got {high}")
    waves = length * plain / (2 * pi)  # how many waves fit into the sequences of the first training
    kept = np.clip((waves - low) / (high - low), 0, 1)
    return (1 - kept) * plain / factor + kept * plain


def _settings(rope: Rope, names: tuple[str, ...]) -> list[float]:
    found = []
    for name in names:
        value = rope.settings.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise ConfigError(f"key '{name}': expected a positive number for rope_type {rope.kind!r}, got {value!r}")
        found.append(float(value))
    return found
