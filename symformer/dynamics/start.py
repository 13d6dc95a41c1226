"""Where tokens begin: seeded, each run by a seed of its own, so that a run does not depend on how many there are."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, number, tokens, whole
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.integrate import scipy_module


def uniform(runs: int, n: int, d: int, seed: int = 0, first: int = 0) -> Array:
    """Tokens independent and uniform on the sphere: (runs, n, d); run k is the same whatever `runs` and `first`.

    Args:
        runs: how many.
        n: tokens, at least 2.
        d: dimensions, at least 2.
        seed: a whole number, not negative.
        first: the number of the first run.

    Raises:
        DynamicsError: a number that is too small.
    """
    runs, n, d = whole("runs", runs, 1), whole("n", n, 2), whole("d", d, 2)
    seed, first = whole("seed", seed, 0), whole("first", first, 0)
    points = np.stack([np.random.default_rng([seed, n, d, first + run]).standard_normal((n, d)) for run in range(runs)])
    return points / np.linalg.norm(points, axis=-1, keepdims=True)


def angles(x: Any) -> Array:
    """The angles (..., n) of tokens (..., n, 2) on the circle."""
    points = tokens("x", x)
    if points.shape[-1] != 2:
        raise DynamicsError(f"x: expected tokens of two coordinates, got shape {points.shape}")
    return np.arctan2(points[..., 1], points[..., 0])


def hemisphere(runs: int, n: int, d: int, seed: int = 0) -> Array:
    """Tokens independent and uniform on the open half of the sphere where the last coordinate is positive."""
    points = uniform(runs, n, d, seed)
    points[..., -1] = np.abs(points[..., -1])
    return points


def equiangular(n: int, d: int, rho: float = 0.0) -> Array:
    """Tokens (n, d) whose cosines with one another are all ρ.

    Args:
        n: tokens, at least 2.
        d: dimensions, at least n.
        rho: from −1/(n−1), excluded, to 1, excluded.

    Raises:
        DynamicsError: d < n, or ρ outside its range.
    """
    n, d = whole("n", n, 2), whole("d", d, 2)
    rho = number("rho", rho, above=-1 / (n - 1))
    if d < n or rho >= 1:
        what = f"d: expected at least n = {n}, got {d}" if d < n else f"rho: expected less than 1, got {rho}"
        raise DynamicsError(what)
    points = np.zeros((n, d))
    points[:, :n] = np.linalg.cholesky(np.full((n, n), rho) + (1 - rho) * np.eye(n))
    return points


def orthogonal(n: int, d: int) -> Array:
    """The first n vectors of the standard basis: (n, d), with d ≥ n."""
    return equiangular(n, d, 0.0)


def random_weights(heads: int, d: int, d_k: int | None = None, seed: int = 0) -> tuple[Array, Array, Array]:
    """Q, K (H, d_k, d) and V (H, d, d) with independent normal entries of variance 1/d."""
    heads, d = whole("heads", heads, 1), whole("d", d, 2)
    d_k = d if d_k is None else whole("d_k", d_k, 1)
    random = np.random.default_rng([whole("seed", seed, 0), heads, d, d_k])
    q, k, v = (random.standard_normal((heads, rows, d)) / np.sqrt(d) for rows in (d_k, d_k, d))
    return q, k, v


def in_open_hemisphere(x: Any) -> bool:
    """Whether tokens (n, d) all lie in one open half of the sphere, that is, 0 is not in their convex hull.

    Raises:
        DynamicsError: SciPy is not installed.
    """
    points = tokens("x", x)
    if points.ndim != 2:
        raise DynamicsError(f"x: expected one run of shape (n, d), got {points.shape}")
    system = np.vstack([points.T, np.ones(len(points))])
    gap = scipy_module("optimize").nnls(system, np.append(np.zeros(points.shape[1]), 1.0))[1]
    return bool(gap > 1e-9)


def wendel(n: int, d: int) -> float:
    """The probability that n uniform tokens in d dimensions lie in one half of the sphere.

    2^(1−n) Σ_{k<d} C(n−1, k): Wendel 1962; GLPR, arXiv:2312.10794, Theorem 6.7.
    """
    n, d = whole("n", n, 1), whole("d", d, 1)
    return float(sum(comb(n - 1, k) for k in range(d))) / 2.0 ** (n - 1)
