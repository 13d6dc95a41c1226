"""Multi-head attention is a sum over heads.

Papers lay the outputs of the heads side by side and multiply by one matrix. Cut that matrix into one block of rows
for each head, and the product is a sum: each head writes into the stream on its own. Nothing passes from one head to
another, and in which order the columns stand does not matter.
"""

from symformer import Derivation, begin, define, delta, indices, sizes, sum, tensor

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
        "O holds the outputs of the heads, C lays them side by side: column j holds one feature of one head, and m is H d_v",
    ),
    where=(C, B),
    calc=(
        begin(sum(C[i, j] * W[j, a], j), "what papers write: the joined heads times one matrix"),
        (sum(O[head[j], i, feature[j]] * W[j, a], j), "definition of C"),
        (
            sum(sum(sum(delta(head[j], h) * delta(feature[j], c) * O[h, i, c] * W[j, a], (c, d_v)), (h, H)), j),
            "sorted by heads and features: in every column one delta finds its head, the other its feature",
        ),
        (
            sum(sum(sum(delta(head[j], h) * delta(feature[j], c) * O[h, i, c] * W[j, a], j), c), h),
            "sums may be taken in any order",
        ),
        (sum(sum(O[h, i, c] * B[h, c, a], c), h), "definition of B: the rows of W that belong to head h"),
    ),
    notes=(
        "Side by side means head h in columns (h − 1) d_v + 1 to h d_v, as papers and checkpoints have it; B is then a block of "
        "consecutive rows. That is why programs here keep heads as an index of their own and never reshape.",
    ),
    reference="Thickstun, The Transformer Model in Equations, equation 3; Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.",
    example={
        "O": [[[1, 2], [0, 1]], [[3, 1], [1, 1]]],
        "W_O": [[1, 0, 2], [0, 1, 1], [1, 1, 0], [2, 0, 1]],
        "head": [1, 1, 2, 2], "feature": [1, 2, 1, 2],
    },
)  # fmt: skip
