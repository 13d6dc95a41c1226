"""Tokens on the circle are coupled oscillators.

In two dimensions a token is an angle. The unnormalised dynamics turns each angle towards the others, by the sine of their
difference times a weight that is largest for those nearby; it is the gradient flow of the energy, now a function of angles.
At β = 0 it is Kuramoto's model of coupled oscillators, all with the same frequency.
"""

from symformer import (
    Derivation,
    begin,
    cos,
    define,
    diff,
    dynamics,
    exp,
    indices,
    scalar,
    see,
    sin,
    sizes,
    sum,
    tends,
    tensor,
)

n = sizes("n")
i, j, k = indices("i j k")
theta, beta = tensor("theta", n), scalar("beta", kind="positive")

g = define("g", (i, j), cos(theta[i]) * cos(theta[j]) + sin(theta[i]) * sin(theta[j]))
u = define("u", (i, j), exp(beta * cos(theta[i] - theta[j])))
a = define("a", i, sum(exp(beta * g[i, j]) * cos(theta[j]), j) / n)
b = define("b", i, sum(exp(beta * g[i, j]) * sin(theta[j]), j) / n)
E = define("E", (), sum(u[i, j], i, j) / (2 * beta * n**2))

derivation = Derivation(
    __doc__,
    given=(theta, beta.tensor, "token i is (cos θ, sin θ) at its angle θ; (a, b) is the field of USA at token i"),
    where=(g, u, a, b, E),
    calc=(
        begin(g[i, j], "the inner product of two tokens", "The cosine"),
        (cos(theta[i] - theta[j]), "the cosine of a difference"),
        begin(
            -sin(theta[i]) * a[i] + cos(theta[i]) * b[i],
            "the velocity of an angle: the field along the tangent (−sin θ, cos θ)",
            "The velocity",
        ),
        (
            sum(exp(beta * g[i, j]) * (cos(theta[i]) * sin(theta[j]) - sin(theta[i]) * cos(theta[j])), j) / n,
            "combine the two sums",
        ),
        (-sum(u[i, j] * sin(theta[i] - theta[j]), j) / n, "the sine of a difference, and the cosine above"),
        begin(-sum(u[i, j] * sin(theta[i] - theta[j]), j) / n, "the velocity", "Kuramoto's oscillators"),
        tends(
            -sum(sin(theta[i] - theta[j]), j) / n,
            "all weights tend to 1: Kuramoto's model with coupling 1 and frequencies 0",
            to=(beta, 0),
        ),
        begin(n * diff(E[()], theta[k]), "n times the derivative of the energy in angle k", "The gradient flow"),
        (
            -(sum(u[k, j] * sin(theta[k] - theta[j]), j) - sum(u[i, k] * sin(theta[i] - theta[k]), i)) / (2 * n),
            "angle k occurs twice, as i and as j; β cancels",
        ),
        (
            -sum(u[k, j] * sin(theta[k] - theta[j]), j) / n,
            "the sine is odd, so the two sums are equal: this is the velocity",
        ),
    ),
    reference=(
        "Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, (7.1), (7.2), (7.4); Kuramoto 1975. On any "
        "sphere: ",
        see("energy-ascent"),
        ".",
    ),
    example={"theta": [0, 1, 2], "beta": 1},
    pictures=(
        dynamics.ParticlePicture("32 tokens on the circle, moved by softmax attention with β = 9", 9.0, d=2, seed=3),
    ),
)
