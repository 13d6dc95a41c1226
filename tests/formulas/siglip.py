"""SigLIP's pairwise sigmoid loss. Zhai et al. 2023, arXiv:2303.15343, section 3.2."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, j, c = sf.indices("i j c")
x, y = sf.tensor("x", n, d), sf.tensor("y", n, d)
tau, b = sf.scalar("t"), sf.scalar("b")
logits = sf.define("s", (i, j), tau * sf.sum(x[i, c] * y[j, c], c) + b)
sign = sf.where(sf.indicator(i, "=", j), 1, -1)
PROGRAM = sf.program(
    sf.define("L", (), -(1 / sf.lift(n)) * sf.sum(sf.sum(sf.log(sf.sigmoid(sign * logits[i, j])), j), i)),
    inputs=(x, y, tau, b),
)
PRINTED = "L = −1/n Σ_i Σ_j log(σ(({1 if i = j; −1 otherwise}) s_ij))"
LARGE = True


def reference(x, y, tau, b):
    total = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            s = tau * sum(x[i][c] * y[j][c] for c in range(len(x[0]))) + b
            total -= math.log(1 / (1 + math.exp(-s if i == j else s)))
    return total / len(x)


STATEMENTS = [
    (sign, 2 * sf.delta(i, j) - 1, "proved exact checked open"),
    (sf.sigmoid(-tau), 1 - sf.sigmoid(tau), "proved"),
]
