"""Dynamic tanh in place of layer norm. Zhu et al. 2025, arXiv:2503.10622, equation 1."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, c = sf.indices("i c")
x, gamma, beta = sf.tensor("x", n, d), sf.tensor("gamma", d), sf.tensor("beta", d)
alpha = sf.scalar("alpha")
PROGRAM = sf.program(
    sf.define("y", (i, c), gamma[c] * sf.tanh(alpha * x[i, c]) + beta[c]), inputs=(x, gamma, beta, alpha)
)
PRINTED = "y_ic = γ_c tanh(α x_ic) + β_c"


def reference(x, gamma, beta, alpha):
    return [[gamma[c] * math.tanh(alpha * row[c]) + beta[c] for c in range(len(row))] for row in x]


STATEMENTS = [
    (sf.diff(sf.tanh(alpha * x[i, c]), x[i, c]), alpha * (1 - sf.tanh(alpha * x[i, c]) ** 2), "proved"),
    (sf.tanh(alpha * x[i, c]), alpha * sf.tanh(x[i, c]), "refuted"),
]
