"""Grouped queries are heads with copies.

In grouped-query attention R query heads share one head of keys and values. The outputs are those of ordinary multi-head
attention in which the keys and values are copied R times; but only one copy has to be kept, which makes the cache R times
smaller. One group for all heads is multi-query attention; one group for each head is ordinary multi-head attention.
"""

from symformer import Derivation, FormulaCurves, begin, define, exp, indices, lift, sizes, sqrt, sum, tensor

n, m, G, R, d_k, d_v = sizes("n m G R d_k d_v")
g, r, i, j, k, c, f = indices("g r i j k c f")
Q = tensor("Q", G, R, n, d_k)
K, V = tensor("K", G, m, d_k), tensor("V", G, m, d_v)

S = define("S", (g, r, i, j), sum(Q[g, r, i, c] * K[g, j, c], c) / sqrt(d_k))
O = define("O", (g, r, i, f), sum(exp(S[g, r, i, j]) * V[g, j, f], j) / sum(exp(S[g, r, i, k]), k))
K_copy = define("K_copy", (g, (r, R), j, c), K[g, j, c])
V_copy = define("V_copy", (g, (r, R), j, f), V[g, j, f])
T = define("T", (g, r, i, j), sum(Q[g, r, i, c] * K_copy[g, r, j, c], c) / sqrt(d_k))

kept = lift(m) * G * (lift(d_k) + d_v)

derivation = Derivation(
    __doc__,
    given=(Q, K, V, "(g, r) is query head r of group g; checkpoints store the heads of a group one after the other"),
    where=(S, O, K_copy, V_copy, T),
    calc=(
        begin(T[g, r, i, j], "a score of ordinary multi-head attention with copied keys", "Scores"),
        (sum(Q[g, r, i, c] * K[g, j, c], c) / sqrt(d_k), "substitute the definitions: each copy is the key of its group"),
        (S[g, r, i, j], "definition of S"),
        begin(
            sum(exp(T[g, r, i, j]) * V_copy[g, r, j, f], j) / sum(exp(T[g, r, i, k]), k),
            "an output of ordinary multi-head attention with copied keys and values", "Outputs",
        ),
        (sum(exp(S[g, r, i, j]) * V[g, j, f], j) / sum(exp(S[g, r, i, k]), k), "the chain above, and each copy is the value of its group"),
        (O[g, r, i, f], "definition of O"),
        begin(kept / (R * kept), "entries kept by grouped queries, over those kept by ordinary heads", "The cache"),
        (1 / R, "everything else cancels"),
    ),
    reference="Ainslie et al. 2023, arXiv:2305.13245; Shazeer 2019, arXiv:1911.02150.",
    pictures=(FormulaCurves({"of ordinary heads": 1 / lift(R)}, "The cache that is kept when R heads share their keys", "R", [1, 2, 3, 4, 6, 8, 12, 16], "heads R in a group", "part of the cache"),),
)  # fmt: skip
