"""Multi-head attention is a sum over heads.

Papers concatenate the outputs of the heads and multiply by one matrix. Cut that matrix into one block of rows for each head,
and the product is a sum over heads: each head adds to the residual stream on its own, and nothing passes from one head to
another. In which order the columns are concatenated does not matter, as long as the rows of the matrix have the same order.
"""

from symformer import Derivation, HeatMap, begin, define, delta, indices, sizes, sum, tensor

n, d, H, d_v, m = sizes("n d H d_v m")
h, i, a, c, j = indices("h i a c j")
O = tensor("O", H, n, d_v)
W = tensor("W_O", m, d)
head, feature = tensor("head", m, kind="integer", upper=H), tensor("feature", m, kind="integer", upper=d_v)

C = define("C", (i, j), O[head[j], i, feature[j]])
B = define("B", ((h, H), (c, d_v), a), sum(delta(head[j], h) * delta(feature[j], c) * W[j, a], j))

derivation = Derivation(
    __doc__,
    given=(
        O, W, head, feature,
        "O holds the outputs of the heads, and C concatenates them: column j is feature[j] of head[j]; each pair of a head and a "
        "feature has one column, so m is H d_v",
    ),
    where=(C, B),
    calc=(
        begin(sum(C[i, j] * W[j, a], j), "what papers write: the concatenated heads times one matrix"),
        (sum(O[head[j], i, feature[j]] * W[j, a], j), "definition of C"),
        (
            sum(sum(sum(delta(head[j], h) * delta(feature[j], c) * O[h, i, c] * W[j, a], (c, d_v)), (h, H)), j),
            "insert sums over all heads and features: for each j only the term h = head[j], c = feature[j] remains",
        ),
        (
            sum(sum(sum(delta(head[j], h) * delta(feature[j], c) * O[h, i, c] * W[j, a], j), c), h),
            "exchange the sums",
        ),
        (sum(sum(O[h, i, c] * B[h, c, a], c), h), "definition of B: the rows of W that belong to head h"),
    ),
    notes=(
        "In papers and checkpoints head h has columns (h − 1) d_v + 1 to h d_v, and its rows of W_O are a block of consecutive rows. "
        "Programs here keep heads as an index of their own and never reshape.",
    ),
    reference="Thickstun, The Transformer Model in Equations, equation 3; Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.",
    example={
        "O": [[[1, 2], [0, 1]], [[3, 1], [1, 1]]],
        "W_O": [[1, 0, 2], [0, 1, 1], [1, 1, 0], [2, 0, 1]],
        "head": [1, 1, 2, 2], "feature": [1, 2, 1, 2],
    },
    pictures=(HeatMap(C, "The heads side by side", "token", "feature"),),
)  # fmt: skip
