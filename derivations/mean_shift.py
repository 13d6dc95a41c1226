"""Softmax attention is mean shift.

Mean shift moves a point towards the weighted average of its neighbours, along the slope of the logarithm of a smoothed
density. With a Gaussian smoothing, and on the sphere, that is β times the field of softmax attention. A printed form of
the same fact leaves this β out, and is refuted here beside its correction.
"""

from symformer import (
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
    given=(x, z, beta.tensor, "a token x, and the tokens y of length 1 that move it; B is what x reads"),
    where=(y, u, B, K, r),
    calc=(
        begin(K[j], "the Gaussian around token j", "The Gaussian"),
        (
            exp(-beta * sum(x[c] ** 2, c) / 2) * exp(-beta * sum(y[j, c] ** 2, c) / 2) * u[j],
            "the square, multiplied out",
        ),
        (exp(-beta * (sum(x[c] ** 2, c) + 1) / 2) * u[j], "tokens have length 1: a factor that all share, times u"),
        begin(
            diff(log(mean(K[j], j)), x[c]),
            "the slope of the logarithm of the density: tokens, smoothed by a Gaussian of variance 1/β",
            "The density",
        ),
        (sum(diff(K[j], x[c]), j) / sum(K[k], k), "chain rule; n cancels"),
        (beta * (sum(K[j] * y[j, c], j) / sum(K[k], k) - x[c]), "the slope of a Gaussian"),
        (
            beta * (B[c] - x[c]),
            "the Gaussians above: what they share cancels",
        ),
        begin(r[c] - sum(x[f] * r[f], f) * x[c] / sum(x[f] ** 2, f), "the same along the sphere", "On the sphere"),
        (
            beta * (B[c] - sum(x[f] * B[f], f) * x[c] / sum(x[f] ** 2, f)),
            "the part −x points inwards and is lost: β times the velocity of softmax attention",
        ),
        begin(diff(log(mean(u[j] / beta, j)), x[c]), "as printed: the slope of a logarithm", "A printed form"),
        wrong(B[c], "as printed: the field"),
        (
            beta * B[c],
            "the constant 1/β inside the logarithm has no slope, and β comes out of each exponent",
        ),
        begin(diff(log(mean(u[j], j)) / beta, x[c]), "with 1/β in front of the logarithm", "Its correction"),
        (B[c], "now β cancels"),
    ),
    reference=(
        "Rigollet 2025, arXiv:2512.01868, (5.3). The printed form is Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, "
        "arXiv:2312.10794, (3.7); their section 7.1 has the factor."
    ),
    example={"x": [1, 0], "z": [[1, 0], [3, 4]], "beta": 2},
)
