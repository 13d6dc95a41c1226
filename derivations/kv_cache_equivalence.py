"""Decoding with a cache.

A decoder that has read t tokens needs, for the next one, only that token's query, key and value: the keys and values of
the others are what they were, since a causal mask lets no later token change them. So they are kept. The output with
the cache is the row of the whole, for one new token and for several at once.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indicator, indices, see, sizes, sqrt, sum, tensor

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
    given=(X, W_K, Q, V, "m tokens so far; keys come from the tokens as here, queries and values with matrices of their own"),
    where=(K, S, Z, N, O),
    calc=(
        begin(diff(K[j, c], X[i, a]), "how token i enters the key of token j", "Old keys stay"),
        (delta(i, j) * W_K[a, c], "a key is made from its own token, and so is a value: what was computed once stays"),
        begin(Z[t], "the denominator of token t", "One step"),
        (
            sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k)
            + sum(delta(k, t) * indicator(k, "≤", t) * exp(S[t, k]), k),
            "a key that is seen is an earlier one or the token's own",
        ),
        (
            sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k) + exp(S[t, t]),
            "from the cache, and the one new term",
        ),
        begin(N[t, f], "the numerator of token t", "Its values"),
        (
            sum((1 - delta(j, t)) * indicator(j, "≤", t) * exp(S[t, j]) * V[j, f], j) + exp(S[t, t]) * V[t, f],
            "the same for the values: no key or value is read that was not there, or is not the token's own",
        ),
        begin(O[t, f], "the output of token t", "The output"),
        (
            (sum((1 - delta(j, t)) * indicator(j, "≤", t) * exp(S[t, j]) * V[j, f], j) + exp(S[t, t]) * V[t, f])
            / (sum((1 - delta(k, t)) * indicator(k, "≤", t) * exp(S[t, k]), k) + exp(S[t, t])),
            ("both chains: softmax over the keys up to t, which later tokens do not touch; see ", see("causal-mask")),
        ),
    ),
    notes=(
        "Several tokens at once, the last n of m: the query of row i among them is that of token t = i + m − n, so its mask "
        "is j ≤ i + m − n. This is the offset of `symformer.functions.attention`, and what `model.generate` runs.",
        "What this needs is that layers below are causal as well, so that X itself does not change; layer by layer, it follows.",
    ),
    reference="Chen, Transformer Inference Arithmetic, kipp.ly, 2022; Shazeer 2019, arXiv:1911.02150.",
    example={
        "X": [[1, 0], [0, 1], [1, 1]], "W_K": [[1, 0], [1, 1]], "Q": [[1, 0], [0, 1], [1, 1]], "V": [[1, 2], [3, 4], [5, 6]],
    },
)  # fmt: skip
