"""The phase curve.

In high dimension random tokens are nearly orthogonal, and all their cosines follow the γ(t) that starts at 0. They coincide,
up to δ, when γ reaches 1 − δ, and that time is an integral: the time for one unit of γ, summed over γ. In the variable
w = −log(1 − γ) the integrand is smooth up to the end. For β = 0 it has an antiderivative, which gives γ(t) back.
"""

from symformer import Derivation, begin, define, diff, dynamics, exp, log, scalar, see, sizes

n = sizes("n")
beta, gamma, w, t = scalar("beta"), scalar("gamma"), scalar("w", kind="positive"), scalar("t", kind="positive")

v = define("v", (), 2 * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1)
           / (exp(beta) + (n - 1) * exp(beta * gamma)))  # fmt: skip
h = define("h", (), 1 - exp(-w))
T = define("T", (), log((1 + (n - 1) * h[()]) / (1 - h[()])) / 2)
g = define("g", (), (exp(2 * t) - 1) / (exp(2 * t) + n - 1))

derivation = Derivation(
    __doc__,
    given=(
        beta.tensor,
        gamma.tensor,
        w.tensor,
        t.tensor,
        "v is the velocity of γ, h is γ as a function of w, and δ is how far from 1 a cosine may be where two tokens count as one",
    ),
    where=(v, h, T, g),
    calc=(
        begin(
            1 / v[()],
            (see("equiangular-tokens"), ": 1 over the velocity is the time for one unit of γ"),
            "The integrand",
        ),
        (
            (exp(beta * (1 - gamma)) + n - 1) / (2 * (1 - gamma) * ((n - 1) * gamma + 1)),
            ("divide numerator and denominator by ", exp(beta * gamma)),
        ),
        begin(
            diff(h[()], w) * (exp(beta * (1 - h[()])) + n - 1) / (2 * (1 - h[()]) * ((n - 1) * h[()] + 1)),
            "the time for one unit of w: chain rule",
            "The smooth integrand",
        ),
        ((exp(beta * exp(-w)) + n - 1) / (2 * (n - (n - 1) * exp(-w))), "the derivative of h is 1 − h, which cancels"),
        begin(diff(T[()], w), "the derivative of the antiderivative T", "For β = 0"),
        (
            diff(h[()], w) / 2 * ((n - 1) / (1 + (n - 1) * h[()]) + 1 / (1 - h[()])),
            "chain rule; the logarithm of a quotient is a difference",
        ),
        (n / (2 * (n - (n - 1) * exp(-w))), "over a common denominator: the smooth integrand at β = 0"),
        begin(
            log((1 + (n - 1) * g[()]) / (1 - g[()])) / 2,
            "the antiderivative at γ = g: the time at which γ reaches g",
            "γ as a function of time",
        ),
        (log(exp(2 * t)) / 2, "definition of g: the denominators cancel, and so does n"),
        (t, "the logarithm undoes the exponential"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, (6.12).",
    example={"n": 4, "beta": 1, "gamma": "1/2", "w": 1, "t": 1},
    pictures=(dynamics.PhasePicture("How many pairs of 32 tokens are together, and the phase curve"),),
)
