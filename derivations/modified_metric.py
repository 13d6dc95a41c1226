"""Softmax attention is a gradient flow too.

In the usual metric softmax attention (SA) is not the gradient flow of the energy, since the velocity of each token is divided
by a row sum Z of its own. In the metric that multiplies the inner product at token i by its Z, it is: along every direction
on the sphere, the energy changes by the inner product with the velocity of SA. Q, K and V may be general, as long as Qᵀ K = V
and V is symmetric.
"""

from symformer import Derivation, HeatMap, begin, define, diff, exp, indices, scalar, see, sizes, sum, tensor

n, d = sizes("n d")
i, j, k, c, f = indices("i j k c f")
x, b, W, beta = tensor("x", n, d), tensor("b", n, d), tensor("W", d, d), scalar("beta", kind="positive")

V = define("V", (c, f), W[c, f] + W[f, c])
y = define("y", (i, c), sum(V[c, f] * x[i, f], f))
u = define("u", (i, j), exp(beta * sum(x[i, c] * y[j, c], c)))
E = define("E", (), sum(u[i, j], i, j) / (2 * beta))
Z = define("Z", i, sum(u[i, j], j))
B = define("B", (i, c), sum(u[i, j] * y[j, c], j) / Z[i])
w = define("w", (i, c), B[i, c] - sum(x[i, f] * B[i, f], f) * x[i, c] / sum(x[i, f] ** 2, f))
h = define("h", (i, c), b[i, c] - sum(x[i, f] * b[i, f], f) * x[i, c] / sum(x[i, f] ** 2, f))

derivation = Derivation(
    __doc__,
    given=(x, W, beta.tensor, b, "Q and K are any matrices with Qᵀ K = V; V is symmetric, being W + Wᵀ for any W; h is any direction on the sphere: of any b, the part orthogonal to the tokens"),
    where=(V, y, u, E, Z, B, w, h),
    calc=(
        begin(diff(E[()], x[k, c]), "the gradient of the energy in token k", "The gradient"),
        ((sum(u[i, k] * y[i, c], i) + sum(u[k, j] * y[j, c], j)) / 2, "token k occurs twice, as j and as i; V is symmetric"),
        (Z[k] * B[k, c], "u is symmetric, so the two sums are equal; definition of B"),
        begin(
            sum(Z[k] * w[k, c] * h[k, c], c), "what token k contributes to the weighted inner product of w and h", "The metric"
        ),
        (sum(Z[k] * B[k, c] * h[k, c], c), ("w is B plus a multiple of the token, to which h is orthogonal: ", see("sphere-invariance"))),
        (sum(diff(E[()], x[k, c]) * h[k, c], c), "the gradient above: this is how the energy changes when token k moves along h"),
    ),
    reference=("Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, (3.12). That the energy climbs is in ",
               see("energy-ascent"), "."),
    example={"x": [["3/5", "4/5"], [1, 0]], "b": [[1, 1], [0, 2]], "W": [["1/2", 0], [0, "1/2"]], "beta": 1},
    pictures=(HeatMap(u, "The exponentials of the scores", "token", "token"),),
)  # fmt: skip
