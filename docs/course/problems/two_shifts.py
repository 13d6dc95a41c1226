"""Two blocks of keys.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, exp, indices, scalar, sizes, sum, tensor

n = sizes("n")
j = indices("j")
a = tensor("a", n)
m, r = scalar("m"), scalar("r")

derivation = Derivation(
    __doc__,
    calc=(
        begin(exp(m - r) * sum(exp(a[j] - m), j), "a sum of exponentials, brought to the shift r"),
        (sum(exp(a[j] - r), j), "m cancels"),
        (exp(r) * sum(exp(a[j]), j), "factor out the shift"),
    ),
)  # fmt: skip
