"""Linear attention is a recurrent network.

Leave out the exponential, and a score is an inner product of features of the query and the key. Then the sum over keys can be taken first: a matrix of keys and values, and a vector of keys, are all that is needed of the past. Each new token adds one
outer product. The causal form and the recurrence give the same numbers.
"""

from symformer import Derivation, HeatMap, begin, define, delta, indicator, indices, see, sizes, sum, tensor, wrong

n, d, m = sizes("n d m")
t, j, c, f = indices("t j c f")
q, k = tensor("q", n, d, kind="positive"), tensor("k", n, d, kind="positive")
v = tensor("v", n, m)

S = define("S", ((t, n), c, f), sum(indicator(j, "≤", t) * k[j, c] * v[j, f], j))
z = define("z", ((t, n), c), sum(indicator(j, "≤", t) * k[j, c], j))
w = define("w", (t, j), indicator(j, "≤", t) * sum(q[t, c] * k[j, c], c))
O = define("O", (t, f), sum(w[t, j] * v[j, f], j) / sum(w[t, j], j))

derivation = Derivation(
    __doc__,
    given=(q, k, v, "q and k are positive features of queries and keys; a token sees the keys up to its own"),
    where=(S, z, w, O),
    calc=(
        begin(S[t, c, f], "the state after token t", "The state"),
        (
            sum((1 - delta(j, t)) * indicator(j, "≤", t) * k[j, c] * v[j, f], j) + sum(delta(j, t) * indicator(j, "≤", t) * k[j, c] * v[j, f], j),
            "split the sum: earlier tokens, and the token's own",
        ),
        (
            sum((1 - delta(j, t)) * indicator(j, "≤", t) * k[j, c] * v[j, f], j) + k[t, c] * v[t, f],
            "only the term j = t of the second sum remains: the state before, plus one outer product",
        ),
        begin(sum(w[t, j] * v[j, f], j), "the numerator of the output", "From the state"),
        (sum(q[t, c] * sum(indicator(j, "≤", t) * k[j, c] * v[j, f], j), c), "exchange the sums"),
        (sum(q[t, c] * S[t, c, f], c), "definition of S"),
        begin(sum(w[t, j], j), "the denominator", "And its norm"),
        (sum(q[t, c] * z[t, c], c), "in the same way"),
        begin(O[t, f], "the output", "The output"),
        wrong(sum(q[t, c] * S[t, c, f], c), "without the denominator"),
        (sum(q[t, c] * S[t, c, f], c) / sum(q[t, c] * z[t, c], c), "both chains: nothing of the past is needed but S and z"),
    ),
    reference=("Katharopoulos et al. 2020, arXiv:2006.16236, equations 16 to 20. With the exponential the past has to be kept: ", see("kv-cache-equivalence"), "."),
    pictures=(HeatMap(w, "The weights w of linear attention"),),
    example={"q": [[1, 1], [2, 1]], "k": [[1, 2], [1, 1]], "v": [[1], [3]]},
)  # fmt: skip
