"""Primer's squared ReLU in a feed-forward layer. So et al. 2021, arXiv:2109.08668, section 4.2."""

import symformer as sf

n, d, f = sf.sizes("n d f")
i, j, c, h = sf.indices("i j c h")
x, W, U = sf.tensor("x", n, d), sf.tensor("W", d, f), sf.tensor("U", f, d)
a = sf.define("a", (i, h), sf.maximum(sf.sum(x[i, c] * W[c, h], c), 0) ** 2)
PROGRAM = sf.program(sf.define("y", (i, j), sf.sum(a[i, h] * U[h, j], h)), inputs=(x, W, U))
PRINTED = "y_ij = Σ_h a_ih U_hj"
LARGE = True


def reference(x, W, U):
    (n, d), f = x.shape, W.shape[1]
    a = [[max(sum(x[i][c] * W[c][h] for c in range(d)), 0) ** 2 for h in range(f)] for i in range(n)]
    return [[sum(a[i][h] * U[h][j] for h in range(f)) for j in range(d)] for i in range(n)]


z = sf.scalar("z")
STATEMENTS = [
    (sf.diff(sf.maximum(z, 0) ** 2, z), 2 * sf.maximum(z, 0), "proved exact checked"),
    (sf.maximum(z, 0) ** 2, z * sf.maximum(z, 0), "proved exact checked"),
    (sf.maximum(z, 0) ** 2, z**2, "refuted"),
]
