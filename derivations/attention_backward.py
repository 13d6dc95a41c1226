"""The backward pass of attention.

A loss reaches attention as dO, its slope in every entry of the output. From there the chain rule walks back through the
mixture, the softmax and the scores. Two things make it cheap: the softmax needs one number a row, D, and D can be had
from dO and O without the n by m matrices.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, see, sizes, sqrt, sum, tensor, wrong

n, m, d_k, d_v = sizes("n m d_k d_v")
i, j, k, c, f, g = indices("i j k c f g")
Q, K, V = tensor("Q", n, d_k), tensor("K", m, d_k), tensor("V", m, d_v)
dO = tensor("dO", n, d_v)

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c) / sqrt(d_k))
P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
O = define("O", (i, f), sum(P[i, j] * V[j, f], j))
L = define("L", (), sum(sum(dO[i, f] * O[i, f], f), i))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
dS = define("dS", (i, j), P[i, j] * (dP[i, j] - D[i]))

derivation = Derivation(
    __doc__,
    given=(Q, K, V, dO, "L is the loss up to first order: its slope in O is dO"),
    where=(S, P, O, L, dP, D, dS),
    calc=(
        begin(diff(L[()], V[j, f]), "V enters through O = P V", "dV"),
        (sum(sum(dO[i, g] * diff(O[i, g], V[j, f]), g), i), "chain rule over all outputs"),
        (sum(sum(dO[i, g] * P[i, j] * delta(g, f), g), i), "the output is linear in the values"),
        (sum(P[i, j] * dO[i, f], i), "the delta keeps the term g = f"),
        begin(diff(L[()], P[i, j]), "P enters through O = P V", "dP"),
        (sum(dO[i, f] * diff(O[i, f], P[i, j]), f), "only row i of the output holds row i of P"),
        (sum(dO[i, f] * V[j, f], f), "the output is linear in the weights"),
        begin(diff(L[()], S[i, j]), "S enters through the softmax of its row", "dS"),
        (sum(dP[i, k] * diff(P[i, k], S[i, j]), k), "chain rule over the row"),
        (sum(dP[i, k] * P[i, k] * (delta(k, j) - P[i, j]), k), (see("softmax-jacobian"),)),
        (P[i, j] * dP[i, j] - P[i, j] * sum(P[i, k] * dP[i, k], k), "the delta keeps the term k = j"),
        (P[i, j] * (dP[i, j] - D[i]), ("take out ", P[i, j], "; the sum is D")),
        begin(D[i], "the number that each row needs", "D without the n by m matrices"),
        (sum(P[i, j] * sum(dO[i, f] * V[j, f], f), j), "definition of dP"),
        (sum(dO[i, f] * sum(P[i, j] * V[j, f], j), f), "the two sums change places"),
        (sum(dO[i, f] * O[i, f], f), "definition of O"),
        begin(diff(L[()], Q[i, c]), "Q enters through the scores of its row", "dQ"),
        (sum(dS[i, j] * diff(S[i, j], Q[i, c]), j), "chain rule over the row"),
        (sum(dS[i, j] * K[j, c], j) / sqrt(d_k), "a score is linear in the query"),
        begin(diff(L[()], K[j, c]), "K enters through the scores of its column", "dK"),
        (sum(dS[i, j] * diff(S[i, j], K[j, c]), i), "chain rule over the column"),
        wrong(sum(dS[i, j] * Q[i, c], i), "without the √d_k that divides the scores"),
        (sum(dS[i, j] * Q[i, c], i) / sqrt(d_k), "a score is linear in the key"),
    ),
    reference="Dao et al. 2022, FlashAttention, arXiv:2205.14135, appendix B.",
    example={
        "Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]],
    },
)  # fmt: skip
