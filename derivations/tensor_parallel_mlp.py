"""A feed-forward block on several devices.

Cut the first matrix by columns and the second by rows, and give each device one piece of both. GELU acts on each hidden feature
by itself, so that no device needs the features of another: each computes a matrix of full size, and the sum of these is the
result. One all-reduce is all that is exchanged.
"""

from symformer import Derivation, begin, define, gelu, indices, sizes, sum, tensor

n, d, t, f_t = sizes("n d t f_t")
i, a, b, r, g = indices("i a b r g")
N = tensor("N", n, d)
W_1, W_2 = tensor("W_1", d, t, f_t), tensor("W_2", t, f_t, d)

U = define("U", (i, r, g), sum(N[i, b] * W_1[b, r, g], b))
G = define("G", (i, r, g), gelu(U[i, r, g]))
F = define("F", (i, a), sum(sum(G[i, r, g] * W_2[r, g, a], g), r))
C = define("C", (r, b, g), W_1[b, r, g])
R = define("R", (r, g, a), W_2[r, g, a])
D = define("D", (r, i, g), sum(N[i, b] * C[r, b, g], b))
E = define("E", (r, i, a), sum(gelu(D[r, i, g]) * R[r, g, a], g))

derivation = Derivation(
    __doc__,
    given=(
        N, W_1, W_2,
        "a hidden feature is a pair (r, g): feature g of those on device r, so that d_ff = t f_t",
        "C_r, f_t columns of W_1, and R_r, as many rows of W_2, are what device r has",
    ),
    where=(U, G, F, C, R, D, E),
    calc=(
        begin(U[i, r, g], "a hidden feature of the whole block", "Columns"),
        (sum(N[i, b] * C[r, b, g], b), "definition of C: its column lies on one device"),
        (D[r, i, g], "definition of D: what that device computes alone"),
        begin(G[i, r, g], "the same after GELU", "GELU"),
        (gelu(D[r, i, g]), "the chain above: GELU needs no other feature"),
        begin(F[i, a], "the whole block", "Rows"),
        (sum(sum(gelu(D[r, i, g]) * R[r, g, a], g), r), "substitute the definition, and the chain above; R has the rows of its own features"),
        (sum(E[r, i, a], r), "definition of E: each device has one term, and an all-reduce adds them"),
    ),
    notes=(
        "Cut the first matrix by rows instead, and each device has only a part of the sum that GELU is taken of: GELU of a sum is not the sum of GELUs.",
    ),
    reference="Shoeybi et al. 2019, arXiv:1909.08053, section 3.",
    example={"N": [[1, 2]], "W_1": [[[1], [2]], [[0], [1]]], "W_2": [[[1, 0]], [[3, 1]]]},
)  # fmt: skip
