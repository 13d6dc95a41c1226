"""Causal attention over a window of two. Beltagy et al. 2020, arXiv:2004.05150, section 3.1."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
i, j, k, c, f = sf.indices("i j k c f")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e)
S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d))


def window(at):
    return sf.where((at <= sf.lift(i)) & (sf.lift(i) - at < 2), sf.exp(S[i, at]), 0)


P = sf.define("P", (i, j), window(j) / sf.sum(window(k), k))
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(Q, K, V))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(Q, K, V):
    out = []
    for i, query in enumerate(Q):
        seen = range(max(i - 1, 0), i + 1)
        scores = [sum(a * b for a, b in zip(query, K[j], strict=True)) / math.sqrt(len(query)) for j in seen]
        weights = [math.exp(one - max(scores)) for one in scores]
        total = sum(weights)
        out.append([sum(w * V[j][f] for j, w in zip(seen, weights, strict=True)) / total for f in range(V.shape[1])])
    return out


STATEMENTS = [
    (sf.sum(P[i, j], j), 1, "proved exact checked"),
    (P[i, j], sf.exp(S[i, j]) / sf.sum(sf.exp(S[i, k]), k), "refuted"),
]
