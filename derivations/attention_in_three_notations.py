"""Attention in three notations.

Each query is compared with every key; a softmax turns its scores into attention weights that sum to one; and the output is
the average of the values with these weights. In matrices this is one line, in indices every sum is in sight, and in numbers
it can be followed by hand.
"""

from symformer import Derivation, HeatMap, define, exp, indices, see, sizes, sqrt, sum, tensor

n, m, d_k, d_v = sizes("n m d_k d_v")
i, j, k, c, f = indices("i j k c f")
Q, K, V = tensor("Q", n, d_k), tensor("K", m, d_k), tensor("V", m, d_v)

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c) / sqrt(d_k))
P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
O = define("O", (i, f), sum(P[i, j] * V[j, f], j))

derivation = Derivation(
    __doc__,
    given=(Q, K, V),
    where=(S, P, O),
    calc=(
        (O[i, f], "entry f of the output for query i"),
        (sum(P[i, j] * V[j, f], j), "definition of O: an average of the values, with the weights of row i"),
        (sum(exp(S[i, j]) / sum(exp(S[i, k]), k) * V[j, f], j), "definition of P: the weights are a softmax over the keys"),
        (sum(exp(S[i, j]) * V[j, f], j) / sum(exp(S[i, k]), k),
         "the denominator does not depend on j: divide once, at the end, as fast kernels do"),
    ),
    reference=("Vaswani et al. 2017, arXiv:1706.03762, equation 1. Adding a number to all scores changes nothing (",
               see("softmax-shift-invariance"), "), but multiplying them by a number other than 1 does: hence the care about √d_k."),
    example={"Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1], [1, 0]], "V": [[1, 2], [3, 4], [5, 6]]},
    temperature=Q,
    pictures=(HeatMap(P, "The attention weights P: a row for each query, a column for each key"),),
)  # fmt: skip
