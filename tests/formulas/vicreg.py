"""VICReg's variance and covariance terms. Bardes et al. 2021, arXiv:2105.04906, equations 1 to 4."""

import numpy as np

import symformer as sf

n, d = sf.sizes("n d")
i, a, b = sf.indices("i a b")
z = sf.tensor("z", n, d)
gamma, eps = sf.scalar("gamma", kind="positive"), sf.scalar("epsilon", kind="positive")
mu = sf.define("mu", a, sf.mean(z[i, a], i))
C = sf.define("C", (a, b), sf.sum((z[i, a] - mu[a]) * (z[i, b] - mu[b]), i) / (n - sf.lift(1) / 2))
v = sf.define("v", (), sf.mean(sf.maximum(0, gamma - sf.sqrt(sf.var(z[i, a], i) + eps)), a))
c = sf.define("c", (), sf.sum(sf.sum(sf.where(sf.indicator(a, "≠", b), C[a, b] ** 2, 0), b), a) / d)
PROGRAM = sf.program(sf.define("L", (), v[()] + c[()]), inputs=(z, gamma, eps))
PRINTED = "L = v + c"


def reference(z, gamma, eps):
    z = np.asarray(z, float)
    n, d = z.shape
    mean = z.mean(0)
    v = sum(max(0.0, gamma - (((z[:, a] - mean[a]) ** 2).mean() + eps) ** 0.5) for a in range(d)) / d
    C = (z - mean).T @ (z - mean) / (n - 0.5)
    return v + sum(C[a, b] ** 2 for a in range(d) for b in range(d) if a != b) / d


STATEMENTS = [(C[a, b], C[b, a], "proved"), (sf.mean(z[i, a] - mu[a], i), 0, "proved"), (C[a, b], 0, "refuted")]
