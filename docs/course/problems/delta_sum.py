"""A sum with a delta.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, delta, indices, mean, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
x = tensor("x", n)

derivation = Derivation(
    __doc__,
    calc=(
        begin(sum((delta(i, k) - 1 / n) * x[k], k), "a token, centred"),
        (sum(delta(i, k) * x[k], k) - mean(x[k], k), "split the sum"),
        (x[i] - mean(x[k], k), "only the term k = i remains"),
        (sum(x[k], k) - mean(x[k], k), "the other terms of the first sum"),
        ((n - 1) * mean(x[k], k), "a sum is n means"),
    ),
)  # fmt: skip
