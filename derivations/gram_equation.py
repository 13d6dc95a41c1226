"""The closed equation of the cosines.

With Q = K = V = identity, the rate at which the cosines of tokens on the sphere change is a function of the cosines alone. So
the Gram matrix can be followed without the tokens, at a cost that does not depend on their dimension. And where all cosines
are positive, as among tokens in a narrow cone, the smallest of them never falls: the cone only closes.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, ge, indices, scalar, sizes, sum, tensor

n, d = sizes("n d")
i, j, k, l, c, f = indices("i j k l c f")
x, beta = tensor("x", n, d), scalar("beta")
p, a, b = (tensor(name, n, kind="nonnegative") for name in "pab")
g = scalar("g", kind="positive")

G = define("G", (i, j), sum(x[i, c] * x[j, c], c))
P = define("P", (i, j), exp(beta * G[i, j]) / sum(exp(beta * G[i, k]), k))
A = define("A", (i, c), sum(P[i, j] * x[j, c], j))
v = define("v", (i, c), A[i, c] - sum(x[i, f] * A[i, f], f) * x[i, c])
M = define("M", (i, j), sum(P[i, k] * G[k, j], k))

derivation = Derivation(
    __doc__,
    given=(
        x,
        beta.tensor,
        "tokens of length 1 that move with velocity v; the matrices Q, K and V of attention are the identity",
        g.tensor,
        a,
        b,
        p,
        "g is the smallest cosine, that of tokens i and j; the cosine of k and j is g + a, that of i and k is 1 − b, and p is "
        "the attention weight that i gives to k",
    ),
    where=(G, P, A, v, M),
    calc=(
        begin(
            sum(diff(G[i, j], x[k, c]) * v[k, c], k, c),
            "the rate at which the cosine of i and j changes",
            "The equation",
        ),
        (sum(v[i, c] * x[j, c] + x[i, c] * v[j, c], c), "product rule"),
        (
            sum(A[i, c] * x[j, c], c)
            + sum(A[j, c] * x[i, c], c)
            - (sum(x[i, f] * A[i, f], f) + sum(x[j, f] * A[j, f], f)) * G[i, j],
            "definition of v",
        ),
        (
            M[i, j] + M[j, i] - (M[i, i] + M[j, j]) * G[i, j],
            "the inner product of an average of tokens with a token is an average of cosines",
        ),
        begin(
            sum(p[k] * (g + a[k]), k) - g * sum(p[k] * (1 - b[k]), k),
            "what the motion of token i contributes to the rate of the smallest cosine: two terms of the equation above",
            "The smallest cosine never falls",
        ),
        (sum(p[k] * a[k], k) + g * sum(p[k] * b[k], k), "expand: the terms g p cancel"),
        ge(0, "no term is negative; the same is true of what j contributes"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, proof of Theorem 6.8.",
    example={
        "x": [["3/5", "4/5"], [1, 0]],
        "beta": 1,
        "g": "3/5",
        "a": ["2/5", 0],
        "b": [0, "2/5"],
        "p": ["3/5", "2/5"],
    },
    pictures=(HeatMap(P, "The attention weights", "token", "token"),),
)
