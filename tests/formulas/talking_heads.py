"""Talking heads: mixed before and after the softmax. Shazeer et al. 2020, arXiv:2003.02436, section 3."""

import math

import numpy as np

import symformer as sf

h, n, m, d, e, r, s = sf.sizes("h n m d e r s")
a, i, j, c, f, b, g, u = sf.indices("a i j c f b g u")
Q, K, V = sf.tensor("Q", h, n, d), sf.tensor("K", h, m, d), sf.tensor("V", s, m, e)
L, W = sf.tensor("P_l", h, r), sf.tensor("P_w", r, s)
J = sf.define("J", (a, i, j), sf.sum(Q[a, i, c] * K[a, j, c], c) / sf.sqrt(d))
M = sf.define("M", (b, i, j), sf.sum(J[a, i, j] * L[a, b], a))
P = sf.softmax(M, name="P")
U = sf.define("U", (g, i, j), sf.sum(P[b, i, j] * W[b, g], b))
PROGRAM = sf.program(sf.define("O", (g, i, f), sf.sum(U[g, i, j] * V[g, j, f], j)), inputs=(Q, K, V, L, W))
PRINTED = "O_gif = Σ_j U_gij V_gjf"
LARGE = True


def reference(Q, K, V, L, W):
    S = np.einsum("hic,hjc,hr->rij", Q, K, L) / math.sqrt(Q.shape[-1])
    E = np.exp(S - S.max(-1, keepdims=True))
    P = E / E.sum(-1, keepdims=True)
    return np.einsum("rij,rs,sjf->sif", P, W, V)


STATEMENTS = [
    (sf.sum(U[g, i, j], j), sf.sum(W[b, g], b), "proved exact checked"),
    (sf.sum(U[g, i, j], j), 1, "refuted"),
]
