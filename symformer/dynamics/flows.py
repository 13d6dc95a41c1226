"""Flows: a velocity generated from a program, with its parameters, and the space that its state lives in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from math import exp
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.dynamics.angles import circle_program, kuramoto_program
from symformer.dynamics.checks import Array, number, numbers
from symformer.dynamics.equations import Attention, attention_program, gram_program
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.spaces import CIRCLE, GRAM, PLAIN, SPHERE, Space

NEEDS_NO_SHIFT = 500.0  # exp of scores up to this, summed over any number of tokens, stays finite in float64
BLOCK = 1 << 19  # bytes: what a core keeps near while exp goes over it; products with d features want no more
Weights = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Flow:
    """An equation of motion x' = velocity(t, x) with its numbers in place.

    Attributes:
        name: what it is called in files and messages.
        space: where its states live.
        velocity: of time and state; leading axes of the state are runs.
        parameters: the numbers, as arrays, for files.
        step: a step with which a fixed-step scheme follows it well.
    """

    name: str
    space: Space
    velocity: Callable[[float, Array], Array]
    parameters: dict[str, Array] = field(default_factory=dict)
    step: float = 0.1


@cache
def attention_kernel(kind: Attention) -> Callable[..., Array]:
    """The generated function of an attention's velocity."""
    return lambdify(attention_program(kind), "velocity", rows="i", block=BLOCK)


@cache
def gram_kernel(normalised: bool) -> Callable[..., Array]:
    """The generated function of the Gram matrix's velocity."""
    return lambdify(gram_program(normalised), "gram_velocity")


@cache
def circle_kernel(normalised: bool) -> Callable[..., Array]:
    """The generated function of the angles' velocity."""
    return lambdify(circle_program(normalised), "circle_velocity")


@cache
def kuramoto_kernel() -> Callable[..., Array]:
    """The generated function of Kuramoto's velocity."""
    return lambdify(kuramoto_program(), "kuramoto_velocity")


def attention_flow(beta: Any, *, normalised: bool = True, norm: str = "post", weights: Weights | None = None) -> Flow:
    """Tokens moved by attention: SA, USA, their pre-norm form, or without any normalisation.

    Args:
        beta: the inverse temperature; a number, or one for each run (runs,).
        normalised: SA (divided by the row's sum) or USA (divided by n).
        norm: "post": on the sphere; "pre": attention sees directions; "none": attention sees the tokens as they are.
        weights: Q and K (H, d_k, d), V (H, d, d), or each without H for one head; None is the identity for all three.

    Raises:
        DynamicsError: β is not finite, or weights do not fit one another.

    Source: GLPR, arXiv:2312.10794, (2.3), (SA), (USA), (2.7); pre-norm: Rigollet, arXiv:2512.01868, section 6.2.
    """
    if norm not in ("post", "pre", "none"):
        raise DynamicsError(f"norm: expected 'post', 'pre' or 'none', got {norm!r}")
    hot, given = _inverse_temperature(beta, normalised), () if weights is None else _heads(weights)
    shifted = normalised and (norm == "none" or bool(given) or bool(np.abs(hot).max(initial=0) > NEEDS_NO_SHIFT))
    kind = Attention(normalised, norm, bool(given), shifted)
    kernel = attention_kernel(kind)

    def velocity(_: float, x: Array) -> Array:
        first = (np.ascontiguousarray(x.mT),) if kind.features_first else ()
        return kernel(x, x, *first, hot, *given)

    name = {"post": "", "pre": "pre-norm ", "none": "unprojected "}[norm] + ("SA" if normalised else "USA")
    space = SPHERE if norm == "post" else PLAIN
    parameters = {"beta": hot, **dict(zip(("Q", "K", "V"), given, strict=False))}
    return Flow(name, space, velocity, parameters, _step(hot, normalised))


def gram_flow(beta: Any, *, normalised: bool = True) -> Flow:
    """The Gram matrix (..., n, n) of tokens on the sphere for Q = K = V = I; the cost does not know d.

    Args:
        beta: the inverse temperature; a number, or one for each run (runs,).
        normalised: SA or USA.

    Raises:
        DynamicsError: β is not finite.
    """
    hot = _inverse_temperature(beta, normalised)
    kernel = gram_kernel(normalised)
    name = "Gram " + ("SA" if normalised else "USA")

    def velocity(_: float, g: Array) -> Array:
        return kernel(g, hot)

    return Flow(name, GRAM, velocity, {"beta": hot}, _step(hot, normalised))


def circle_flow(beta: Any, *, normalised: bool = False) -> Flow:
    """Angles (..., n) of tokens on the circle: USA, GLPR (7.1), or SA.

    Raises:
        DynamicsError: β is not finite.
    """
    hot = _inverse_temperature(beta, normalised)
    kernel = circle_kernel(normalised)
    name = "circle " + ("SA" if normalised else "USA")

    def velocity(_: float, x: Array) -> Array:
        return kernel(x, x, hot)

    return Flow(name, CIRCLE, velocity, {"beta": hot}, _step(hot, normalised))


def kuramoto_flow(coupling: float = 1.0, frequencies: Any = 0.0) -> Flow:
    """Kuramoto's oscillators by their angles (..., n), with a frequency for each or one for all: GLPR (7.2).

    Raises:
        DynamicsError: a number that is not finite.
    """
    k, omega = number("coupling", coupling), numbers("frequencies", frequencies)
    kernel = kuramoto_kernel()

    def velocity(_: float, x: Array) -> Array:
        return kernel(x, x, np.broadcast_to(omega, x.shape[-1:]), k)

    return Flow("Kuramoto", CIRCLE, velocity, {"coupling": np.array(k), "frequencies": omega})


def _inverse_temperature(beta: Any, normalised: bool) -> Array:
    hot = numbers("beta", beta)
    if not normalised and (hot > NEEDS_NO_SHIFT).any():
        raise DynamicsError(
            f"beta: expected at most {NEEDS_NO_SHIFT:g} for USA, whose speed is exp(β), got {hot.max():g}"
        )
    return hot


def _step(beta: Array, normalised: bool) -> float:
    """The speed of SA is at most 1, that of USA is exp(β)."""
    return 0.1 if normalised else 0.2 * exp(-max(0.0, float(beta.max())))


def _heads(weights: Weights) -> tuple[Array, Array, Array]:
    """Q, K and V with their axis of heads, checked against one another."""
    if len(weights) != 3:
        raise DynamicsError(f"weights: expected Q, K and V, got {len(weights)} of them")
    q, k, v = (numbers(name, value) for name, value in zip("QKV", weights, strict=True))
    q, k, v = (array[None] if array.ndim == 2 else array for array in (q, k, v))
    if q.ndim != 3 or k.shape != q.shape or v.shape != (q.shape[0], q.shape[2], q.shape[2]):
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip("QKV", (q, k, v), strict=True))
        raise DynamicsError(f"weights: expected Q (H, d_k, d), K (H, d_k, d), V (H, d, d), got {shapes}")
    return q, k, v
