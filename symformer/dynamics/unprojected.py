"""Tokens without a sphere, rescaled so that they stay finite: z = exp(−tV) x, as programs.

Source: Geshkovski et al., "The emergence of clusters in self-attention dynamics", arXiv:2305.05465; GLPR (9.3).
"""

from __future__ import annotations

from symformer.dynamics.equations import D_K, A, C, D, F, I, J, M, N
from symformer.notation import Tensor, exp, max, sum, tensor
from symformer.programs import DefinedTensor, Program, define, program

Z, ZETA = tensor("z", M, D), tensor("zeta", N, D)
Q_OF, K_OF, V_OF = tensor("Q", D_K, D), tensor("K", D_K, D), tensor("V", D, D)


def rescaled_program() -> Program:
    """The velocity z_i' = Σ_j P_ij V (ζ_j − z_i), which for ζ = z is x_i' = Σ_j P_ij V x_j.

    Inputs z (m, d), ζ (n, d), Q and K (d_k, d), V (d, d); Q stands for Q exp(tV), and K for K exp(tV).
    """
    p = _shares()
    gap = define("w", (I, F), sum(p[I, J] * ZETA[J, F], J) - Z[I, F])
    return program(define("v", (I, C), sum(V_OF[C, F] * gap[I, F], F)), inputs=(Z, ZETA, Q_OF, K_OF, V_OF))


def shares_program() -> Program:
    """The attention matrix P (m, n): the softmax of ⟨Q z_i, K ζ_j⟩ over j; inputs z, ζ, Q and K."""
    return program(_shares(), inputs=(Z, ZETA, Q_OF, K_OF))


def _shares() -> DefinedTensor:
    q, k = _projected("q", Q_OF, Z, I), _projected("k", K_OF, ZETA, J)
    s = define("S", (I, J), sum(q[I, A] * k[J, A], A))
    top = define("s", I, max(s[I, J], J))
    u = define("u", (I, J), exp(s[I, J] - top[I]))
    return define("P", (I, J), u[I, J] / sum(u[I, J], J))


def _projected(name: str, weight: Tensor, tokens: Tensor, row: object) -> DefinedTensor:
    return define(name, (row, A), sum(weight[A, C] * tokens[row, C], C))
