"""Two matrices as one: what a head asks, and what it moves.

Queries meet keys in an inner product, so W_Q and W_K act together as one matrix W_Q W_Kᵀ on the stream; what a head finds is
projected by W_V and by W_O, which act as W_V W_O. A bias of the queries joins the first. A bias of the keys adds the same number
to all scores of a row. Where queries and keys are turned by their positions, or normalised, something stands between the two.
"""

from symformer import Derivation, begin, define, exp, indices, see, sizes, sum, tensor

n, m, d, d_k, d_v = sizes("n m d d_k d_v")
a, g, c, e, f, i, j, k = indices("a g c e f i j k")
X, Y = tensor("X", n, d), tensor("Y", m, d)
W_Q, W_K, b_Q, b_K = tensor("W_Q", d, d_k), tensor("W_K", d, d_k), tensor("b_Q", d_k), tensor("b_K", d_k)
W_V, W_O, P = tensor("W_V", d, d_v), tensor("W_O", d_v, d), tensor("P", n, m)

M = define("M", (a, g), sum(W_Q[a, c] * W_K[g, c], c))
q = define("q", g, sum(b_Q[c] * W_K[g, c], c))
N = define("N", (a, g), sum(W_V[a, f] * W_O[f, g], f))
S = define("S", (i, j), sum((sum(X[i, a] * M[a, g], a) + q[g]) * Y[j, g], g))
r = define("r", i, sum((sum(X[i, a] * W_Q[a, c], a) + b_Q[c]) * b_K[c], c))

derivation = Derivation(
    __doc__,
    given=(
        X, Y, W_Q, W_K, b_Q, b_K, W_V, W_O, P,
        "X is what asks and Y what is asked; for self-attention they are the same rows; P are any attention weights",
        "nothing stands between projections and products: no rotation by positions, no norm",
    ),
    where=(M, q, N, S, r),
    calc=(
        begin(
            sum((sum(X[i, a] * W_Q[a, c], a) + b_Q[c]) * (sum(Y[j, g] * W_K[g, c], g) + b_K[c]), c),
            "a score before it is scaled", "What a head asks",
        ),
        (
            sum(sum(X[i, a] * sum(W_Q[a, c] * W_K[g, c], c), a) * Y[j, g], g) + sum(sum(b_Q[c] * W_K[g, c], c) * Y[j, g], g) + r[i],
            "expand and exchange the sums",
        ),
        (S[i, j] + r[i], "definitions of M and q"),
        begin(exp(S[i, j] + r[i]) / sum(exp(S[i, k] + r[i]), k), "the attention weights of these scores", "Attention weights"),
        (exp(S[i, j]) / sum(exp(S[i, k]), k), ("r is the same for all keys: ", see("softmax-shift-invariance"))),
        begin(
            sum(sum(P[i, j] * sum(Y[j, a] * W_V[a, f], a), j) * W_O[f, g], f),
            "what a head adds to the stream", "What a head moves",
        ),
        (sum(sum(P[i, j] * Y[j, a], j) * sum(W_V[a, f] * W_O[f, g], f), a), "exchange the sums"),
        (sum(sum(P[i, j] * Y[j, a], j) * N[a, g], a), "definition of N"),
    ),
    notes=("`sf.models.folded(model, \"circuits\")` joins them: W_K and W_V become the identity, and each head is as wide as the stream. "
           "Both products have rank d_k at most, though they are d × d.",),
    reference=("Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; compare ", see("gauge-freedom"), "."),
)  # fmt: skip
