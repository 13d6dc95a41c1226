"""The frequencies of rotary positions, stretched for longer sequences than a model was first trained on."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log, pi
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.keys import ConfigError
from symformer.models.model import Model
from symformer.models.rope import ORIGINAL, Rope
from symformer.system import brief

LARGEST_FLOAT = float(np.finfo(np.float64).max)


def frequencies(rope: Rope, pairs: int, dtype: Any = np.float64, *, length: int = 0) -> Any:
    """How far each pair of features turns from one position to the next, in radians: (pairs,).

    Plainly base^(−p/P), p = 0..P−1; `STRETCHED` says what other kinds make of it. In float32 they are rounded as by the
    library with which models are trained and run: at position 500 an angle is then off by some 1e-5, and a model has
    learned with it.

    Args:
        rope: the base, and how frequencies are stretched.
        pairs: how many there are.
        dtype: float64, or float32.
        length: how long the sequence is, on which some kinds depend.

    Raises:
        ConfigError: a setting that is missing.

    Source: Su et al. 2021, arXiv:2104.09864.
    """
    exponents = (np.arange(pairs) / pairs).astype(dtype)
    return STRETCHED[rope.kind](rope, exponents, dtype, length)


def _powers(base: float, exponents: Any, dtype: Any) -> Any:
    return np.power(base, exponents.astype(np.float64)).astype(dtype)


def _default(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    return 1 / _powers(rope.base, exponents, dtype)


def _linear(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    """All divided by a factor: Chen et al. 2023, arXiv:2306.15595."""
    return _default(rope, exponents, dtype, length) / dtype(_setting(rope, "factor"))


def _dynamic(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    """A larger base for a sequence longer than those of the first training (NTK-aware, by its length)."""
    factor, known = _setting(rope, "factor"), _setting(rope, "max_position_embeddings")
    pairs = len(exponents)
    if pairs < 2:
        raise ConfigError(f"key 'rope_type': expected at least two pairs of features for 'dynamic', got {pairs}")
    stretch = factor * max(length, known) / known - (factor - 1)
    return 1 / _powers(rope.base * stretch ** (pairs / (pairs - 1)), exponents, dtype)


def _yarn(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    """Long waves divided by the factor, short ones kept, a ramp between: Peng et al. 2023, arXiv:2309.00071, 3.2."""
    factor, known = dtype(_setting(rope, "factor")), _setting(rope, ORIGINAL)
    pairs = len(exponents)
    fast, slow = (_setting(rope, name, default) for name, default in (("beta_fast", 32.0), ("beta_slow", 1.0)))
    low, high = (pairs * log(known / (turns * 2 * pi)) / log(rope.base) for turns in (fast, slow))
    if rope.settings.get("truncate", True):
        low, high = floor(low), ceil(high)
    low, high = max(low, 0), min(high, 2 * pairs - 1)
    ramp = np.clip((np.arange(pairs).astype(dtype) - dtype(low)) / dtype(high - low or 0.001), 0, 1)
    powers = _powers(rope.base, exponents, dtype)
    kept = 1 - ramp
    return 1 / (factor * powers) * (1 - kept) + 1 / powers * kept


def _longrope(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    """Each divided by a factor of its own, for short and for long sequences: Ding et al. 2024, arXiv:2402.13753."""
    name = "long_factor" if length > _setting(rope, ORIGINAL) else "short_factor"
    _setting(rope, "factor")
    factors = rope.settings.get(name)
    if not isinstance(factors, list) or len(factors) != len(exponents) or not all(map(_is_number, factors)):
        raise ConfigError(f"key '{name}': expected {len(exponents)} numbers, one a pair, got {brief(factors)}")
    return 1 / (np.array(factors).astype(dtype) * _powers(rope.base, exponents, dtype))


def _llama3(rope: Rope, exponents: Any, dtype: Any, length: int) -> Any:
    """Waves longer than the first training's sequences divided: Grattafiori et al. 2024, arXiv:2407.21783, 3.4."""
    names = ("factor", "low_freq_factor", "high_freq_factor", ORIGINAL)
    factor, low, high, known = (dtype(_setting(rope, name)) for name in names)
    if high <= low:
        raise ConfigError(f"key 'high_freq_factor': expected more than low_freq_factor {low}, got {high}")
    plain = _default(rope, exponents, dtype, length)
    waves = known * plain / dtype(2 * pi)  # how many waves fit into the sequences of the first training
    kept = np.clip((waves - low) / (high - low), 0, 1)
    return (1 - kept) * plain / factor + kept * plain


STRETCHED: dict[str, Callable[[Rope, Any, Any, int], Any]] = {
    "default": _default,
    "linear": _linear,
    "dynamic": _dynamic,
    "yarn": _yarn,
    "longrope": _longrope,
    "llama3": _llama3,
}


def rotary_inputs(model: Model, dtype: Any, length: int) -> dict[str, Any]:
    """The frequencies that a model which is computed in some dtype reads, if it has any: at least in float32.

    Args:
        model: the model.
        dtype: what it is computed in.
        length: how many positions there are so far.
    """
    architecture = model.architecture
    if architecture.rope is None:
        return {}
    precision, pairs = np.result_type(dtype, np.float32).type, model.sizes[at.d_p]
    found = [frequencies(rope, pairs, precision, length=length) for rope in architecture.ropes or (architecture.rope,)]
    return {"frequencies": np.stack(found) if architecture.ropes else found[0]}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _setting(rope: Rope, name: str, default: float | None = None) -> float:
    value = rope.settings.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= LARGEST_FLOAT:
        got = brief("null" if value is None else value)
        raise ConfigError(f"key '{name}': expected a positive number for rope_type {rope.kind!r}, got {got}")
    return float(value)
