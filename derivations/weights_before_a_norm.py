"""Weights before a norm.

Where a norm follows, the length of a weight has no effect: only its direction counts. Then the gradient is orthogonal to the weight, by Euler's theorem, and inversely proportional to its length. So each step of gradient
descent makes the weight longer, and long weights hardly turn any more. Weight decay holds the length back.
"""

from symformer import Derivation, begin, define, diff, indices, scalar, sizes, sqrt, sum, tensor, wrong

d = sizes("d")
b, c, f = indices("b c f")
w, t, a, eta = tensor("w", d), tensor("t", d), scalar("a", kind="positive"), scalar("eta", kind="positive")

r = define("r", (), sqrt(sum(w[c] ** 2, c)))
L = define("L", (), sum(t[c] * w[c], c) / r[()])
g = define("g", c, (t[c] - L[()] * w[c] / r[()]) / r[()])

derivation = Derivation(
    __doc__,
    given=(w, t, a.tensor, eta.tensor, "w is a weight, not 0; L is a loss that reads its direction alone, here through an inner product with t; a is any scale, η a step"),
    where=(r, L, g),
    calc=(
        begin(sum(t[c] * (a * w[c]), c) / sqrt(sum((a * w[c]) ** 2, c)), "the loss of a weight that is a times as long", "Scale does not matter"),
        (L[()], "a leaves the root, and cancels"),
        begin(diff(L[()], w[c]), "the gradient", "The gradient"),
        (t[c] / r[()] - sum(t[b] * w[b], b) * w[c] / r[()] ** 3, "quotient rule"),
        (g[c], "definitions of L and g"),
        begin(sum(w[c] * g[c], c), "the part of the gradient along the weight", "Orthogonal"),
        ((sum(w[c] * t[c], c) - L[()] / r[()] * sum(w[c] ** 2, c)) / r[()], "definition of g"),
        (0, "the squared length over the length is the length; definition of L"),
        begin(
            (t[c] - L[()] * (a * w[c]) / sqrt(sum((a * w[f]) ** 2, f))) / sqrt(sum((a * w[f]) ** 2, f)),
            "the gradient at a weight that is a times as long", "Longer weights",
        ),
        wrong(g[c], "as if it were the same, as the loss is"),
        (g[c] / a, "a leaves the roots: it is shorter"),
        begin(sum((w[c] - eta * g[c]) ** 2, c), "the squared length after a step", "A step"),
        (sum(w[c] ** 2, c) - 2 * eta * sum(w[c] * g[c], c) + eta**2 * sum(g[c] ** 2, c), "expand the square"),
        (r[()] ** 2 + eta**2 * sum(g[c] ** 2, c), "the gradient is orthogonal to the weight: it has grown"),
    ),
    reference="van Laarhoven 2017, arXiv:1706.05350; Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.3.",
    example={"w": [3, 4], "t": [1, 2], "a": 2, "eta": "1/2"},
)  # fmt: skip
