"""Attention that returns its log-sum-exp, backwards.

Kernels return, beside the output O, the logarithm L of each row's sum of exponentials, so that results over blocks of keys can be
merged. A loss may then depend on both. The gradient of L reaches the scores through the same softmax, and all that changes in the
backward pass is one number for each row: D becomes D minus the gradient of L.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, log, see, sizes, sum, tensor, wrong

n, m, d_v = sizes("n m d_v")
i, j, k, f = indices("i j k f")
S, V = tensor("S", n, m), tensor("V", m, d_v)
dO, dL = tensor("dO", n, d_v), tensor("dL", n)

L = define("L", i, log(sum(exp(S[i, k]), k)))
P = define("P", (i, j), exp(S[i, j] - L[i]))
O = define("O", (i, f), sum(P[i, j] * V[j, f], j))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
phi = define("phi", (), sum(sum(dO[i, f] * O[i, f], f), i) + sum(dL[i] * L[i], i))

derivation = Derivation(
    __doc__,
    given=(S, V, dO, dL, "φ stands for the loss: linear in O and in L, with the gradients dO and dL"),
    where=(L, P, O, dP, D, phi),
    calc=(
        begin(diff(L[i], S[i, j]), "the derivative of the log-sum-exp", "The number of a row"),
        (exp(S[i, j]) / sum(exp(S[i, k]), k), "chain rule"),
        (P[i, j], "definitions of P and L: the attention weight"),
        begin(diff(phi[()], S[i, j]), "the gradient of the scores", "dS"),
        (
            sum(dP[i, k] * diff(P[i, k], S[i, j]), k) + dL[i] * diff(L[i], S[i, j]),
            "chain rule: through the weights of row i, and through its log-sum-exp",
        ),
        wrong(P[i, j] * (dP[i, j] - D[i]), "the gradient of L forgotten"),
        wrong(P[i, j] * (dP[i, j] - D[i]) + dL[i], "as if L were a score"),
        (P[i, j] * (dP[i, j] - D[i]) + dL[i] * P[i, j], (see("attention-backward"), " and the chain above")),
        (P[i, j] * (dP[i, j] - (D[i] - dL[i])), "factor out P: a kernel without this term is given D − dL in place of D"),
        begin(sum(P[i, j] * (dP[i, j] - (D[i] - dL[i])), j), "the sum of these gradients over a row", "A row of dS"),
        (dL[i], "weights sum to 1, and D is the sum of P dP: without a loss in L the row would sum to 0"),
    ),
    reference="Dao 2023, FlashAttention-2, arXiv:2307.08691, for L; the term is what flash-attention, FlexAttention and cuDNN call the gradient of the LSE.",
    pictures=(HeatMap(P, "The attention weights P"),),
    example={"S": [[1, 2], [0, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]], "dL": [1, 2]},
)  # fmt: skip
