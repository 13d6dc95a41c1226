"""FlashAttention backwards, and what is printed.

The backward pass of FlashAttention keeps one number for each row, the logarithm L of the sum of exponentials, and has the
attention weights back from it block by block. It needs one more number for each row, D, even with dropout. Three statements in the
papers on the first two versions cannot be right as they stand, and their readers noticed: the gradient of the keys, the
length of D, and columns where rows are meant.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, log, see, sizes, sum, tensor, wrong

n = sizes("n")
i, j, k, c, f, g = indices("i j k c f g")
Q, K, V, dO, T = (tensor(name, n, n) for name in ("Q", "K", "V", "dO", "T"))
dS = tensor("dS", n, n)
Z = tensor("Z", n, n, kind="mask")

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c))
phi = define("phi", (), sum(sum(dS[i, j] * S[i, j], j), i))
L = define("L", i, log(sum(exp(T[i, k]), k)))
P = define("P", (i, j), exp(T[i, j] - L[i]))
dP = define("dP", (i, j), Z[i, j] * sum(dO[i, f] * V[j, f], f))
O = define("O", (i, f), sum(Z[i, j] * P[i, j] * V[j, f], j))
D = define("D", i, sum(dO[i, f] * O[i, f], f))

derivation = Derivation(
    __doc__,
    given=(
        Q, K, V, dO, T, dS, Z,
        "all matrices are square here, so that a printed product with the wrong shapes has a meaning at all",
        "φ is the loss as far as it depends on the scores S: linear, with the gradient dS; T are scores to which a softmax is applied",
        "Z is the mask of dropout, here without its factor: 1 where a weight is kept",
    ),
    where=(S, phi, L, P, dP, O, D),
    calc=(
        begin(P[i, j], "an attention weight, from the score and the one number L of its row", "The weights come back"),
        (exp(T[i, j]) / sum(exp(T[i, k]), k), "exp undoes log"),
        begin(diff(phi[()], K[j, c]), "the gradient of the keys", "dK"),
        wrong(sum(Q[j, k] * dS[c, k], k), "as printed in section 2.2 of the paper on FlashAttention-2: dK = Q dSᵀ"),
        (sum(dS[i, j] * Q[i, c], i), "row j of the keys enters through column j of S: dK = dSᵀ Q"),
        begin(diff(phi[()], Q[i, c]), "the gradient of the queries", "dQ"),
        (sum(dS[i, j] * K[j, c], j), "row i of the queries enters through row i of S: dQ = dS K"),
        begin(sum(P[i, j] * dP[i, j], j), "what the derivative of the softmax subtracts in row i", "D, with dropout"),
        wrong(sum(dO[f, i] * O[f, i], f), "a sum over the tokens of a block, one number for each of the d columns"),
        (sum(Z[i, j] * P[i, j] * sum(dO[i, f] * V[j, f], f), j), "definition of dP"),
        (sum(dO[i, f] * sum(Z[i, j] * P[i, j] * V[j, f], j), f), "exchange the sums"),
        (D[i], "definitions of O and D: a sum over the d columns, one number for each row of a block"),
        begin(sum(P[i, j] * V[j, f], j), "entry i of column f of the output, without dropout", "Rows or columns"),
        wrong(sum(P[f, j] * V[i, j], j), "as printed in appendix B of the first paper, if its vectors are columns of O and V, as it says there"),
        (sum(exp(T[i, j]) * V[j, f], j) / sum(exp(T[i, k]), k), "definition of P: row i of O is the sum over j of P_ij times row j of V; column f of O is P times column f of V"),
        begin(diff(P[i, k], T[i, j]), "how a weight changes with a score of its row", "dS"),
        (diff(exp(T[i, k]), T[i, j]) / exp(L[i]) - P[i, k] * diff(L[i], T[i, j]), "product rule"),
        (diff(exp(T[i, k]), T[i, j]) / exp(L[i]) - P[i, k] * P[i, j], "the gradient of L is the softmax: so dS = P ⊙ (dP − D)"),
    ),
    reference=(
        "Dao et al. 2022, arXiv:2205.14135, algorithm 4 and appendix B; Dao 2023, arXiv:2307.08691, section 2.2 and algorithm 2. Reports: Dao-AILab/flash-attention "
        "issues 373, 884 and 2555. The whole backward pass is in ", see("attention-backward"), ".",
    ),
    pictures=(HeatMap(P, "The attention weights P, computed again from S and L"), HeatMap(dS, "The gradient dS of the scores"),),
    example={
        "Q": [[1, 0], [2, 1]], "K": [[1, 1], [0, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [2, 1]], "T": [[1, 2], [0, 1]],
        "dS": [[1, -1], [2, -2]], "Z": [[1, 0], [1, 1]],
    },
)  # fmt: skip
