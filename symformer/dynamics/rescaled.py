"""Flow of the rescaled tokens of "The emergence of clusters in self-attention dynamics", arXiv:2305.05465."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from symformer.compile import lambdify
from symformer.dynamics.checks import Array, numbers, tokens
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.flows import Flow
from symformer.dynamics.integrate import scipy_module
from symformer.dynamics.spaces import PLAIN
from symformer.dynamics.unprojected import rescaled_program, shares_program


@cache
def _velocity_kernel() -> Callable[..., Array]:
    return lambdify(rescaled_program(), "rescaled_velocity")


@cache
def _shares_kernel() -> Callable[..., Array]:
    return lambdify(shares_program(), "attention_matrix")


def rescaled_flow(q: Any, k: Any, v: Any) -> Flow:
    """z = exp(−tV) x of tokens x that attention moves without a sphere: z_i' = Σ_j P_ij V (z_j − z_i), GLPR (9.3).

    Args:
        q: Q (d_k, d).
        k: K (d_k, d).
        v: V (d, d).

    Raises:
        DynamicsError: shapes that do not fit, entries that are not finite, or SciPy is not installed.
    """
    weights = _checked(q, k, v)
    kernel, expm = _velocity_kernel(), scipy_module("linalg").expm

    def velocity(t: float, z: Array) -> Array:
        queries, keys, values = weights
        grown = expm(t * values)
        return kernel(z, z, queries @ grown, keys @ grown, values)

    return Flow("rescaled", PLAIN, velocity, dict(zip("QKV", weights, strict=True)))


def attention_matrix(z: Any, t: float, q: Any, k: Any, v: Any) -> Array:
    """The attention matrix P (..., n, n) of rescaled tokens z (..., n, d) at time t.

    Raises:
        DynamicsError: shapes that do not fit, entries that are not finite, or SciPy is not installed.
    """
    queries, keys, values = _checked(q, k, v)
    grown = scipy_module("linalg").expm(float(t) * values)
    points = tokens("z", z)
    return _shares_kernel()(points, points, queries @ grown, keys @ grown)


def _checked(q: Any, k: Any, v: Any) -> tuple[Array, Array, Array]:
    queries, keys, values = numbers("Q", q), numbers("K", k), numbers("V", v)
    d = values.shape[-1] if values.ndim else 0
    if queries.ndim != 2 or keys.shape != queries.shape or values.shape != (d, d) or queries.shape[1] != d:
        shapes = f"Q {queries.shape}, K {keys.shape}, V {values.shape}"
        raise DynamicsError(f"weights: expected Q (d_k, d), K (d_k, d), V (d, d), got {shapes}")
    return queries, keys, values
