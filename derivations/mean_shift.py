"""Softmax attention is mean shift.

Mean shift moves a point along the gradient of the logarithm of a smoothed density, towards the weighted average of its
neighbours. With Gaussian smoothing, and on the sphere, that is β times the field of softmax attention. One printed form of
this fact leaves out the β, and is refuted here beside its correction.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    exp,
    indices,
    log,
    mean,
    scalar,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

n, d = sizes("n d")
j, k, c, f = indices("j k c f")
x, z, beta = tensor("x", d), tensor("z", n, d), scalar("beta", kind="positive")

y = define("y", (j, c), z[j, c] / sqrt(sum(z[j, f] ** 2, f)))
u = define("u", j, exp(beta * sum(x[f] * y[j, f], f)))
B = define("B", c, sum(u[j] * y[j, c], j) / sum(u[k], k))
K = define("K", j, exp(-beta * sum((x[c] - y[j, c]) ** 2, c) / 2))
r = define("r", c, beta * (B[c] - x[c]))

derivation = Derivation(
    __doc__,
    given=(
        x,
        z,
        beta.tensor,
        "a token x, and tokens y of length 1 to which it attends; B is their average, with the attention weights of x",
    ),
    where=(y, u, B, K, r),
    calc=(
        begin(K[j], "the Gaussian around token j", "The Gaussian"),
        (
            exp(-beta * sum(x[c] ** 2, c) / 2) * exp(-beta * sum(y[j, c] ** 2, c) / 2) * u[j],
            "expand the square",
        ),
        (
            exp(-beta * (sum(x[c] ** 2, c) + 1) / 2) * u[j],
            "the tokens y have length 1: a factor that does not depend on j, times u",
        ),
        begin(
            diff(log(mean(K[j], j)), x[c]),
            "the gradient of the logarithm of the density of the tokens, smoothed by a Gaussian of variance 1/β",
            "The density",
        ),
        (sum(diff(K[j], x[c]), j) / sum(K[k], k), "chain rule; n cancels"),
        (beta * (sum(K[j] * y[j, c], j) / sum(K[k], k) - x[c]), "differentiate the Gaussian"),
        (
            beta * (B[c] - x[c]),
            "the Gaussians above: their common factor cancels",
        ),
        begin(
            r[c] - sum(x[f] * r[f], f) * x[c] / sum(x[f] ** 2, f),
            "this gradient, projected onto the sphere",
            "On the sphere",
        ),
        (
            beta * (B[c] - sum(x[f] * B[f], f) * x[c] / sum(x[f] ** 2, f)),
            "the projection removes the part −x: β times the velocity of softmax attention is left",
        ),
        begin(diff(log(mean(u[j] / beta, j)), x[c]), "as printed: the gradient of a logarithm", "A printed form"),
        wrong(B[c], "as printed: the field of softmax attention"),
        (
            beta * B[c],
            "the constant 1/β inside the logarithm has derivative 0, and each exponent gives a factor β",
        ),
        begin(diff(log(mean(u[j], j)) / beta, x[c]), "with 1/β in front of the logarithm", "Its correction"),
        (B[c], "now β cancels"),
    ),
    reference=(
        "Rigollet 2025, arXiv:2512.01868, (5.3). The printed form is Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, "
        "arXiv:2312.10794, (3.7); their section 7.1 has the factor."
    ),
    example={"x": [1, 0], "z": [[1, 0], [3, 4]], "beta": 2},
    pictures=(Curves(K, "The kernel of each token as β grows", "beta", ("1/10", "4"), "β", "weight"),),
)
