"""A mean of squares.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, define, indices, mean, sizes, tensor

n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)
mu = define("mu", (), mean(x[k], k))

derivation = Derivation(
    __doc__,
    calc=(
        begin(mean((x[i] - mu[()]) ** 2, i), "the variance"),
        (mean(x[i] ** 2, i) - 2 * mu[()] * mean(x[i], i) + mu[()] ** 2, "expand the square"),
        (mean(x[i] ** 2, i) - mu[()] ** 2, "the mean of x is μ"),
        (mean(x[i], i) ** 2 - mu[()] ** 2, "the mean of the squares"),
        (0, "both are the same"),
    ),
)  # fmt: skip
