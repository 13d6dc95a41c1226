"""Decoding with a cache.

A decoder that has read t − 1 tokens needs, for token t, only that token's query, key and value: the earlier keys and values
have not changed, since a causal mask lets no later token reach them. So they are kept. The output with a cache is the last
row of attention over the whole sequence.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    delta,
    diff,
    exp,
    indicator,
    indices,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
)

m, n, d, d_k, d_v = sizes("m n d d_k d_v")
i, j, k, t, a, c, f = indices("i j k t a c f")
X = tensor("X", m, d)
W_K = tensor("W_K", d, d_k)
Q, V = tensor("Q", m, d_k), tensor("V", m, d_v)

K = define("K", (j, c), sum(X[j, a] * W_K[a, c], a))
S = define("S", (t, j), sum(Q[t, c] * K[j, c], c) / sqrt(d_k))
Z = define("Z", t, sum(indicator(k, "≤", t) * exp(S[t, k]), k))
N = define("N", (t, f), sum(indicator(j, "≤", t) * exp(S[t, j]) * V[j, f], j))
O = define("O", (t, f), N[t, f] / Z[t])

derivation = Derivation(
    __doc__,
    given=(X, W_K, Q, V, "m tokens in all; queries and values are made from the tokens as keys are, with matrices of their own"),
    where=(K, S, Z, N, O),
    calc=(
        begin(diff(K[j, c], X[i, a]), "how the key of token j changes with token i", "Old keys stay"),
        (delta(i, j) * W_K[a, c], "a key depends on its own token alone, and so does a value: once computed, it stays"),
        begin(Z[t], "the denominator of token t", "One step"),
        (
            sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k)
            + sum(delta(k, t) * indicator(k, "≤", t) * exp(S[t, k]), k),
            "split the sum: each visible key is an earlier one or the token's own",
        ),
        (
            sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k) + exp(S[t, t]),
            "only the term k = t of the second sum remains: the first is in the cache, the second is new",
        ),
        begin(N[t, f], "the numerator of token t", "Its values"),
        (
            sum((1 - delta(j, t)) * indicator(j, "≤", t) * exp(S[t, j]) * V[j, f], j) + exp(S[t, t]) * V[t, f],
            "in the same way: cached keys and values, and the token's own",
        ),
        begin(O[t, f], "the output of token t", "The output"),
        (
            (sum((1 - delta(j, t)) * indicator(j, "≤", t) * exp(S[t, j]) * V[j, f], j) + exp(S[t, t]) * V[t, f])
            / (sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k) + exp(S[t, t])),
            ("both chains: a softmax over the keys up to t, which later tokens do not change; see ", see("causal-mask")),
        ),
    ),
    notes=(
        "Several tokens at once, the last n of m: the query of row i among them is that of token t = i + m − n, so its mask "
        "is j ≤ i + m − n. This is the offset of `symformer.functions.attention`, and what `model.generate` runs.",
        "X itself does not change because the layers below are causal as well: the argument applies layer by layer.",
    ),
    reference="Chen, Transformer Inference Arithmetic, kipp.ly, 2022; Shazeer 2019, arXiv:1911.02150.",
    example={
        "X": [[1, 0], [0, 1], [1, 1]], "W_K": [[1, 0], [1, 1]], "Q": [[1, 0], [0, 1], [1, 1]], "V": [[1, 2], [3, 4], [5, 6]],
    },
    pictures=(HeatMap(S, "The scores of each query with each key", "token", "token"),),
)  # fmt: skip
