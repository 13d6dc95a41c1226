"""Forgetting attention: logits fall by the log of the gates between. Lin et al. 2025, arXiv:2503.02130, equation 5."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
i, j, k, c, f, t = sf.indices("i j k c f t")
Q, K, V, F = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, e), sf.tensor("F", n)
L = sf.define("L", t, sf.log(sf.sigmoid(F)[t]))
C = sf.define("C", t, sf.cumsum(L[k], k, t))
S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d) + C[i] - C[j])
P = sf.define("P", (i, j), sf.where(j <= i, sf.exp(S[i, j]), 0) / sf.sum(sf.where(k <= i, sf.exp(S[i, k]), 0), k))
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(Q, K, V, F))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(Q, K, V, F):
    n, d = Q.shape
    logs = [-max(-one, 0) - math.log1p(math.exp(-abs(one))) for one in F]
    out = []
    for i in range(n):
        row = [
            sum(q * k for q, k in zip(Q[i], K[j], strict=True)) / math.sqrt(d) + sum(logs[j + 1 : i + 1])
            for j in range(i + 1)
        ]
        weights = [math.exp(one - max(row)) for one in row]
        out.append([sum(w * V[j][f] for j, w in enumerate(weights)) / sum(weights) for f in range(V.shape[1])])
    return out


def seen(at):
    return sf.where(at <= sf.lift(i), sf.exp(S[i, at] - C[i]), 0)


STATEMENTS = [
    (sf.sum(P[i, j], j), 1, "proved exact checked"),
    (P[i, j], seen(j) / sf.sum(seen(k), k), "proved exact checked"),  # the gates' own sum cancels
]
