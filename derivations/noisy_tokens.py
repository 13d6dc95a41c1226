"""Noise, and a Fokker–Planck equation with its signs.

Tokens that drift and are shaken by noise spread: their density obeys a Fokker–Planck equation, in which noise smooths and drift carries along. In one printed form both signs are reversed. A Gaussian that moves and widens tells which is right: with reversed signs it would move backwards and become narrower. The stationary density
does not tell, since both forms have the same.
"""

from symformer import Curves, Derivation, begin, define, diff, exp, scalar, sqrt, wrong

x, t, kappa, v, b = (
    scalar("x"),
    scalar("t", kind="positive"),
    scalar("kappa", kind="positive"),
    scalar("v"),
    scalar("b"),
)

mu = define("mu", (), exp(-kappa * (x - v * t) ** 2 / (4 * t)) / sqrt(t))
rho = define("rho", (), exp(kappa * b * x))

derivation = Derivation(
    __doc__,
    given=(
        x.tensor, t.tensor, kappa.tensor, v.tensor, b.tensor,
        "in one dimension: μ is the density, up to a constant, of particles that start at 0, drift with the constant velocity v and are shaken by noise of variance 2t/κ; ρ is a density for the velocity b",
    ),
    where=(mu, rho),
    calc=(
        begin(diff(mu[()], t), "how the density changes with time", "Which signs"),
        wrong(-diff(diff(mu[()], x), x) / kappa + v * diff(mu[()], x), "as printed: both signs reversed"),
        wrong(diff(diff(mu[()], x), x) / kappa + v * diff(mu[()], x), "with the first sign mended alone"),
        (diff(diff(mu[()], x), x) / kappa - v * diff(mu[()], x), "noise smooths, drift carries along: ∂μ/∂t = Δμ/κ − ∇·(μ v)"),
        begin(diff(rho[()], x) / kappa - rho[()] * b, "the flux of the density exp(κ b x), in the gradient of b x", "Where it rests"),
        (0, "nothing flows: the density is stationary, whichever way the signs are"),
    ),
    reference="Rigollet 2025, arXiv:2512.01868, equation for the noisy dynamics, which is printed with both signs reversed; Risken 1984, The Fokker–Planck Equation.",
    example={"x": 1, "t": 1, "kappa": 2, "v": 1, "b": 1},
    pictures=(Curves(mu, "The density of tokens that drift and are shaken, at one time", "x", ("-3", "6"), "place x", "density"),),
)  # fmt: skip
