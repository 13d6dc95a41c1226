"""Direct preference optimization. Rafailov et al. 2023, arXiv:2305.18290, equation 7."""

import math

import numpy as np

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
w, l, w_0, l_0 = (sf.tensor(name, n) for name in ("w", "l", "w_ref", "l_ref"))
beta = sf.scalar("beta", kind="positive")
h = sf.define("h", i, beta * (w[i] - w_0[i]) - beta * (l[i] - l_0[i]))
PROGRAM = sf.program(sf.define("L", (), -sf.mean(sf.log(sf.sigmoid(h[i])), i)), inputs=(w, l, w_0, l_0, beta))
PRINTED = "L = −1/n Σ_i log(σ(h_i))"
LARGE = True


def reference(w, l, w_0, l_0, beta):
    total = 0.0
    for i in range(len(w)):
        total -= math.log(1 / (1 + math.exp(-beta * ((w[i] - w_0[i]) - (l[i] - l_0[i])))))
    return total / len(w)


SHAPES = {"w": "n", "l": "n", "w_ref": "n", "l_ref": "n", "beta": "positive ()"}


def in_numpy(w, l, w_ref, l_ref, beta):
    h = beta * (w - w_ref) - beta * (l - l_ref)
    return -np.mean(np.log(1 / (1 + np.exp(-h))))


STATEMENTS = [
    (sf.log(sf.sigmoid(h[i])), -sf.softplus(-h[i]), "proved"),
    (sf.log(sf.sigmoid(h[i])), sf.softplus(h[i]), "refuted"),
]
