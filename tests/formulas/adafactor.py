"""Adafactor's factored second moment. Shazeer & Stern 2018, arXiv:1804.04235, algorithm 2."""

import math

import symformer as sf

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
G = sf.tensor("G", n, m)
eps = sf.scalar("epsilon", kind="positive")
R = sf.define("R", i, sf.sum(G[i, j] ** 2 + eps, j))
C = sf.define("C", j, sf.sum(G[i, j] ** 2 + eps, i))
V = sf.define("V", (i, j), R[i] * C[j] / sf.sum(R[k], k))
PROGRAM = sf.program(sf.define("U", (i, j), G[i, j] / sf.sqrt(V[i, j])), inputs=(G, eps))
PRINTED = "U_ij = G_ij/√V_ij"
LARGE = True


def reference(G, eps):
    n, m = G.shape
    rows = [sum(one**2 + eps for one in row) for row in G]
    columns = [sum(G[i][j] ** 2 + eps for i in range(n)) for j in range(m)]
    return [[G[i][j] / math.sqrt(rows[i] * columns[j] / sum(rows)) for j in range(m)] for i in range(n)]


STATEMENTS = [
    (sf.sum(V[i, j], j), R[i], "proved exact"),
    (sf.sum(C[j], j), sf.sum(R[k], k), "proved"),
    (V[i, j], G[i, j] ** 2 + eps, "refuted"),
]
