"""A product, transposed.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, indices, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
A, B = tensor("A", n, n), tensor("B", n, n)

derivation = Derivation(
    __doc__,
    calc=(
        begin(sum(A[j, k] * B[k, i], k), "entry j, i of A B"),
        (sum(B[k, i] * A[j, k], k), "numbers commute"),
        (sum(B[i, k] * A[k, j], k), "so do matrices, transposed"),
    ),
)  # fmt: skip
