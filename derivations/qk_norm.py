"""Query-key norm.

Where queries and keys are divided by their lengths, a score is g times a cosine: it cannot outgrow g, however large the weights
become. Backwards the norm removes from each gradient the part along the query itself. So a step along the gradient never shortens
a query. The length of a query has no effect on a score; it only makes the gradient smaller.
"""

from symformer import Curves, Derivation, begin, define, diff, ge, indices, scalar, sizes, sqrt, sum, tensor, wrong

d = sizes("d")
b, c, f = indices("b c f")
q, k, g, a = tensor("q", d), tensor("k", d), scalar("g", kind="positive"), scalar("a", kind="positive")

r = define("r", (), sqrt(sum(q[c] ** 2, c)))
t = define("t", (), sqrt(sum(k[c] ** 2, c)))
u = define("u", c, q[c] / r[()])
w = define("w", c, k[c] / t[()])
s = define("s", (), g * sum(u[c] * w[c], c))

derivation = Derivation(
    __doc__,
    given=(q, k, g.tensor, a.tensor, "a query q and a key k, which are not 0; u and w are their directions; g is the learned scale, one for each head"),
    where=(r, t, u, w, s),
    calc=(
        begin((r[()] * t[()]) ** 2 * (g**2 - s[()] ** 2), "how far the square of a score is below g², times both squared lengths", "Scores are bounded"),
        (g**2 * (sum(q[c] ** 2, c) * sum(k[c] ** 2, c) - sum(q[c] * k[c], c) ** 2), "definitions of r, t and s"),
        (
            g**2 * sum(sum((q[c] * k[b] - q[b] * k[c]) ** 2, b), c) / 2,
            "Lagrange's identity for the square of an inner product",
        ),
        ge(0, "a sum of squares: so a score is never above g, nor below −g"),
        begin(diff(u[b], q[c]), "how a direction changes with the query", "The direction"),
        (diff(q[b], q[c]) / r[()] - q[b] * diff(r[()], q[c]) / r[()] ** 2, "quotient rule"),
        ((diff(q[b], q[c]) - u[b] * u[c]) / r[()], ("the derivative of the root is ", u[c])),
        begin(diff(s[()], q[c]), "the gradient of a score in the query", "Backwards"),
        (g * sum(w[b] * diff(u[b], q[c]), b), "chain rule"),
        wrong(g * w[c] / r[()], "as if the length were a constant"),
        (g / r[()] * (w[c] - sum(w[b] * u[b], b) * u[c]), "the chain above: the key's direction without its part along the query"),
        begin(sum(q[c] * diff(s[()], q[c]), c), "the part of this gradient along the query", "Orthogonal"),
        (g / r[()] * (sum(q[c] * w[c], c) - sum(w[b] * u[b], b) * sum(q[c] * u[c], c)), "the chain above"),
        (0, "the query is its length times its direction"),
        begin(diff(s[()], g), "the gradient of the scale", "The scale"),
        (sum(u[c] * w[c], c), "the cosine"),
        begin(g * sum(a * q[c] * w[c], c) / sqrt(sum((a * q[c]) ** 2, c)), "a score, with a query that is a times as long", "Lengths do not matter"),
        (s[()], "a positive factor leaves the root, and cancels"),
    ),
    reference=("Henry et al. 2020, arXiv:2010.04245; Dehghani et al. 2023, ViT-22B, arXiv:2302.05442.",),
    example={"q": [3, 4], "k": [1, 0], "g": 2, "a": 3},
    pictures=(Curves(s, "However long the query, its score stays between −g and g", ("q", 1), ("-20", "20"), "entry q₁", "score s"),),
)  # fmt: skip
