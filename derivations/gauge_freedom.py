"""What attention cannot tell apart.

Queries and keys meet in inner products only, so W_Q may be multiplied by any invertible matrix and W_K by its inverse
transposed: no score changes. The same holds between values and output projection. A single column of W_Q, W_K or W_V, or a
single row of W_O, therefore means nothing by itself; the products W_Q W_Kᵀ and W_V W_O do.
"""

from symformer import Derivation, begin, define, delta, indices, sizes, sum, tensor

d, d_k, n, d_v = sizes("d d_k n d_v")
a, b, c, e, f, g, p, q, s = indices("a b c e f g p q s")
W_Q, W_K = tensor("W_Q", d, d_k), tensor("W_K", d, d_k)
A, B = tensor("A", d_k, d_k), tensor("B", d_k, d_k)
u, w = tensor("u", d_k), tensor("w", d_k)
r = tensor("r", d_k, kind="positive")
C = tensor("C", 2, 2)

M = define("M", (c, e), delta(c, e) + u[c] * w[e])
N = define("N", (c, e), delta(c, e) - u[c] * w[e] / (1 + sum(u[f] * w[f], f)))
det = C[1, 1] * C[2, 2] - C[1, 2] * C[2, 1]
D = define("D", ((p, 2), (q, 2)), (delta(p, q) * (C[1, 1] + C[2, 2]) - C[p, q]) / det)

derivation = Derivation(
    __doc__,
    given=(
        W_Q, W_K, A, B, u, w, r, C,
        "W_V and W_O are the matrices of the values and of the output",
        "A and B are any two matrices; M and N, and C and D, are examples in which one is the inverse of the other: 1 + u·w and "
        "the determinant of C are not 0",
    ),
    where=(M, N, D),
    calc=(
        begin(
            sum(sum(W_Q[a, c] * A[c, e], c) * sum(W_K[b, f] * B[e, f], f), e),
            "the matrix W_Q W_Kᵀ, with W_Q A for W_Q and W_K Bᵀ for W_K", "Only A B matters",
        ),
        (sum(sum(W_Q[a, c] * sum(A[c, e] * B[e, f], e) * W_K[b, f], f), c), "exchange the sums: only the product A B occurs"),
        begin(
            sum(sum(W_Q[a, c] * delta(c, f) * W_K[b, f], f), c),
            "the same where B is the inverse of A: their product is the identity", "With an inverse",
        ),
        (sum(W_Q[a, c] * W_K[b, c], c), "W_Q W_Kᵀ as it was"),
        begin(
            sum(W_Q[a, c] * r[c] * (W_K[b, c] / r[c]), c),
            "feature c multiplied by r_c in the queries and divided by it in the keys", "A scale for each feature",
        ),
        (sum(W_Q[a, c] * W_K[b, c], c), "r cancels"),
        begin(sum(M[c, e] * N[e, g], e), "the identity plus an outer product, times its inverse by the formula of Sherman and Morrison", "An inverse at every size"),
        (
            delta(c, g) + u[c] * w[g] - u[c] * w[g] / (1 + sum(u[f] * w[f], f)) * (1 + sum(u[e] * w[e], e)),
            "expand; the last factor collects the terms in which w meets u",
        ),
        (delta(c, g), "the last two terms cancel"),
        begin(sum(C[p, q] * D[q, s], q), "any 2 × 2 matrix times its adjugate over its determinant", "Any inverse of size 2"),
        (delta(p, s), "written out: the determinant on the diagonal, and 0 off it"),
    ),
    notes=("Values and output: (W_V A)(A⁻¹ W_O) is W_V W_O for the same reason.",
        "With rotary positions between queries and keys only those matrices are free that commute with every rotation.",),
    reference="Elhage et al. 2021, A Mathematical Framework for Transformer Circuits.",
)  # fmt: skip
