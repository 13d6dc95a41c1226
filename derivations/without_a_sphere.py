"""Tokens without a sphere.

Without layer norm tokens grow without bound, and only their shape is of interest. Rescaled by exp(−t), with V = identity, each
token moves towards the average of those it attends to. So it never leaves their convex hull, and the hull shrinks.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, scalar, sizes, sum, tensor

n, d = sizes("n d")
i, j, k, c, f = indices("i j k c f")
x, S, t = tensor("x", n, d), tensor("S", n, n), scalar("t")

P = define("P", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
v = define("v", (i, c), sum(P[i, j] * x[j, c], j))
z = define("z", (i, c), exp(-t) * x[i, c])

derivation = Derivation(
    __doc__,
    given=(
        x,
        S,
        t.tensor,
        "S are the scores, whatever the matrices Q and K are, and V is the identity; x moves with velocity v, and t is the time",
    ),
    where=(P, v, z),
    calc=(
        begin(diff(z[i, c], t) + sum(diff(z[i, c], x[k, f]) * v[k, f], k, f), "the velocity of a rescaled token"),
        (-z[i, c] + exp(-t) * v[i, c], "chain rule"),
        (sum(P[i, j] * z[j, c], j) - z[i, c], "definition of v and z: the average of the rescaled tokens"),
        (sum(P[i, j] * (z[j, c] - z[i, c]), j), "the attention weights sum to 1"),
    ),
    reference=(
        "Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2305.05465, (1.1), (2.1), and arXiv:2312.10794, (9.3)."
    ),
    example={"x": [[1, 0], [0, 2]], "S": [[1, 0], [0, 1]], "t": 1},
    pictures=(HeatMap(P, "The attention weights", "token", "token"),),
)
