"""A head as a tensor product.

What a head adds to the residual stream is the stream multiplied from two sides: from the left by the attention weights,
which move information between tokens, and from the right by the matrix W_V W_O, which moves it between features. The two act
on different axes. So two heads in a row, with their attention weights held fixed, act as one head whose two matrices are the
products: a virtual head.
"""

from symformer import Derivation, begin, define, indices, sizes, sum, tensor

n, d, d_v = sizes("n d d_v")
i, j, k, a, b, c, e, f = indices("i j k a b c e f")
X = tensor("X", n, d)
P, P_2 = tensor("P", n, n), tensor("P_2", n, n)
W_V, W_O, M_2 = tensor("W_V", d, d_v), tensor("W_O", d_v, d), tensor("M_2", d, d)
u, w = tensor("u", d), tensor("w", d)

V = define("V", (j, c), sum(X[j, b] * W_V[b, c], b))
O = define("O", (i, c), sum(P[i, j] * V[j, c], j))
M = define("M", (b, a), sum(W_V[b, c] * W_O[c, a], c))
Y = define("Y", (i, a), sum(sum(P[i, j] * X[j, b] * M[b, a], b), j))

derivation = Derivation(
    __doc__,
    given=(X, P, P_2, W_V, W_O, M_2, u, w, "the attention weights P and P_2 are held fixed; M_2 is the matrix W_V W_O of the second head"),
    where=(V, O, M, Y),
    calc=(
        begin(sum(O[i, c] * W_O[c, a], c), "what the head adds to the residual stream", "Two sides"),
        (sum(sum(P[i, j] * sum(X[j, b] * W_V[b, c], b), j) * W_O[c, a], c), "definitions of O and V"),
        (sum(sum(P[i, j] * X[j, b] * sum(W_V[b, c] * W_O[c, a], c), b), j), "exchange the sums"),
        (Y[i, a], "definitions of M and Y: P from the left, W_V W_O from the right"),
        begin(
            sum(sum(P_2[k, i] * Y[i, a] * M_2[a, e], a), i),
            "what a second head makes of the output of the first", "A virtual head",
        ),
        (
            sum(sum(sum(P_2[k, i] * P[i, j], i) * X[j, b] * sum(M[b, a] * M_2[a, e], a), b), j),
            "exchange the sums: the attention weights are P_2 P, and the matrix of the features is M M_2",
        ),
        begin(
            (u[a] * w[b]) * (u[f] * w[e]) - (u[a] * w[e]) * (u[f] * w[b]),
            "a minor of size 2 of W_V W_O, where a head has one feature and W_V W_O is the outer product of u and w", "Rank",
        ),
        (0, "all these minors vanish, so the rank is at most 1; d_v features add up d_v such products, so the rank is at most d_v"),
    ),
    reference="Elhage et al. 2021, A Mathematical Framework for Transformer Circuits.",
)  # fmt: skip
