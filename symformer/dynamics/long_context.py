"""One attention layer on many tokens that all have the same cosine: the long-context transition.

Rigollet, arXiv:2512.01868, section 6.3: with β = γ log n the outputs' cosine tends to 1 for γ < 1/(1 − ρ), to
4ρ/(1 + 3ρ) for γ = 1/(1 − ρ), and to ρ beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from symformer.compile import lambdify
from symformer.dynamics.checks import Array, number, whole
from symformer.dynamics.equations import BETA
from symformer.dynamics.equiangular import start_cosine
from symformer.notation import exp, scalar
from symformer.programs import Program, define, program


def attended_program() -> Program:
    """The cosine of two outputs y_i = Σ_j P_ij x_j, exact for every n. Inputs ρ, n and β.

    p is the share that a token gives itself, q what it gives each other, σ = ⟨x_i, Σ_k x_k⟩, and y_i = (p − q) x_i +
    q Σ_k x_k, so that ⟨y_i, y_j⟩ = (p − q)²ρ + s and |y_i|² = (p − q)² + s with s = 2(p − q)qσ + q²nσ.
    """
    rho, n = scalar("rho"), scalar("n", kind="positive")
    p = define("p", (), 1 / (1 + (n - 1) * exp(-BETA * (1 - rho))))
    q = define("q", (), 1 / (exp(BETA * (1 - rho)) + n - 1))
    sigma = define("sigma", (), 1 + (n - 1) * rho)
    s = define("s", (), 2 * (p[()] - q[()]) * q[()] * sigma[()] + q[()] ** 2 * n * sigma[()])
    own = (p[()] - q[()]) ** 2
    cosine = define("r", (), (own * rho + s[()]) / (own + s[()]))
    return program(cosine, inputs=(rho.tensor, n.tensor, BETA.tensor))


@cache
def _kernel() -> Callable[..., Array]:
    return lambdify(attended_program(), "attended_cosine")


def attended_cosine(beta: float, n: int, rho: float) -> float:
    """The cosine of two outputs of one attention layer over n tokens whose cosines are all ρ; any finite n.

    Raises:
        DynamicsError: β is not finite, n < 2, or ρ is not in (−1/(n−1), 1).
    """
    tokens = whole("n", n, 2)
    return float(_kernel()(start_cosine(rho, tokens), float(tokens), number("beta", beta)))
