"""Latent attention, folded and backwards.

Multi-head latent attention keeps one short vector for each token, the latent, and makes the keys and values of all heads from it. The matrix
that would make the keys may be applied to the query instead, and the one that makes the values to the output. So while decoding no key and
no value is ever formed: attention runs on the latents themselves, as if there were one head of keys for all.
"""

from symformer import Derivation, begin, define, diff, indices, lift, see, sizes, sum, tensor

H, n, m, d_k, d_c, d_v, d_r, L = sizes("H n m d_k d_c d_v d_r L")
h, i, j, a, b, f = indices("h i j a b f")
Q, C, P = tensor("Q", H, n, d_k), tensor("C", m, d_c), tensor("P", H, n, m)
U, W = tensor("U", H, d_c, d_k), tensor("W", H, d_c, d_v)
dS = tensor("dS", H, n, m)

K = define("K", (h, j, a), sum(C[j, b] * U[h, b, a], b))
V = define("V", (h, j, f), sum(C[j, b] * W[h, b, f], b))
S = define("S", (h, i, j), sum(Q[h, i, a] * K[h, j, a], a))
q = define("q", (h, i, b), sum(Q[h, i, a] * U[h, b, a], a))
o = define("o", (h, i, b), sum(P[h, i, j] * C[j, b], j))
phi = define("phi", h, sum(sum(dS[h, i, j] * S[h, i, j], j), i))

derivation = Derivation(
    __doc__,
    given=(
        Q, C, U, W, P, dS,
        "C are the latents; U and W make keys and values from them, head by head; P are the attention weights; scores are shown without their scale",
        "d_r is the width of the one rotary key that all heads share, L the number of layers; φ is the loss as far as it depends on the scores of a head",
    ),
    where=(K, V, S, q, o, phi),
    calc=(
        begin(S[h, i, j], "a score", "Keys folded into queries"),
        (sum(Q[h, i, a] * sum(C[j, b] * U[h, b, a], b), a), "definition of K"),
        (sum(sum(Q[h, i, a] * U[h, b, a], a) * C[j, b], b), "exchange the sums"),
        (sum(q[h, i, b] * C[j, b], b), "definition of q: a query for the latents themselves"),
        begin(sum(P[h, i, j] * V[h, j, f], j), "an output", "Values folded into outputs"),
        (sum(sum(P[h, i, j] * C[j, b], j) * W[h, b, f], b), "definition of V; exchange the sums"),
        (sum(o[h, i, b] * W[h, b, f], b), "definition of o: attention first, then the matrix, which can be merged with that of the output"),
        begin(diff(phi[h], C[j, b]), "the gradient of a latent, through the keys of one head", "The latent, backwards"),
        (sum(dS[h, i, j] * q[h, i, b], i), "as for a key that all heads share: the gradients of the heads add up"),
        begin(diff(phi[h], U[h, b, a]), "the gradient of the matrix that makes the keys", "The matrix"),
        (sum(sum(dS[h, i, j] * C[j, b], j) * Q[h, i, a], i), "a score is linear in it"),
        begin((lift(d_c) + d_r) * L / (lift(2) * H * d_k * L), "numbers kept for a token, over those of multi-head attention with values as wide as keys", "The cache"),
        ((lift(d_c) + d_r) / (2 * lift(H) * d_k), "the number of layers cancels: 576 of 32768 with the sizes of DeepSeek-V2"),
    ),
    notes=("A rotation by the position stands between query and key and cannot be folded: hence the separate rotary key.",),
    reference=("DeepSeek-AI 2024, DeepSeek-V2, arXiv:2405.04434, section 2.1 and appendix C. Which factors may move is in ", see("gauge-freedom"), "."),
    example={
        "Q": [[[1, 0]], [[0, 1]]], "C": [[1, 1], [0, 1]], "U": [[[1, 0], [1, 1]], [[0, 1], [1, 0]]], "W": [[[1], [2]], [[3], [1]]],
        "P": [[["1/2", "1/2"]], [["1/4", "3/4"]]], "dS": [[[1, -1]], [[2, -2]]], "L": 2, "d_r": 1,
    },
)  # fmt: skip
