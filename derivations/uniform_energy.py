"""The energy of the uniform measure.

Among all distributions of tokens on the sphere, the uniform one has the smallest interaction energy. That energy is a mean of
exponentials over the sphere, each of which is its own Laplacian, and so it solves one differential equation in every
dimension. In three dimensions, where all heights on a sphere are equally likely, the mean is an elementary function.
"""

from symformer import Curves, Derivation, begin, define, diff, exp, indices, scalar, see, sizes, sum, tensor

d = sizes("d")
c, f = indices("c f")
x, y = tensor("x", d), tensor("y", d)
beta, h = scalar("beta", kind="positive"), scalar("h")

u = define("u", (), exp(sum(x[c] * y[c], c)))
H = define("H", (), exp(beta * h) / beta)
F = define("F", (), (exp(beta) - exp(-beta)) / (2 * beta))
E = define("E", (), F[()] / (2 * beta))

derivation = Derivation(
    __doc__,
    given=(
        x,
        y,
        beta.tensor,
        h.tensor,
        "x is a token of length 1, y is β times another; F(β) is the mean of u over tokens x uniform on the sphere, and depends on "
        "the length β of y alone. h = ⟨x, y⟩/β is the height of x; for d = 3 it is uniform from −1 to 1 (Archimedes)",
    ),
    where=(u, H, F, E),
    calc=(
        begin(
            sum(diff(diff(u[()], y[f]), y[f]), f),
            "the Laplacian of one exponential in y",
            "One equation in every dimension",
        ),
        (sum(x[f] ** 2 * u[()], f), ("each derivative in ", y[f], " gives a factor ", x[f])),
        (
            sum(x[f] ** 2, f) * u[()],
            "factor u out; a token has length 1, so u is its own Laplacian, and so is its mean F: F″ + (d − 1)/β F′ = F",
        ),
        begin(diff(H[()], h), "the derivative of H in the height", "Three dimensions"),
        (exp(beta * h), ("the exponential at height h: its mean is (H(1) − H(−1))/2 = ", F.box)),
        begin(
            diff(diff(F[()], beta), beta) + 2 / beta * diff(F[()], beta) - F[()],
            "the left side of the equation minus the right, for d = 3",
            "F solves it",
        ),
        (
            (exp(beta) - exp(-beta)) / (2 * beta) - (exp(beta) + exp(-beta)) / beta**2
            + (exp(beta) - exp(-beta)) / beta**3
            + (exp(beta) + exp(-beta)) / beta**2 - (exp(beta) - exp(-beta)) / beta**3 - F[()],
            "both derivatives, by the quotient rule",
        ),
        (0, "all else cancels, and definition of F"),
        begin(E[()], ("the energy of ", see("energy-ascent"), ", for uniform tokens"), "The energy"),
        ((exp(beta) - exp(-beta)) / (4 * beta**2), "definition of F: this is sinh β / (2β²)"),
    ),
    notes=(
        "For any d, F is Γ(ν + 1) I_ν(β) over β/2 to the ν, where ν = d/2 − 1 and I_ν is the modified Bessel function: for "
        "d = 2 that makes E = I_0(β)/(2β). The largest energy, of tokens that all coincide, is exp(β)/(2β).",
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, Proposition 3.4; the values are ours.",
    example={"x": [0, "3/5", "4/5"], "y": [1, 0, 1], "beta": 1, "h": "1/2"},
    pictures=(Curves(E, "The energy of uniform tokens in three dimensions", "beta", ("1/2", "5"), "β", "energy E"),),
)  # fmt: skip
