"""Mamba-2's scalar decay written in parallel, with cumulative sums of log decays. Dao & Gu 2024, arXiv:2405.21060."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, j, k, c = sf.indices("i j k c")
a, x = sf.tensor("a", n), sf.tensor("x", n, d)
s = sf.define("s", i, sf.cumsum(a[j], j, i))
decay = sf.where(j <= i, sf.exp(s[i] - s[j]), 0)
PROGRAM = sf.program(sf.define("y", (i, c), sf.sum(decay * x[j, c], j)), inputs=(a, x))
PRINTED = "y_ic = Σ_j ({exp(s_i − s_j) if j ≤ i; 0 otherwise}) x_jc"


def reference(a, x):
    out = []
    for i in range(len(a)):
        weights = [math.exp(sum(a[j + 1 : i + 1])) for j in range(i + 1)]
        out.append([sum(weights[j] * x[j][c] for j in range(i + 1)) for c in range(len(x[0]))])
    return out


STATEMENTS = [
    (sf.where(j <= i, s[i] - s[j], 0), (j <= i) * (s[i] - s[j]), "proved"),
    (s[i], sf.sum(a[j], j), "refuted"),
]
