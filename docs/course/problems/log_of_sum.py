"""The logarithm of a sum.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, exp, indices, log, scalar, sizes, sum, tensor

n = sizes("n")
i, k = indices("i k")
x, c = tensor("x", n), scalar("c")

derivation = Derivation(
    __doc__,
    calc=(
        begin(log(sum(exp(x[k] + c), k)), "the log-sum-exp of shifted scores"),
        (log(exp(c) * sum(exp(x[k]), k)), "factor out exp(c)"),
        (c + log(sum(exp(x[k]), k)), "the logarithm of a product"),
        (c + sum(x[k], k), "exp undoes log"),
    ),
)  # fmt: skip
