"""Group normalization over channels of a group and positions. Wu & He 2018, arXiv:1803.08494, equations 1 to 3."""

import numpy as np

import symformer as sf

g, k, n = sf.sizes("g k n")
a, c, i = sf.indices("a c i")
x = sf.tensor("x", g, k, n)
gamma, beta = sf.tensor("gamma", g, k), sf.tensor("beta", g, k)
eps = sf.scalar("epsilon", kind="positive")
mu = sf.define("mu", a, sf.mean(x[a, c, i], c, i))
v = sf.define("v", a, sf.var(x[a, c, i], c, i))
PROGRAM = sf.program(
    sf.define("y", (a, c, i), gamma[a, c] * (x[a, c, i] - mu[a]) / sf.sqrt(v[a] + eps) + beta[a, c]),
    inputs=(x, gamma, beta, eps),
)
PRINTED = "y_aci = (γ_ac(x_aci − μ_a))/√(v_a + ε) + β_ac"
LARGE = True


def reference(x, gamma, beta, eps):
    x = np.asarray(x, float)
    out = np.empty_like(x)
    for a in range(x.shape[0]):
        mean = x[a].sum() / x[a].size
        var = ((x[a] - mean) ** 2).sum() / x[a].size
        out[a] = np.asarray(gamma)[a][:, None] * (x[a] - mean) / (var + eps) ** 0.5 + np.asarray(beta)[a][:, None]
    return out


SHAPES = {"x": "g k n", "gamma": "g k", "beta": "g k", "epsilon": "positive ()"}


def in_numpy(x, gamma, beta, epsilon):
    mean = x.mean(axis=(1, 2), keepdims=True)
    variance = x.var(axis=(1, 2), keepdims=True)
    return gamma[:, :, None] * (x - mean) / np.sqrt(variance + epsilon) + beta[:, :, None]


STATEMENTS = [
    (sf.mean(x[a, c, i] - mu[a], c, i), 0, "proved"),
    (v[a], sf.mean(x[a, c, i] ** 2, c, i) - mu[a] ** 2, "proved"),
    (v[a], sf.mean(x[a, c, i] ** 2, c, i), "refuted"),
]
