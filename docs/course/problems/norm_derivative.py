"""The derivative of a length.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, define, delta, diff, indices, sizes, sqrt, sum, tensor

d = sizes("d")
b, c = indices("b c")
x = tensor("x", d)
r = define("r", (), sqrt(sum(x[c] ** 2, c)))

derivation = Derivation(
    __doc__,
    calc=(
        begin(diff(x[b] / r[()], x[c]), "how a direction changes"),
        (delta(b, c) / r[()] - x[b] * diff(r[()], x[c]) / r[()] ** 2, "quotient rule"),
        (delta(b, c) / r[()] - x[b] * x[c] / r[()] ** 2, "the derivative of a length is the direction"),
    ),
)  # fmt: skip
