"""Attention on several devices.

Heads do not meet before the output projection. Give each device some heads, with their columns of the three projections and
their rows of the last, and each computes its heads alone. The sum of what the devices find is the result: one all-reduce.
"""

from symformer import Derivation, begin, define, exp, indices, sizes, sqrt, sum, tensor

n, d, t, H_t, d_k = sizes("n d t H_t d_k")
i, j, k, a, b, c, r, g = indices("i j k a b c r g")
X = tensor("X", n, d)
W_Q, W_K, W_V = (tensor(f"W_{kind}", t, H_t, d, d_k) for kind in "QKV")
W_O = tensor("W_O", t, H_t, d_k, d)
Z = tensor("Z", t, H_t, n, d_k)

Q, K, V = (
    define(kind, (r, g, i, c), sum(X[i, b] * W[r, g, b, c], b)) for kind, W in (("Q", W_Q), ("K", W_K), ("V", W_V))
)
S = define("S", (r, g, i, j), sum(Q[r, g, i, c] * K[r, g, j, c], c) / sqrt(d_k))
O = define("O", (r, g, i, c), sum(exp(S[r, g, i, j]) * V[r, g, j, c], j) / sum(exp(S[r, g, i, k]), k))
Y = define("Y", (i, a), sum(sum(sum(Z[r, g, i, c] * W_O[r, g, c, a], c), g), r))


def pieces(kind, W):
    """What device r has of a projection, and what it computes with it."""
    piece = define(f"C_{kind}", (r, g, b, c), W[r, g, b, c])
    return piece, define(f"B_{kind}", (r, g, i, c), sum(X[i, b] * piece[r, g, b, c], b))


(C_Q, B_Q), (C_K, B_K), (C_V, B_V) = (pieces(kind, W) for kind, W in (("Q", W_Q), ("K", W_K), ("V", W_V)))
B_S = define("B_S", (r, g, i, j), sum(B_Q[r, g, i, c] * B_K[r, g, j, c], c) / sqrt(d_k))
B_O = define("B_O", (r, g, i, c), sum(exp(B_S[r, g, i, j]) * B_V[r, g, j, c], j) / sum(exp(B_S[r, g, i, k]), k))
R_O = define("R_O", (r, g, c, a), W_O[r, g, c, a])
E = define("E", (r, i, a), sum(sum(Z[r, g, i, c] * R_O[r, g, c, a], c), g))

derivation = Derivation(
    __doc__,
    given=(
        X, W_Q, W_K, W_V, W_O, Z,
        "a head is a pair (r, g): head g of those on device r, so that H = t H_t",
        "C and R are the pieces of the projections that device r has, B what it computes with them; Z is the output of heads, whatever it is",
    ),
    where=(Q, K, V, S, O, Y, C_Q, C_K, C_V, B_Q, B_K, B_V, B_S, B_O, R_O, E),
    calc=(
        begin(Q[r, g, i, c], "a query", "Columns"),
        (sum(X[i, b] * C_Q[r, g, b, c], b), "definition of C_Q: the columns of a head lie on one device"),
        (B_Q[r, g, i, c], "definition of B_Q: it is computed where its head lies, and so are keys and values"),
        begin(S[r, g, i, j], "a score", "Scores"),
        (sum(B_Q[r, g, i, c] * B_K[r, g, j, c], c) / sqrt(d_k), "substitute the definition, and the chain above for queries and keys"),
        (B_S[r, g, i, j], "definition of B_S: heads do not meet"),
        begin(O[r, g, i, c], "the output of a head", "Heads"),
        (
            sum(exp(B_S[r, g, i, j]) * B_V[r, g, j, c], j) / sum(exp(B_S[r, g, i, k]), k),
            "substitute the definition, and the chains above",
        ),
        (B_O[r, g, i, c], "definition of B_O: the outputs Z are the same"),
        begin(Y[i, a], "the whole block, from the outputs of all heads", "Rows"),
        (sum(sum(sum(Z[r, g, i, c] * R_O[r, g, c, a], c), g), r), "substitute the definitions: R has the rows of its own heads"),
        (sum(E[r, i, a], r), "definition of E: each device has one term, and an all-reduce adds them"),
    ),
    reference="Shoeybi et al. 2019, arXiv:1909.08053, section 3.",
)  # fmt: skip
