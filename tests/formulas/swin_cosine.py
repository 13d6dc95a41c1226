"""Scaled cosine attention with a bias. Liu et al. 2022, arXiv:2111.09883, equation 2."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
i, j, c, f, k = sf.indices("i j c f k")
Q, K, V, B = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e), sf.tensor("B", n, n)
tau = sf.scalar("tau", kind="positive")
cosine = sf.sum(Q[i, c] * K[j, c], c) / (sf.norm(Q[i, c], c) * sf.norm(K[j, c], c))
S = sf.define("S", (i, j), cosine / sf.maximum(tau, 0.01) + B[i, j])
P = sf.softmax(S, name="P")
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(Q, K, V, B, tau))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(Q, K, V, B, tau):
    out = []
    for i, q in enumerate(Q):
        row = [
            sum(a * b for a, b in zip(q, k, strict=True)) / math.hypot(*q) / math.hypot(*k) / max(tau, 0.01) + B[i][j]
            for j, k in enumerate(K)
        ]
        weights = [math.exp(one - max(row)) for one in row]
        out.append([sum(w * V[j][f] for j, w in enumerate(weights)) / sum(weights) for f in range(V.shape[1])])
    return out


STATEMENTS = [(cosine, sf.sum(Q[i, c] / sf.norm(Q[i, k], k) * K[j, c] / sf.norm(K[j, k], k), c), "proved")]
