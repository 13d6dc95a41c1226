"""Differential attention.

Two softmaxes with queries and keys of their own are subtracted, the second times λ, so that weight which both give to the same
irrelevant tokens cancels. The weights of a row sum to 1 − λ, and some may be negative. Backwards it is two attention passes with the
same D as one: the sum of dO times O over the columns, here split between the two.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, scalar, see, sizes, sum, tensor, wrong

n, m, d_v = sizes("n m d_v")
i, j, k, f = indices("i j k f")
S, T, V = tensor("S", n, m), tensor("T", n, m), tensor("V", m, d_v)
dO, lam = tensor("dO", n, d_v), scalar("lambda")

P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
N = define("N", (i, j), exp(T[i, j]) / sum(exp(T[i, k]), k))
O = define("O", (i, f), sum((P[i, j] - lam * N[i, j]) * V[j, f], j))
phi = define("phi", (), sum(sum(dO[i, f] * O[i, f], f), i))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
C = define("C", i, sum(N[i, j] * dP[i, j], j))

derivation = Derivation(
    __doc__,
    given=(S, T, V, dO, lam.tensor, "S and T are two matrices of scores; φ stands for the loss, linear in O with the gradient dO"),
    where=(P, N, O, phi, dP, D, C),
    calc=(
        begin(sum(P[i, j] - lam * N[i, j], j), "the weights of a row", "Weights"),
        wrong(1, "as in one softmax"),
        (1 - lam, "each softmax sums to 1"),
        begin(diff(phi[()], S[i, j]), "the gradient of the first scores", "The first scores"),
        (P[i, j] * (dP[i, j] - D[i]), (see("attention-backward"),)),
        begin(diff(phi[()], T[i, j]), "the gradient of the second scores", "The second scores"),
        (-lam * N[i, j] * (dP[i, j] - C[i]), "the same, times −λ: the second D is its own"),
        begin(diff(phi[()], lam), "the gradient of λ", "dλ"),
        (-sum(sum(dP[i, j] * N[i, j], j), i), "O is linear in λ"),
        (-sum(C[i], i), "definition of C"),
        begin(D[i] - lam * C[i], "both numbers of a row together", "D from the output"),
        (sum((P[i, j] - lam * N[i, j]) * sum(dO[i, f] * V[j, f], f), j), "definitions of D, C and dP"),
        (sum(dO[i, f] * O[i, f], f), "exchange the sums; definition of O"),
    ),
    reference="Ye et al. 2024, Differential Transformer, arXiv:2410.05258, equation 1.",
    pictures=(HeatMap(P, "The attention weights P"), HeatMap(N, "The weights N that are subtracted, times λ"),),
    example={"S": [[1, 2], [0, 1]], "T": [[0, 1], [1, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]], "lambda": "1/2"},
)  # fmt: skip
