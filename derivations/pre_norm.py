"""Pre-norm slows the collapse.

With the norm in front of attention, as in most models today, attention reads only the directions of the tokens, and their
lengths are free. A direction then moves as on the sphere, but divided by the length; and lengths grow, since a token in a
cluster reads nearly its own direction. So the gap 1 − cosine, which shrinks exponentially under post-norm, shrinks like 1/t².
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, scalar, see, sizes, sqrt, sum, tensor

n, d = sizes("n d")
i, k, c, f = indices("i k c f")
x, A, t, a = tensor("x", n, d), tensor("A", n, d), scalar("t", kind="positive"), scalar("a", kind="positive")

r = define("r", i, sqrt(sum(x[i, f] ** 2, f)))
theta = define("theta", (i, c), x[i, c] / r[i])

derivation = Derivation(
    __doc__,
    given=(
        x,
        A,
        t.tensor,
        a.tensor,
        "tokens x move with velocity A, whatever attention makes of their directions θ; r are their lengths, and ε is the gap 1 − γ of a cosine γ",
    ),
    where=(r, theta),
    calc=(
        begin(sum(diff(r[i], x[k, c]) * A[k, c], k, c), "the rate at which a length grows", "Lengths"),
        (sum(x[i, c] * A[i, c], c) / r[i], "chain rule: the derivative of the root"),
        (
            sum(theta[i, c] * A[i, c], c),
            "definition of θ: the part of A along the token; it is 1 where A is the direction of the token itself",
        ),
        begin(sum(diff(theta[i, c], x[k, f]) * A[k, f], k, f), "the rate at which a direction changes", "Directions"),
        (A[i, c] / r[i] - x[i, c] * sum(theta[i, f] * A[i, f], f) / r[i] ** 2, "quotient rule, and the chain above"),
        (
            1 / r[i] * (A[i, c] - sum(theta[i, f] * A[i, f], f) * theta[i, c]),
            ("the velocity on the sphere, divided by the length: ", see("sphere-invariance")),
        ),
        begin(
            diff(a * exp(-2 * t), t),
            "the derivative of a gap that shrinks at rate 2, as near the end under post-norm",
            "Post-norm",
        ),
        (-2 * (a * exp(-2 * t)), ("solves ε' = −2 ε: ", see("equiangular-tokens"))),
        begin(diff(a / t**2, t), "the derivative of a gap like 1/t², where lengths grow like t", "Pre-norm"),
        (-2 / t * (a / t**2), "solves ε' = −2 ε / r with r = t"),
    ),
    reference="Rigollet 2025, arXiv:2512.01868, section 6.2.",
    example={"x": [[3, 4], [1, 0]], "A": [[1, 2], [1, "1/2"]], "t": 2, "a": 1},
    pictures=(
        HeatMap(theta, "What attention reads: the directions of the tokens, without their lengths", "token", "feature"),
    ),
)
