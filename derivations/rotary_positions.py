"""Rotary positions are relative.

Queries and keys are turned, pair by pair, by angles proportional to their positions. In a score the two rotations combine
into one, by the difference of the angles: the score knows how far apart the two tokens are, and nothing else of where they
stand. Lengths do not change.
"""

from symformer import Derivation, FormulaCurves, begin, cos, define, delta, indices, scalar, sin, sizes, sum, tensor

P = sizes("P")
i, t = indices("i t")
w = tensor("omega", P)
q, k = tensor("q", P, 2), tensor("k", P, 2)
m, n = scalar("m"), scalar("r")


def turned(name, x, by):
    """Each pair of x turned by an angle."""
    one = x[i, 1] * cos(w[i] * by) - x[i, 2] * sin(w[i] * by)
    two = x[i, 2] * cos(w[i] * by) + x[i, 1] * sin(w[i] * by)
    return define(name, (i, (t, 2)), delta(t, 1) * one + delta(t, 2) * two)


q_m, k_r, k_far = turned("q_m", q, m), turned("k_r", k, n), turned("k_far", k, n - m)

derivation = Derivation(
    __doc__,
    given=(w, q, k, m.tensor, n.tensor, "the query stands at position m, the key at position r"),
    where=(q_m, k_r, k_far),
    calc=(
        begin(sum(sum(q_m[i, t] * k_r[i, t], t), i), "the score of the turned query and key", "The score"),
        (
            sum(
                (q[i, 1] * k[i, 1] + q[i, 2] * k[i, 2]) * (cos(w[i] * m) * cos(w[i] * n) + sin(w[i] * m) * sin(w[i] * n))
                + (q[i, 2] * k[i, 1] - q[i, 1] * k[i, 2]) * (cos(w[i] * m) * sin(w[i] * n) - sin(w[i] * m) * cos(w[i] * n)),
                i,
            ),
            "expand pair by pair, and collect terms",
        ),
        (
            sum(
                (q[i, 1] * k[i, 1] + q[i, 2] * k[i, 2]) * cos(w[i] * (n - m))
                + (q[i, 2] * k[i, 1] - q[i, 1] * k[i, 2]) * sin(w[i] * (n - m)),
                i,
            ),
            "the addition theorems of sine and cosine",
        ),
        (sum(sum(q[i, t] * k_far[i, t], t), i), "definition of k_far: the query as it was, and the key turned by the distance r − m"),
        begin(sum(sum(q_m[i, t] ** 2, t), i), "the squared length of the turned query", "The length"),
        (sum((q[i, 1] ** 2 + q[i, 2] ** 2) * (cos(w[i] * m) ** 2 + sin(w[i] * m) ** 2), i), "expand: the mixed terms cancel"),
        (sum(sum(q[i, t] ** 2, t), i), "cos² + sin² is 1"),
    ),
    notes=("With q and k read as complex numbers, pair by pair, the score is the real part of a sum over pairs: q times the "
           "conjugate of k, turned by the angle (m − r) ω.",),
    reference="Su et al. 2021, arXiv:2104.09864, equations 16 and 34.",
    pictures=(FormulaCurves({"ω = 1": cos(n - m), "ω = 1/4": cos((n - m) / 4)}, "The score of one pair of a query at 0: it knows how far away the key is, and turns with its frequency", "r", (0, 24), "position r", "score", {"m": 0}),),
)  # fmt: skip
