"""Stick-breaking attention. Tan et al. 2024, arXiv:2410.17980, equation 5."""

import math

import symformer as sf

n, e = sf.sizes("n e")
i, j, k, f = sf.indices("i j k f")
Z, V = sf.tensor("Z", n, n), sf.tensor("V", n, e)
between = sf.sum(sf.where((k > j) & (k < i), sf.softplus(Z)[i, k], 0), k)
A = sf.define("A", (i, j), sf.where(j < i, sf.exp(Z[i, j] - sf.softplus(Z)[i, j] - between), 0))
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(A[i, j] * V[j, f], j)), inputs=(Z, V))
PRINTED = "O_if = Σ_j A_ij V_jf"
LARGE = True


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def reference(Z, V):
    n, e = V.shape
    out = []
    for i in range(n):
        weights = [sigmoid(Z[i][j]) * math.prod(1 - sigmoid(Z[i][k]) for k in range(j + 1, i)) for j in range(i)]
        out.append([sum(w * V[j][f] for j, w in enumerate(weights)) for f in range(e)])
    return out


STATEMENTS = [
    (A[i, j], sf.where(j < i, sf.sigmoid(Z)[i, j] * sf.exp(-between), 0), "proved exact checked"),
    (sf.sum(A[i, j], j), 1, "refuted"),
]
