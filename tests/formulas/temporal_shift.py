"""RWKV's token shift: each position mixed with the one before. Peng et al. 2023, arXiv:2305.13048, equation 11."""

import symformer as sf

n, d = sf.sizes("n d")
t, c = sf.indices("t c")
x, mu = sf.tensor("x", n, d), sf.tensor("mu", d)
before = sf.where(t > 1, x[sf.lift(t) - 1, c], 0)
PROGRAM = sf.program(sf.define("y", (t, c), mu[c] * x[t, c] + (1 - mu[c]) * before), inputs=(x, mu))
PRINTED = "y_tc = μ_c x_tc + (1 − μ_c)({x_[t−1,c] if t > 1; 0 otherwise})"
LARGE = True


def reference(x, mu):
    n, d = len(x), len(mu)
    return [[mu[c] * x[t][c] + (1 - mu[c]) * (x[t - 1][c] if t else 0) for c in range(d)] for t in range(n)]


STATEMENTS = [(mu[c] * x[t, c] + (1 - mu[c]) * x[t, c], x[t, c], "proved"), (before, x[t, c], "refuted open")]
