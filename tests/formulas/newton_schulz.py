"""Muon's Newton-Schulz step towards an orthogonal matrix. Jordan et al. 2024, Muon, the quintic iteration."""

import symformer as sf

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
X = sf.tensor("X", n, m)
a, b, c = 3.4445, -4.7750, 2.0315
A = X @ X.T
B = b * A + c * A @ A
PROGRAM = sf.program(sf.define("Y", (i, j), a * X[i, j] + sf.sum(B[i, k] * X[k, j], k)), inputs=(X,))
PRINTED = "Y_ij = 3.4445 X_ij + Σ_k B_ik X_kj"


def _product(A, B):
    return [[sum(x * B[k][j] for k, x in enumerate(row)) for j in range(len(B[0]))] for row in A]


def reference(X):
    n, m = X.shape
    A = _product(X, X.T)
    AA = _product(A, A)
    BX = _product([[-4.7750 * A[i][j] + 2.0315 * AA[i][j] for j in range(n)] for i in range(n)], X)
    return [[3.4445 * X[i][j] + BX[i][j] for j in range(m)] for i in range(n)]


STATEMENTS = [(A[i, j], A[j, i], "proved"), (B[i, j], B[j, i], "proved exact"), (B[i, j], A[i, j], "refuted")]
