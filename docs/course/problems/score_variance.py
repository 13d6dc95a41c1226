"""The variance of a score.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, indices, sizes, sum, tensor

d = sizes("d")
b, c = indices("b c")
q, k = tensor("q", d), tensor("k", d)

derivation = Derivation(
    __doc__,
    calc=(
        begin(sum(q[c] * k[c], c) ** 2, "a score, squared"),
        (sum(q[c] ** 2 * k[c] ** 2, c), "square each term"),
        (sum((q[c] * k[c]) ** 2, c), "collect"),
    ),
)  # fmt: skip
