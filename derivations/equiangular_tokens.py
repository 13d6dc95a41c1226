"""Tokens at equal angles.

Where any two tokens have the same cosine γ, it stays the same for all pairs, and one equation for γ describes them all. Near
γ = 1 the gap 1 − γ shrinks at rate 2, for every n and β; without normalisation the rate is 2 exp(β). For β = 0 the equation
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
    given=(beta.tensor, gamma.tensor, epsilon.tensor, t.tensor, theta.tensor, "g is the solution for β = 0 with γ(0) = 0: orthogonal tokens"),
    where=(G, u, Z, M, N, g),
    calc=(
        begin(exp(beta * G[i, j]), "the weight of token j for token i, before normalisation", "The weights"),
        (u[i, j], "the cosine of a token with itself is 1, and with another γ"),
        begin(sum(u[i, k], k), "the sum of a row of weights", "A row"),
        (Z[()], "one term for the token itself, and n − 1 for the others"),
        begin(1 - gamma**2 + (n - 2) * (gamma - gamma**2), "a bracket that occurs twice below", "The algebra"),
        ((1 - gamma) * (1 + gamma) + (n - 2) * gamma * (1 - gamma), "both terms have the factor 1 − γ"),
        ((1 - gamma) * ((n - 1) * gamma + 1), "factor it out"),
        begin(
            M[i, j] + M[j, i] - (M[i, i] + M[j, j]) * G[i, j],
            (see("gram-equation"), ": the rate at which the cosines change"),
            "The equation of softmax attention (SA)",
        ),
        (
            2 * exp(beta * gamma) * (1 - gamma**2 + (n - 2) * (gamma - gamma**2)) / Z[()] * (1 - delta(i, j)),
            "for i ≠ j, each row has the weights of i and j and n − 2 others; for i = j the rate is 0",
        ),
        (
            2 * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1) / Z[()] * (1 - delta(i, j)),
            "the algebra above; the same for all pairs, so equal cosines stay equal",
        ),
        begin(
            N[i, j] + N[j, i] - (N[i, i] + N[j, j]) * G[i, j],
            "the same with n in place of Z",
            "The equation without normalisation (USA)",
        ),
        (
            2 / n * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1) * (1 - delta(i, j)),
            "as above",
        ),
        begin(
            2 * exp(beta * (1 - epsilon)) * epsilon * ((n - 1) * (1 - epsilon) + 1)
            / (exp(beta) + (n - 1) * exp(beta * (1 - epsilon))),
            "the rate at which ε = 1 − γ shrinks",
            "Close to 1: SA",
        ),
        approx(2 * epsilon, "to first order in ε: all other factors at γ = 1", to=(epsilon, 0), order=2),
        begin(
            2 / n * exp(beta * (1 - epsilon)) * epsilon * ((n - 1) * (1 - epsilon) + 1),
            "the rate at which ε = 1 − γ shrinks",
            "Close to 1: without normalisation (USA)",
        ),
        approx(2 * exp(beta) * epsilon, "to first order in ε: all other factors at γ = 1", to=(epsilon, 0), order=2),
        begin(
            exp(beta * cos(theta)) * (1 - cos(theta)) * (cos(theta) + 1),
            "the rate of γ = cos θ for n = 2, under USA",
            "Two tokens at an angle",
        ),
        (diff(cos(theta), theta) * (-exp(beta * cos(theta)) * sin(theta)), "1 − cos² is sin²; by the chain rule the second factor is θ'"),
        begin(
            2 * exp(beta * cos(theta)) * (1 - cos(theta)) * (cos(theta) + 1) / (exp(beta) + exp(beta * cos(theta))),
            "the rate of γ = cos θ for n = 2, under SA",
            "Two tokens at an angle, with softmax attention",
        ),
        (
            diff(cos(theta), theta) * (-2 * exp(beta * cos(theta)) * sin(theta) / (exp(beta) + exp(beta * cos(theta)))),
            "in the same way: the second factor is θ'",
        ),
        begin(diff(g[()], t), "the derivative of the solution for β = 0", "The closed form for β = 0"),
        (2 * n * exp(2 * t) / (exp(2 * t) + n - 1) ** 2, "quotient rule"),
        (2 * (1 - g[()]) * ((n - 1) * g[()] + 1) / n, "the right side of the equation for β = 0, where Z is n, at γ = g"),
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
