"""Attention is kernel smoothing.

A kernel smoother predicts a value at q as the average of known values, weighted by a kernel of q and each known point. With an exponential kernel
that is attention. Where queries and keys have length 1, the exponential kernel is a Gaussian one, up to a factor that cancels. And whatever the kernel,
the weights are positive and sum to 1: the output lies between the smallest and the largest value.
"""

from symformer import Curves, Derivation, begin, define, exp, indices, le, max, scalar, sizes, sqrt, sum, tensor, wrong

n, d = sizes("n d")
i, j, c, f = indices("i j c f")
z, y, v, beta = tensor("z", d), tensor("y", n, d), tensor("v", n), scalar("beta", kind="positive")

q = define("q", c, z[c] / sqrt(sum(z[f] ** 2, f)))
k = define("k", (j, c), y[j, c] / sqrt(sum(y[j, f] ** 2, f)))
G = define("G", j, exp(-beta * sum((q[c] - k[j, c]) ** 2, c) / 2))
u = define("u", j, exp(beta * sum(q[c] * k[j, c], c)))
o = define("o", (), sum(u[j] * v[j], j) / sum(u[j], j))
M = define("M", (), max(v[j], j))

derivation = Derivation(
    __doc__,
    given=(z, y, v, beta.tensor, "q and k are a query and keys of length 1, v values of one column, β a scale: 1 over the variance of the Gaussian"),
    where=(q, k, G, u, o, M),
    calc=(
        begin(G[j], "the Gaussian kernel of the query and a key", "Two kernels"),
        (
            exp(-beta * (sum(q[c] ** 2, c) + sum(k[j, c] ** 2, c)) / 2 + beta * sum(q[c] * k[j, c], c)),
            "expand the square",
        ),
        (exp(-beta) * u[j], "lengths are 1: an exponential kernel, times a constant"),
        begin(sum(G[j] * v[j], j) / sum(G[j], j), "the Nadaraya–Watson estimate of the value at q", "One average"),
        wrong(exp(-beta) * o[()], "the constant left in the numerator alone"),
        (o[()], "the constant cancels: softmax attention with the scores β q · k"),
        begin(o[()], "the output", "Between the values"),
        le(sum(u[j] * M[()], j) / sum(u[j], j), "no value is larger than the largest, and weights are positive"),
        (M[()], "weights sum to 1; in the same way the output is not below the smallest value"),
    ),
    reference=("Tsai et al. 2019, arXiv:1908.11775; Nadaraya 1964; Watson 1964. As a flow of tokens it is mean shift."),
    pictures=(Curves(o, "The estimate as the query turns: an average in which near keys count most", ("z", 1), (-4, 4), "entry z₁", "estimate o"),),
    example={"z": [3, 4], "y": [[1, 0], [0, 2]], "v": [1, 5], "beta": 2},
)  # fmt: skip
