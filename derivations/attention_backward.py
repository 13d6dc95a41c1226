"""The backward pass of attention.

The loss reaches attention as dO, its gradient in the output. From there the chain rule goes back through the average of the
values, the softmax and the scores. Two things make it cheap: the softmax needs only one number D for each row, and D can be
computed from dO and O, without the n × m matrices.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    delta,
    diff,
    exp,
    indices,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

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
    given=(Q, K, V, dO, "L stands for the loss: it is linear in O, with the gradient dO"),
    where=(S, P, O, L, dP, D, dS),
    calc=(
        begin(diff(L[()], V[j, f]), "the gradient of V, which enters through O = P V", "dV"),
        (sum(sum(dO[i, g] * diff(O[i, g], V[j, f]), g), i), "chain rule over all entries of O"),
        (sum(sum(dO[i, g] * P[i, j] * delta(g, f), g), i), "differentiate: O is linear in V"),
        (sum(P[i, j] * dO[i, f], i), "only the term g = f remains: dV = Pᵀ dO"),
        begin(diff(L[()], P[i, j]), "the gradient of P, which enters through O = P V", "dP"),
        (sum(dO[i, f] * diff(O[i, f], P[i, j]), f), "chain rule: only row i of O depends on row i of P"),
        (sum(dO[i, f] * V[j, f], f), "differentiate: O is linear in P; so dP = dO Vᵀ"),
        begin(diff(L[()], S[i, j]), "the gradient of S, which enters through the softmax of its row", "dS"),
        (sum(dP[i, k] * diff(P[i, k], S[i, j]), k), "chain rule over row i of P"),
        (sum(dP[i, k] * P[i, k] * (delta(k, j) - P[i, j]), k), (see("softmax-jacobian"),)),
        (P[i, j] * dP[i, j] - P[i, j] * sum(P[i, k] * dP[i, k], k), "expand: of the delta only the term k = j remains"),
        (P[i, j] * (dP[i, j] - D[i]), ("factor out ", P[i, j], "; the sum is ", D[i])),
        begin(D[i], "the one number that row i needs", "D without the n by m matrices"),
        (sum(P[i, j] * sum(dO[i, f] * V[j, f], f), j), "definition of dP"),
        (sum(dO[i, f] * sum(P[i, j] * V[j, f], j), f), "exchange the sums"),
        (sum(dO[i, f] * O[i, f], f), "definition of O"),
        begin(diff(L[()], Q[i, c]), "the gradient of Q, of which row i enters through row i of S", "dQ"),
        (sum(dS[i, j] * diff(S[i, j], Q[i, c]), j), "chain rule over row i of S"),
        (sum(dS[i, j] * K[j, c], j) / sqrt(d_k), "differentiate: a score is linear in its query"),
        begin(diff(L[()], K[j, c]), "the gradient of K, of which row j enters through column j of S", "dK"),
        (sum(dS[i, j] * diff(S[i, j], K[j, c]), i), "chain rule over column j of S"),
        wrong(sum(dS[i, j] * Q[i, c], i), "the factor 1/√d_k forgotten"),
        (sum(dS[i, j] * Q[i, c], i) / sqrt(d_k), "differentiate: a score is linear in its key"),
    ),
    reference="Dao et al. 2022, FlashAttention, arXiv:2205.14135, appendix B.",
    pictures=(HeatMap(P, "The attention weights P"), HeatMap(dS, "The gradient dS of the scores: its rows sum to 0"),),
    example={
        "Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]],
    },
)  # fmt: skip
