"""Barlow Twins: cross-correlations near the identity. Zbontar et al. 2021, arXiv:2103.03230, equations 1 and 2."""

import math

import symformer as sf

n, d = sf.sizes("n d")
b, i, j = sf.indices("b i j")
Z, Y = sf.tensor("Z", n, d), sf.tensor("Y", n, d)
lam = sf.scalar("lambda", kind="positive")
C = sf.define("C", (i, j), sf.sum(Z[b, i] * Y[b, j], b) / (sf.norm(Z[b, i], b) * sf.norm(Y[b, j], b)))
off = sf.sum(sf.where(sf.indicator(i, "≠", j), C[i, j] ** 2, 0), i, j)
PROGRAM = sf.program(sf.define("L", (), sf.sum((1 - C[i, i]) ** 2, i) + lam * off), inputs=(Z, Y, lam))
PRINTED = "L = Σ_i (1 − C_ii)^2 + λ Σ_i Σ_j ({C_ij^2 if i ≠ j; 0 otherwise})"
LARGE = True


def reference(Z, Y, lam):
    n, d = Z.shape

    def norm(A, at):
        return math.sqrt(sum(A[row][at] ** 2 for row in range(n)))

    total = 0.0
    for one in range(d):
        for other in range(d):
            found = sum(Z[row][one] * Y[row][other] for row in range(n)) / (norm(Z, one) * norm(Y, other))
            total += (1 - found) ** 2 if one == other else lam * found**2
    return total


STATEMENTS = [
    (off, sf.sum(C[i, j] ** 2, i, j) - sf.sum(C[i, i] ** 2, i), "proved exact checked"),
    (off, sf.sum(C[i, j] ** 2, i, j), "refuted"),
]
