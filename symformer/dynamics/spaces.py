"""The spaces that states live in: what a state must be, and how it is put back after a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, gram, on_sphere, tokens


@dataclass(frozen=True)
class Space:
    """A space of states.

    Attributes:
        name: what it is called.
        check: what a state must be where a simulation begins; returns it as float64, or raises a DynamicsError.
        put_back: a state put back onto the space, and how far it was off before.
        axes: how many trailing axes a state has.
    """

    name: str
    check: Callable[[Any], Array]
    put_back: Callable[[Array], tuple[Array, float]]
    axes: int = 2


def _to_length_1(x: Array) -> tuple[Array, float]:
    lengths = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / lengths, float(np.abs(lengths - 1).max())


def _to_cosines(g: Array) -> tuple[Array, float]:
    return np.clip(g, -1.0, 1.0), max(0.0, float(np.abs(g).max() - 1))


def _anywhere(x: Array) -> tuple[Array, float]:
    return x, 0.0


SPHERE = Space("sphere", lambda x: on_sphere("x", x), _to_length_1)
GRAM = Space("Gram matrices", lambda g: gram("G", g), _to_cosines)
CIRCLE = Space("angles", lambda theta: tokens("theta", theta, axes=1), _anywhere, 1)
PLAIN = Space("tokens", lambda x: tokens("x", x), _anywhere)
