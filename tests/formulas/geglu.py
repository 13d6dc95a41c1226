"""A gate of GELU. Shazeer 2020, arXiv:2002.05202, equation 5."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
i, j, c = sf.indices("i j c")
x, W, V = sf.tensor("x", n, d), sf.tensor("W", d, e), sf.tensor("V", d, e)
g = sf.define("g", (i, j), sf.sum(x[i, c] * W[c, j], c))
PROGRAM = sf.program(
    sf.define("y", (i, j), g[i, j] * (1 + sf.erf(g[i, j] / sf.sqrt(2))) / 2 * sf.sum(x[i, c] * V[c, j], c)),
    inputs=(x, W, V),
)
PRINTED = "y_ij = (g_ij(1 + erf(g_ij/√2)))/2 Σ_c x_ic V_cj"
LARGE = True


def reference(x, W, V):
    (n, d), e = x.shape, W.shape[1]

    def times(A, i, j):
        return sum(x[i][c] * A[c][j] for c in range(d))

    def gelu(z):
        return z * (1 + math.erf(z / math.sqrt(2))) / 2

    return [[gelu(times(W, i, j)) * times(V, i, j) for j in range(e)] for i in range(n)]


z = sf.scalar("z")
phi = (1 + sf.erf(z / sf.sqrt(2))) / 2
STATEMENTS = [
    (z * phi - z * (1 - phi), z * (2 * phi - 1), "proved"),
    (sf.diff(z * phi, z), phi + z * sf.exp(-(z**2) / 2) / sf.sqrt(2 * sf.pi), "proved"),
    (sf.diff(z * phi, z), phi, "refuted"),
]
