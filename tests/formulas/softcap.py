"""Attention whose scores are capped. Gemma Team 2024, arXiv:2408.00118, section 2."""

import math

import symformer as sf

n, m, d, e = sf.sizes("n m d e")
i, j, c, f = sf.indices("i j c f")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
cap = sf.scalar("c", kind="positive")
S = sf.define("S", (i, j), cap * sf.tanh(sf.sum(Q[i, f] * K[j, f], f) / cap))
P = sf.softmax(S, name="P")
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(Q, K, V, cap))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(Q, K, V, cap):
    out = []
    for query in Q:
        scores = [cap * math.tanh(sum(a * b for a, b in zip(query, key, strict=True)) / cap) for key in K]
        weights = [math.exp(one - max(scores)) for one in scores]
        total = sum(weights)
        out.append([sum(w * row[f] for w, row in zip(weights, V, strict=True)) / total for f in range(V.shape[1])])
    return out


x = sf.scalar("x")
STATEMENTS = [
    (sf.diff(cap * sf.tanh(x / cap), x), 1 - sf.tanh(x / cap) ** 2, "proved"),
    (cap * sf.tanh(x / cap), x, "refuted"),
]
