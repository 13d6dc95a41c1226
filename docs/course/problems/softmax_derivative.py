"""The derivative of a probability.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
x = tensor("x", n)
p = define("p", i, exp(x[i]) / sum(exp(x[k]), k))

derivation = Derivation(
    __doc__,
    calc=(
        begin(diff(p[i], x[j]), "how probability i changes with score j"),
        (delta(i, j) * exp(x[i]) / sum(exp(x[k]), k) - exp(x[i]) * exp(x[j]) / sum(exp(x[k]), k), "quotient rule"),
        (delta(i, j) * p[i] - p[i] * exp(x[j]), "definition of p"),
    ),
)  # fmt: skip
