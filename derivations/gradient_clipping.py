"""Clipping the norm of the gradient.

Where the gradient of all weights together is longer than c, it is scaled down to length c; where it is shorter, it stays. Its direction never changes, unlike where each entry is clipped on its own. In a sharded model the squared
length is a sum over all devices: the norms of the parts do not add up.
"""

from symformer import Curves, Derivation, begin, define, indices, minimum, scalar, sizes, sqrt, sum, tensor, wrong

n, m = sizes("n m")
i, j = indices("i j")
g, h, c = tensor("g", n), tensor("h", m), scalar("c", kind="positive")

r = define("r", (), sqrt(sum(g[i] ** 2, i) + sum(h[j] ** 2, j)))
s = define("s", (), minimum(1, c / r[()]))
a = define("a", (), sqrt(sum(g[i] ** 2, i)))
b = define("b", (), sqrt(sum(h[j] ** 2, j)))

derivation = Derivation(
    __doc__,
    given=(g, h, c.tensor, "g and h are the parts of the gradient on two devices, not both 0; c is the largest length"),
    where=(r, s, a, b),
    calc=(
        begin(r[()], "the length of the whole gradient", "The norm"),
        wrong(a[()] + b[()], "the sum of the lengths of its parts"),
        (sqrt(a[()] ** 2 + b[()] ** 2), "squared lengths add up: one number for each device has to be summed"),
        begin(sum((s[()] * g[i]) ** 2, i) + sum((s[()] * h[j]) ** 2, j), "the squared length after clipping", "Clipped"),
        (s[()] ** 2 * r[()] ** 2, "factor out s²"),
        begin(s[()] * r[()], "the length after clipping", "Its length"),
        (minimum(r[()], c), "a positive factor moves into the minimum: never above c"),
        begin(s[()] * g[1] * h[1], "one entry after clipping, times another before it", "Its direction"),
        (g[1] * (s[()] * h[1]), "the factor is the same for all: ratios of entries stay"),
    ),
    reference="Pascanu, Mikolov & Bengio 2012, arXiv:1211.5063, algorithm 1.",
    pictures=(Curves(s, "The factor of the gradient: the threshold over the norm, and no more than 1", "c", ("1/4", 20), "threshold c", "factor s"),),
    example={"g": [3, 0], "h": [4], "c": 1},
)  # fmt: skip
