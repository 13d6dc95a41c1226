"""Equations for tokens on the circle, by their angles, as programs."""

from __future__ import annotations

from symformer.dynamics.equations import BETA, I, J, M, N
from symformer.notation import cos, exp, lift, scalar, sin, sum, tensor
from symformer.programs import Program, define, program


def circle_program(normalised: bool = False) -> Program:
    """Tokens on the circle by their angles θ (m), moved by angles φ (n): GLPR (7.1), where φ = θ.

    θ_i' = −Σ_j exp(β cos(θ_i − φ_j)) sin(θ_i − φ_j) / n; SA divides by Σ_j exp(β cos(θ_i − φ_j)) instead of n.
    """
    theta, phi = tensor("theta", M), tensor("phi", N)
    gap = define("g", (I, J), theta[I] - phi[J])
    u = define("u", (I, J), exp(BETA * (cos(gap[I, J]) - 1) if normalised else BETA * cos(gap[I, J])))
    pull = sum(u[I, J] * sin(gap[I, J]), J)
    under = sum(u[I, J], J) if normalised else lift(N)
    return program(define("v", I, -pull / under), inputs=(theta, phi, BETA.tensor))


def kuramoto_program() -> Program:
    """Kuramoto's oscillators: θ_i' = ω_i + (k/n) Σ_j sin(φ_j − θ_i); GLPR (7.2).

    With ω = 0 and k = 1 it is USA on the circle for β = 0.
    """
    theta, phi, omega, coupling = tensor("theta", M), tensor("phi", N), tensor("omega", M), scalar("k")
    moved = define("v", I, omega[I] + coupling * sum(sin(phi[J] - theta[I]), J) / N)
    return program(moved, inputs=(theta, phi, omega, coupling.tensor))
