"""A factor under a root.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, indices, scalar, sizes, sqrt, sum, tensor

d = sizes("d")
c = indices("c")
x, a = tensor("x", d), scalar("a")

derivation = Derivation(
    __doc__,
    calc=(
        begin(sum((a * x[c]) ** 2, c), "the squared length of a x"),
        (a**2 * sum(x[c] ** 2, c), "factor out a²"),
        (a**2 * sqrt(sum(x[c] ** 2, c)) ** 2, "the square of the length"),
        ((a * sum(x[c], c)) ** 2, "a times the length, squared"),
    ),
)  # fmt: skip
