"""Two steps of Sinkhorn's normalization in the log domain. Cuturi 2013, arXiv:1306.0895; Peyré & Cuturi 2019, 4.21."""

import math

import symformer as sf

n = sf.sizes("n")
i, j, k = sf.indices("i j k")
C = sf.tensor("C", n, n)
eps = sf.scalar("epsilon", kind="positive")
f = sf.define("f", i, -eps * sf.log(sf.sum(sf.exp(-C[i, j] / eps), j)))
g = sf.define("g", j, -eps * sf.log(sf.sum(sf.exp((f[i] - C[i, j]) / eps), i)))
PROGRAM = sf.program(sf.define("P", (i, j), sf.exp((f[i] + g[j] - C[i, j]) / eps)), inputs=(C, eps))
PRINTED = "P_ij = exp((f_i + g_j − C_ij)/ε)"
LARGE = True


def reference(C, eps):
    n = len(C)
    f = [-eps * math.log(sum(math.exp(-C[i][j] / eps) for j in range(n))) for i in range(n)]
    g = [-eps * math.log(sum(math.exp((f[i] - C[i][j]) / eps) for i in range(n))) for j in range(n)]
    return [[math.exp((f[i] + g[j] - C[i][j]) / eps) for j in range(n)] for i in range(n)]


STATEMENTS = [(sf.sum(sf.exp((f[i] + g[j] - C[i, j]) / eps), i), 1, "proved exact checked")]
