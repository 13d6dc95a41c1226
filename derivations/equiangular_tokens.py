"""Tokens at equal angles.

Where all tokens have the same cosine γ with one another, they keep doing so, and one equation for γ says all. Close to
1 the distance shrinks at rate 2, whatever n and β; without normalisation the rate is 2 exp(β). For β = 0 the equation
has a solution in closed form.
"""

from symformer import (
    Derivation,
    approx,
    begin,
    cos,
    define,
    delta,
    diff,
    dynamics,
    exp,
    indices,
    scalar,
    see,
    sin,
    sizes,
    sum,
)

n = sizes("n")
i, j, k = indices("i j k")
beta, gamma, epsilon, t, theta = (scalar(name) for name in ("beta", "gamma", "epsilon", "t", "theta"))

G = define("G", ((i, n), (j, n)), gamma + (1 - gamma) * delta(i, j))
u = define("u", ((i, n), (j, n)), exp(beta * gamma) + (exp(beta) - exp(beta * gamma)) * delta(i, j))
Z = define("Z", (), exp(beta) + (n - 1) * exp(beta * gamma))
M = define("M", ((i, n), (j, n)), sum(u[i, k] * G[k, j], k) / Z[()])
N = define("N", ((i, n), (j, n)), sum(u[i, k] * G[k, j], k) / n)
g = define("g", (), (exp(2 * t) - 1) / (exp(2 * t) + n - 1))

derivation = Derivation(
    __doc__,
    given=(beta.tensor, gamma.tensor, epsilon.tensor, t.tensor, theta.tensor, "γ(0) = 0: orthogonal tokens"),
    where=(G, u, Z, M, N, g),
    calc=(
        begin(exp(beta * G[i, j]), "the weight of one token for another", "The weights"),
        (u[i, j], "the cosine is 1 for a token and itself, and γ for two"),
        begin(sum(u[i, k], k), "a row of the weights", "A row"),
        (Z[()], "one is the token itself, n − 1 are others"),
        begin(1 - gamma**2 + (n - 2) * (gamma - gamma**2), "what three tokens do to a cosine", "The algebra"),
        ((1 - gamma) * (1 + gamma) + (n - 2) * gamma * (1 - gamma), "both terms hold 1 − γ"),
        ((1 - gamma) * ((n - 1) * gamma + 1), "take it out"),
        begin(
            M[i, j] + M[j, i] - (M[i, i] + M[j, j]) * G[i, j],
            (see("gram-equation"), ": how fast the cosines change"),
            "The equation of softmax attention (SA)",
        ),
        (
            2 * exp(beta * gamma) * (1 - gamma**2 + (n - 2) * (gamma - gamma**2)) / Z[()] * (1 - delta(i, j)),
            "a cosine of two tokens has their own weights and n − 2 others; that of one token stays 1",
        ),
        (
            2 * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1) / Z[()] * (1 - delta(i, j)),
            "the algebra above: equal cosines stay equal",
        ),
        begin(
            N[i, j] + N[j, i] - (N[i, i] + N[j, j]) * G[i, j],
            "the same with n in place of Z",
            "The equation without normalisation (USA)",
        ),
        (
            2 / n * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1) * (1 - delta(i, j)),
            "the same algebra",
        ),
        begin(
            2 * exp(beta * (1 - epsilon)) * epsilon * ((n - 1) * (1 - epsilon) + 1)
            / (exp(beta) + (n - 1) * exp(beta * (1 - epsilon))),
            "how fast ε = 1 − γ shrinks",
            "Close to 1: SA",
        ),
        approx(2 * epsilon, "numerator and denominator at γ = 1", to=(epsilon, 0), order=2),
        begin(
            2 / n * exp(beta * (1 - epsilon)) * epsilon * ((n - 1) * (1 - epsilon) + 1),
            "how fast ε = 1 − γ shrinks",
            "Close to 1: without normalisation (USA)",
        ),
        approx(2 * exp(beta) * epsilon, "the factors at γ = 1", to=(epsilon, 0), order=2),
        begin(
            exp(beta * cos(theta)) * (1 - cos(theta)) * (cos(theta) + 1),
            "how fast γ = cos θ changes for n = 2 under USA",
            "Two tokens at an angle",
        ),
        (diff(cos(theta), theta) * (-exp(beta * cos(theta)) * sin(theta)), "1 − cos² is sin²: this is θ' times the slope"),
        begin(
            2 * exp(beta * cos(theta)) * (1 - cos(theta)) * (cos(theta) + 1) / (exp(beta) + exp(beta * cos(theta))),
            "the same under SA",
            "Two tokens at an angle, with softmax attention",
        ),
        (
            diff(cos(theta), theta) * (-2 * exp(beta * cos(theta)) * sin(theta) / (exp(beta) + exp(beta * cos(theta)))),
            "and θ' is the factor in brackets",
        ),
        begin(diff(g[()], t), "the slope of the solution for β = 0", "The closed form for β = 0"),
        (2 * n * exp(2 * t) / (exp(2 * t) + n - 1) ** 2, "quotient rule"),
        (2 * (1 - g[()]) * ((n - 1) * g[()] + 1) / n, "the equation for β = 0, where Z is n"),
    ),
    reference=(
        "Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, Theorem 6.8, (6.9), (6.10); any equal "
        "cosines: Rigollet 2025, arXiv:2512.01868. The closed form for β = 0 is ours."
    ),
    example={"n": 4, "beta": 1, "gamma": "1/2", "epsilon": "1/10", "t": 1, "theta": 1},
    pictures=(
        dynamics.GammaPicture(
            "The average cosine of 32 random tokens, and γ of orthogonal ones, β = 2", 2.0, d=256, until=8
        ),
    ),
)  # fmt: skip
