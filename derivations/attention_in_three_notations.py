"""Attention in three notations.

Each query asks every key how well they agree, turns the answers into shares that sum to one, and takes that mixture of
the values. In matrices it is one line, in indices every sum is in sight, in numbers it can be followed by hand.
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
        (O[i, f], "the output of attention"),
        (sum(P[i, j] * V[j, f], j), "a mixture of the values, with the shares of row i"),
        (sum(exp(S[i, j]) / sum(exp(S[i, k]), k) * V[j, f], j), "the shares are a softmax over the keys"),
        (sum(exp(S[i, j]) * V[j, f], j) / sum(exp(S[i, k]), k),
         "the divisor belongs to the row: it is divided by once, at the end, as fast kernels do"),
    ),
    reference=("Vaswani et al. 2017, arXiv:1706.03762, equation 1. A shift of all scores changes nothing (",
               see("softmax-shift-invariance"), "), but a factor does: hence the root."),
    example={"Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1], [1, 0]], "V": [[1, 2], [3, 4], [5, 6]]},
    temperature=Q,
    pictures=(HeatMap(P, "The weights P: how much each query takes from each key"),),
)  # fmt: skip
