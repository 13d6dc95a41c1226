"""A weight as magnitude and direction. Liu et al. 2024, arXiv:2402.09353, equation 5."""

import math

import symformer as sf

d, e, r = sf.sizes("d e r")
i, j, k = sf.indices("i j k")
W, B, A, m = sf.tensor("W", d, e), sf.tensor("B", d, r), sf.tensor("A", r, e), sf.tensor("m", e)
U = W + B @ A
PROGRAM = sf.program(sf.define("V", (i, j), m[j] * U[i, j] / sf.norm(U[k, j], k)), inputs=(W, B, A, m))
PRINTED = "V_ij = (m_j U_ij)/√(Σ_k U_kj^2)"
LARGE = True


def reference(W, B, A, m):
    (d, e), r = W.shape, len(A)
    U = [[W[i][j] + sum(B[i][a] * A[a][j] for a in range(r)) for j in range(e)] for i in range(d)]
    norms = [math.sqrt(sum(U[i][j] ** 2 for i in range(d))) for j in range(e)]
    return [[m[j] * U[i][j] / norms[j] for j in range(e)] for i in range(d)]


V = PROGRAM.outputs[0]
STATEMENTS = [(sf.sum(V[i, j] ** 2, i), m[j] ** 2, "proved"), (V[i, j], U[i, j], "refuted")]
