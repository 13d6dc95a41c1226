"""Causal attention with a bias linear in the distance. Press et al. 2021, arXiv:2108.12409, section 3."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
i, j, k, c, f = sf.indices("i j k c f")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e)
m = sf.scalar("m", kind="positive")
S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d) - m * (sf.lift(i) - j))
seen, there = sf.indicator(j, "≤", i), sf.indicator(k, "≤", i)
P = sf.define("P", (i, j), seen * sf.exp(S[i, j]) / sf.sum(there * sf.exp(S[i, k]), k))
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(Q, K, V, m))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(Q, K, V, m):
    out = []
    for i, query in enumerate(Q):
        scores = [sum(a * b for a, b in zip(query, K[j], strict=True)) / math.sqrt(len(query)) - m * (i - j)
                  for j in range(i + 1)]  # fmt: skip
        weights = [math.exp(one - max(scores)) for one in scores]
        out.append([sum(w * V[j][f] for j, w in enumerate(weights)) / sum(weights) for f in range(V.shape[1])])
    return out


free = sf.exp(S[i, j] + m * i)
STATEMENTS = [
    (sf.sum(P[i, j], j), 1, "proved"),
    (P[i, j], seen * free / sf.sum(there * sf.exp(S[i, k] + m * i), k), "proved"),
    (P[i, j], P[j, i], "refuted"),
]
