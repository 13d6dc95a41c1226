"""What is seen of tokens: energy, pairwise cosines, clusters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.dynamics.checks import Array, number, numbers, tokens
from symformer.dynamics.equations import energy_program
from symformer.dynamics.errors import DynamicsError

OVERFLOWS = 700.0  # exp of more than this is infinite in float64
TOGETHER = 1e-3  # tokens whose cosine is at least 1 minus this are in one cluster
AT_ONCE = 1 << 22  # entries of Gram matrices at once
Labels = np.ndarray[Any, np.dtype[np.int64]]


@cache
def _energy_kernel(at_zero: bool) -> Callable[..., Array]:
    return lambdify(energy_program(at_zero, of_gram=True), "energy")


def energy(x: Any, beta: Any) -> Array:
    """The interaction energy Σ_ij exp(β⟨x_i, x_j⟩) / (2βn²); for β = 0 the limit of it less 1/(2β).

    Args:
        x: tokens (..., n, d).
        beta: a number, or one for each run, all zero or none of them.

    Returns:
        Energies (...).

    Raises:
        DynamicsError: exp(β) overflows, or some β are zero and others not.

    Source: GLPR, arXiv:2312.10794, (3.5).
    """
    points = tokens("x", x)
    hot = np.broadcast_to(numbers("beta", beta), points.shape[:-2]).reshape(-1)
    found: Array = _seen(points, lambda g, part: gram_energy(g, hot[part]))
    return found


def _seen(points: Array, see: Callable[[Array, slice], Any]) -> Any:
    """What is seen of the inner products of tokens (..., n, d), some runs at a time: they never exist all at once."""
    n, d = points.shape[-2:]
    flat, block = points.reshape(-1, n, d), max(1, AT_ONCE // n**2)
    parts = [slice(k, k + block) for k in range(0, len(flat), block)]
    found = np.concatenate([see(flat[part] @ flat[part].mT, part) for part in parts])
    return found.reshape((*points.shape[:-2], *found.shape[1:]))


def gram_energy(g: Array, beta: Array) -> Array:
    """The interaction energy of Gram matrices (..., n, n); raises as `energy`."""
    if np.abs(beta).max() > OVERFLOWS:
        raise DynamicsError(f"beta: expected at most {OVERFLOWS:.0f} for an energy, got {np.abs(beta).max():.6g}")
    if not beta.all() and beta.any():
        raise DynamicsError("beta: expected all zero or none, since the energy at 0 is a limit of its own")
    return _energy_kernel(False)(g, beta) if beta.any() else _energy_kernel(True)(g)


def directions(x: Any) -> Array:
    """Tokens (..., n, d) divided by their lengths."""
    points = tokens("x", x)
    return points / np.linalg.norm(points, axis=-1, keepdims=True)


def cosines(x: Any) -> Array:
    """The cosines ⟨x_i, x_j⟩ / (|x_i| |x_j|) of all pairs i < j of tokens (..., n, d): (..., n(n−1)/2)."""
    found: Array = _seen(directions(x), lambda g, _: pairs(g))
    return found


def pairs(g: Array) -> Array:
    """The entries above the diagonal of (..., n, n), row by row: (..., n(n−1)/2)."""
    rows, columns = np.triu_indices(g.shape[-1], 1)
    return g[..., rows, columns]


def cluster_labels(x: Any, tolerance: float = TOGETHER) -> Labels:
    """For each token the first token of its cluster: (..., n).

    Tokens are joined where their cosine is at least 1 − tolerance, and so are tokens joined by a chain of such pairs.

    Args:
        x: tokens (..., n, d); only their directions count.
        tolerance: how much less than 1 the cosine of joined tokens may be.
    """
    slack = number("tolerance", tolerance, least=0.0)
    found: Labels = _seen(directions(x), lambda g, _: labels_of(g >= 1 - slack))
    return found


def labels_of(joined: np.ndarray[Any, np.dtype[np.bool_]]) -> Labels:
    """For each node of graphs (..., n, n) the first node that it is connected to: (..., n)."""
    n = joined.shape[-1]
    near = joined | np.eye(n, dtype=bool)
    labels = np.broadcast_to(np.arange(n), near.shape[:-1])
    while True:
        spread = np.where(near, labels[..., None, :], n).min(axis=-1)
        if (spread == labels).all():
            return labels
        labels = spread


def count_of(labels: Labels) -> Labels:
    """How many nodes are the first of their own: (...)."""
    return (labels == np.arange(labels.shape[-1])).sum(axis=-1)


def cluster_count(x: Any, tolerance: float = TOGETHER) -> Labels:
    """How many clusters tokens (..., n, d) form: (...); see `cluster_labels`."""
    return count_of(cluster_labels(x, tolerance))
