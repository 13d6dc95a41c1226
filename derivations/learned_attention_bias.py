"""Learned biases of attention, and their gradients.

Whatever is added to the scores has the gradient of the scores, dS, summed over all places where it is added. A whole matrix gets
dS itself, a bias for each key the column sums, and a table of relative positions the sum over all pairs at the same distance. A
bias for each query gets nothing: the rows of dS sum to 0.
"""

from symformer import Derivation, HeatMap, begin, define, delta, diff, exp, indices, see, sizes, sum, tensor

n, m, d_v, R = sizes("n m d_v R")
i, j, k, l, f, t = indices("i j k l f t")
T, a, b, B = tensor("T", n, m), tensor("a", n), tensor("b", m), tensor("B", n, m)
table = tensor("table", R)
r = tensor("r", n, m, kind="integer", upper=R)
V, dO = tensor("V", m, d_v), tensor("dO", n, d_v)

S = define("S", (i, j), T[i, j] + B[i, j] + a[i] + b[j] + table[r[i, j]])
P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
phi = define("phi", (), sum(sum(dO[i, f] * sum(P[i, j] * V[j, f], j), f), i))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
dS = define("dS", (i, j), P[i, j] * (dP[i, j] - D[i]))

derivation = Derivation(
    __doc__,
    given=(
        T, B, a, b, table, r, V, dO,
        "T are the scores of queries and keys; a matrix B, a bias a of each query, a bias b of each key and an entry of a table are added",
        "r says which entry of the table belongs to a pair: its distance, clipped, or a bucket of distances as in T5; φ stands for the loss",
    ),
    where=(S, P, phi, dP, D, dS),
    calc=(
        begin(diff(phi[()], B[i, j]), "the gradient of a bias for each pair", "A matrix"),
        (dS[i, j], (see("attention-backward"), ": B is added to the scores, so its gradient is theirs")),
        begin(diff(phi[()], b[j]), "the gradient of the bias of a key", "One bias a key"),
        (sum(dS[i, j], i), "it is added in every row of column j"),
        begin(diff(phi[()], a[i]), "the gradient of the bias of a query", "One bias a query"),
        (sum(dS[i, j], j), "it is added to every entry of row i"),
        (sum(P[i, j] * dP[i, j], j) - D[i] * sum(P[i, j], j), "definition of dS"),
        (0, ("weights sum to 1: such a bias changes nothing, ", see("softmax-shift-invariance"))),
        begin(diff(phi[()], table[t]), "the gradient of an entry of the table", "A table of relative positions"),
        (sum(sum(dS[i, j] * delta(r[i, j], t), j), i), "it is added wherever r is t: dS is added up into the table, a scatter-add"),
    ),
    notes=("FlexAttention has no backward pass on a CPU for a captured bias; the function of this page has one, in NumPy and in C.",),
    reference="Shaw, Uszkoreit & Vaswani 2018, arXiv:1803.02155; Raffel et al. 2019 (T5), arXiv:1910.10683, section 2.1; Dao et al. 2022, arXiv:2205.14135, appendix B, for dS.",
    pictures=(HeatMap(dS, "The gradient dS of the scores, which every bias adds up"),),
    example={
        "T": [[1, 2], [0, 1]], "B": [[0, 1], [1, 0]], "a": [1, 2], "b": [0, 1], "table": [0, 1, 2], "r": [[2, 1], [3, 2]],
        "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]],
    },
)  # fmt: skip
