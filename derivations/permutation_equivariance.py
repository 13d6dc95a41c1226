"""Attention does not see order.

Permute the tokens, and the outputs are permuted in the same way: nothing else changes. Self-attention without a mask treats
its tokens as a set. What a model knows about positions must therefore enter through the tokens, the scores or a mask.
"""

from symformer import Derivation, HeatMap, begin, define, exp, indices, sizes, sqrt, sum, tensor

n, d, d_v = sizes("n d d_v")
i, j, k, c, f = indices("i j k c f")
Q, K, V = tensor("Q", n, d), tensor("K", n, d), tensor("V", n, d_v)
pi = tensor("pi", n, kind="permutation")

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c) / sqrt(d))
Z = define("Z", i, sum(exp(S[i, k]), k))
O = define("O", (i, f), sum(exp(S[i, j]) * V[j, f], j) / Z[i])
T = define("T", (i, j), sum(Q[pi[i], c] * K[pi[j], c], c) / sqrt(d))
R = define("R", (i, f), sum(exp(T[i, j]) * V[pi[j], f], j) / sum(exp(T[i, k]), k))

derivation = Derivation(
    __doc__,
    given=(Q, K, V, pi, "queries, keys and values come from one sequence, so π permutes the rows of all three"),
    where=(S, Z, O, T, R),
    calc=(
        begin(T[i, j], "a score of the permuted tokens", "Scores"),
        (S[pi[i], pi[j]], ("definition of S, at row ", pi[i], " and column ", pi[j])),
        begin(sum(exp(T[i, k]), k), "the denominator of the permuted tokens", "Denominators"),
        (sum(exp(S[pi[i], pi[k]]), k), "the chain above: the scores are those of S, permuted"),
        (sum(exp(S[pi[i], k]), k), "π meets every key once, and a sum does not depend on the order of its terms"),
        (Z[pi[i]], "definition of Z"),
        begin(R[i, f], "an output of the permuted tokens", "Outputs"),
        (sum(exp(S[pi[i], pi[j]]) * V[pi[j], f], j) / Z[pi[i]], "scores and denominator, as above"),
        (sum(exp(S[pi[i], j]) * V[j, f], j) / Z[pi[i]], "π meets every key once"),
        (O[pi[i], f], "definition of O, at row π(i): the output, permuted"),
    ),
    reference="Thickstun, The Transformer Model in Equations, section 2; Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, remark 2.2.",
    pictures=(HeatMap(S, "The scores S"), HeatMap(T, "The scores after the tokens have changed places: the same numbers, elsewhere"),),
    example={
        "Q": [[1, 0], [0, 1], [1, 1]], "K": [[1, 1], [0, 1], [1, 0]], "V": [[1, 2], [3, 4], [5, 6]], "pi": [2, 3, 1],
    },
)  # fmt: skip
