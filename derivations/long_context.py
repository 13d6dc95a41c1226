"""The long-context transition.

One attention layer acts on n tokens, any two of which have the same cosine ρ. With β growing like log n there are three
phases. Below the transition all outputs become the same; above it they stay as far apart as the inputs; and at the
transition, where exp(β(1 − ρ)) is n, a token gives itself as much weight as all others together, and the cosine of the
outputs tends to 4ρ / (1 + 3ρ).
"""

from symformer import Derivation, HeatMap, begin, define, delta, exp, indices, scalar, sizes, sum, tends

n = sizes("n")
i, j, k, l = indices("i j k l")
rho, a, b = (scalar(name, kind="positive") for name in ("rho", "a", "b"))
beta = scalar("beta")

G = define("G", ((i, n), (j, n)), rho + (1 - rho) * delta(i, j))
P = define("P", ((i, n), (j, n)), (1 + (a - 1) * delta(i, j)) / (a + n - 1))
sigma = define("sigma", (), 1 + (n - 1) * rho)
s = define("s", (), (2 * (a - 1) * sigma[()] + n * sigma[()]) / (a + n - 1) ** 2)
m = define("m", (), (a - 1) ** 2 / (a + n - 1) ** 2)

derivation = Derivation(
    __doc__,
    given=(rho.tensor, beta.tensor, a.tensor, b.tensor, "a is exp(β(1 − ρ)), the weight of a token for itself over that for another; from “Long contexts” on, a is b n"),
    where=(G, P, sigma, s, m),
    calc=(
        begin(
            exp(beta * G[i, j]) / sum(exp(beta * G[i, k]), k),
            "the attention matrix: exp(β G), divided by its row sum",
            "The attention matrix",
        ),
        (
            (exp(beta * rho) + (exp(beta) - exp(beta * rho)) * delta(i, j)) / (exp(beta) + (n - 1) * exp(beta * rho)),
            "the cosine of a token with itself is 1, and with another ρ",
        ),
        (
            (1 + (exp(beta * (1 - rho)) - 1) * delta(i, j)) / (exp(beta * (1 - rho)) + n - 1),
            ("divide numerator and denominator by ", exp(beta * rho), ": this is P, with its a"),
        ),
        begin(sum(P[i, k] * G[k, l] * P[j, l], k, l), "the inner product of two outputs", "The outputs"),
        (
            sum(P[i, k] * ((a - 1) * G[k, j] + sigma[()]) / (a + n - 1), k),
            ("an output is ", (a - 1) / (a + n - 1), " of its own token plus ", 1 / (a + n - 1), " of the sum of all"),
        ),
        (m[()] * G[i, j] + s[()], "the same once more, for the other output; definitions of m and s"),
        begin(
            (m[()] * rho + s[()]) / (m[()] + s[()]), "the inner product of two different outputs over their squared length: the cosine, for every n", "The phases"
        ),
        (
            ((a - 1) ** 2 * rho + (2 * (a - 1) + n) * sigma[()]) / ((a - 1) ** 2 + (2 * (a - 1) + n) * sigma[()]),
            ("multiply numerator and denominator by ", (a + n - 1) ** 2),
        ),
        begin(
            ((b * n - 1) ** 2 * rho + (2 * (b * n - 1) + n) * sigma[()])
            / ((b * n - 1) ** 2 + (2 * (b * n - 1) + n) * sigma[()]),
            "the same with a = b n, so that β is log(b n) / (1 − ρ)",
            "Long contexts",
        ),
        tends((b**2 + 2 * b + 1) * rho / (b**2 + (2 * b + 1) * rho), "only the terms of order n² remain", to=(n, "oo")),
        begin((rho + 2 * rho + rho) / (1 + 2 * rho + rho), "the limit at b = 1, where β is log n / (1 − ρ)", "At the transition"),
        (4 * rho / (1 + 3 * rho), "add up"),
        begin((b**2 + 2 * b + 1) * rho / (b**2 + (2 * b + 1) * rho), "the limit, for small b", "Below the transition"),
        tends(1, "the outputs become the same", to=(b, 0)),
        begin((b**2 + 2 * b + 1) * rho / (b**2 + (2 * b + 1) * rho), "the limit, for large b", "Above the transition"),
        tends(rho, "each token gives all weight to itself", to=(b, "oo")),
    ),
    reference="Rigollet 2025, arXiv:2512.01868, section 6.3; the form for finite n is ours.",
    example={"n": 4, "rho": "1/2", "beta": 1, "a": 2, "b": 1},
    pictures=(HeatMap(P, "The attention weights of tokens at equal angles", "token", "token"),),
)  # fmt: skip
