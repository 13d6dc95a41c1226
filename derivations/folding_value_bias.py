"""The bias of values, folded behind attention.

The attention weights of a query sum to 1, so a vector that is added to every value is added to what the head finds, whatever
the weights are. The matrix behind the heads can take it over as a bias of its own. A sink takes some of each query, so that
the weights of the keys sum to less than 1 and the bias arrives in part.
"""

from symformer import Derivation, begin, define, exp, indices, sizes, sum, tensor, wrong

n, m, d, d_v = sizes("n m d d_v")
a, c, i, j, k = indices("a c i j k")
S, V, b = tensor("S", n, m), tensor("V", m, d_v), tensor("b", d_v)
W, r, s = tensor("W_O", d_v, d), tensor("b_O", d), tensor("s", n)

P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
O = define("O", (i, c), sum(P[i, j] * V[j, c], j))
q = define("b_tilde", a, r[a] + sum(b[c] * W[c, a], c))
T = define("T", (i, j), exp(S[i, j]) / (exp(s[i]) + sum(exp(S[i, k]), k)))

derivation = Derivation(
    __doc__,
    given=(S, V, b, W, r, s, "each query sees at least one key: with a mask, where a row sees none, nothing is found and no bias arrives"),
    where=(P, O, q, T),
    calc=(
        begin(sum(P[i, j] * (V[j, c] + b[c]), j), "what a head finds where the values have a bias", "One head"),
        (O[i, c] + b[c] * sum(P[i, j], j), "expand and split the sum; the bias does not depend on the key"),
        (O[i, c] + b[c], "a row of attention weights sums to 1"),
        begin(sum((O[i, c] + b[c]) * W[c, a], c) + r[a], "behind the matrix that puts heads back", "Behind the output matrix"),
        (sum(O[i, c] * W[c, a], c) + q[a], "expand and split the sum; definition of the folded bias"),
        begin(sum(T[i, j] * b[c], j), "beside a sink s", "What a sink forbids"),
        wrong(b[c], "the tempting claim that the whole bias arrives"),
        (b[c] * (1 - exp(s[i]) / (exp(s[i]) + sum(exp(S[i, k]), k))), "the keys have what the sink leaves"),
    ),
    notes=("`sf.models.folded(model, \"value_biases\")` does this for every attention without a sink; where heads share values, b is that "
           "of their group.",),
    reference="TransformerLens calls it fold_value_biases.",
)  # fmt: skip
