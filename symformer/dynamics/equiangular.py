"""Tokens that all have the same cosine γ with one another keep doing so: one equation for any n and d.

GLPR, arXiv:2312.10794, Theorem 6.8, (6.9), (6.10) and the phase curve (6.12).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.dynamics.checks import Array, number, numbers, whole
from symformer.dynamics.equations import BETA
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.quadrature import integral, inverse_of_integral
from symformer.notation import exp, lift, scalar
from symformer.programs import Program, define, program

BETA_MOST = 700.0


def gamma_program(normalised: bool = True) -> Program:
    """γ' of the common cosine γ for n tokens: GLPR (6.9) for SA, (6.10) for USA. Inputs γ, n and β."""
    gamma, n = scalar("gamma"), scalar("n", kind="positive")
    climb = (1 - gamma) * ((n - 1) * gamma + 1)
    if normalised:
        velocity = 2 * exp(BETA * gamma) * climb / (exp(BETA) + (n - 1) * exp(BETA * gamma))
    else:
        velocity = 2 * exp(BETA * gamma) * climb / n
    return program(define("v", (), velocity), inputs=(gamma.tensor, n.tensor, BETA.tensor))


def rate_program(normalised: bool = True) -> Program:
    """−ε'/ε of the distance ε = 1 − γ: the same equation, accurate where γ is close to 1, or to 0 and n large.

    Inputs ε, γ, n and β.
    """
    epsilon, gamma, n = scalar("epsilon", kind="positive"), scalar("gamma"), scalar("n", kind="positive")
    climb = lift(2) * ((n - 1) * gamma + 1)
    if normalised:
        rate = climb / (exp(BETA * epsilon) + n - 1)
    else:
        rate = climb * exp(BETA * gamma) / n
    return program(define("r", (), rate), inputs=(epsilon.tensor, gamma.tensor, n.tensor, BETA.tensor))


@cache
def _velocity_kernel(normalised: bool) -> Callable[..., Array]:
    return lambdify(gamma_program(normalised), "gamma_velocity")


@cache
def _rate_kernel(normalised: bool) -> Callable[..., Array]:
    return lambdify(rate_program(normalised), "gamma_rate")


def gamma_velocity(gamma: Any, beta: float, n: int, *, normalised: bool = True) -> Array:
    """γ' at these γ: (...)."""
    hot, tokens = _parameters(beta, n)
    return _velocity_kernel(normalised)(numbers("gamma", gamma), float(tokens), hot)


def gamma(times: Any, beta: float, n: int, *, rho: float = 0.0, normalised: bool = True) -> Array:
    """The common cosine γ(t) of n tokens that begin with cosine ρ, to 1e-11.

    Args:
        times: not negative, (T,), in any order.
        beta: the inverse temperature.
        n: tokens, at least 2.
        rho: γ(0), more than −1/(n−1) and less than 1.
        normalised: SA or USA.

    Returns:
        (T,), by inverting the time t(γ) = ∫ dg / γ'(g).
    """
    hot, tokens = _parameters(beta, n)
    asked = numbers("times", times)
    if (asked < 0).any():
        raise DynamicsError(f"times: expected none below 0, got {asked.min():.6g}")
    begin = -float(np.log1p(-start_cosine(rho, tokens)))
    depth = inverse_of_integral(_time_density(hot, tokens, normalised), begin, asked)
    return -np.expm1(-depth)


def phase_time(beta: float, n: int, *, delta: float = 1e-3, rho: float = 0.0, normalised: bool = True) -> float:
    """The time at which γ reaches 1 − δ: a point of the phase curve Γ, GLPR (6.12), by quadrature.

    t* = ∫_ρ^{1−δ} dg / γ'(g), with g = 1 − exp(−w), which leaves a smooth integrand.

    Args:
        beta: the inverse temperature.
        n: tokens, at least 2.
        delta: more than 0 and less than 1 − ρ.
        rho: γ(0).
        normalised: SA or USA.

    Returns:
        The time, to a relative 1e-12.

    Raises:
        DynamicsError: a number outside its range.
    """
    hot, tokens = _parameters(beta, n)
    begin, small = start_cosine(rho, tokens), number("delta", delta, above=0.0)
    if small >= 1 - begin:
        raise DynamicsError(f"delta: expected less than 1 − ρ = {1 - begin:.6g}, got {small:.6g}")
    return integral(_time_density(hot, tokens, normalised), -float(np.log1p(-begin)), -float(np.log(small)))


def gamma_at_beta_zero(times: Any, n: int) -> Array:
    """γ(t) for β = 0 from orthogonal tokens: (e^{2t} − 1) / (e^{2t} + n − 1)."""
    decay = np.exp(-2 * numbers("times", times))
    return (1 - decay) / (1 + (whole("n", n, 2) - 1) * decay)


def _time_density(beta: float, n: int, normalised: bool) -> Callable[[Array], Array]:
    """dt/dw for w = −log(1 − γ)."""
    kernel = _rate_kernel(normalised)
    return lambda w: 1 / kernel(np.exp(-w), -np.expm1(-w), float(n), beta)


def _parameters(beta: float, n: int) -> tuple[float, int]:
    hot = number("beta", beta)
    if abs(hot) > BETA_MOST:
        raise DynamicsError(f"beta: expected at most {BETA_MOST:.0f} in size, got {hot:.6g}")
    return hot, whole("n", n, 2)


def start_cosine(rho: float, n: int) -> float:
    """A cosine that n tokens can all have with one another, other than 1.

    Raises:
        DynamicsError: it is outside (−1/(n−1), 1).
    """
    cosine = number("rho", rho, above=-1 / (n - 1))
    if cosine >= 1:
        raise DynamicsError(f"rho: expected less than 1, got {cosine:.6g}")
    return cosine
