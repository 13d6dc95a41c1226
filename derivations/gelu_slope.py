"""The derivative of GELU.

GELU multiplies its input by the probability p that a standard normal variable lies below it. Its derivative is that
probability plus the input times the normal density. Far to the right it is 1 and far to the left 0, as for ReLU; in between
it rises above 1, and below x ≈ −0.7518, where GELU is −0.16997 and has its minimum, it is negative. The approximation T has a
tanh in place of the normal distribution. It is cheaper to compute and nearly the same, but its derivative is another one,
and a backward pass has to match its forward pass.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    erf,
    exp,
    gelu,
    gradient,
    lift,
    pi,
    scalar,
    sqrt,
    tanh,
    wrong,
)

x = scalar("x")

p = define("p", (), (1 + erf(x / sqrt(2))) / 2)
phi = define("phi", (), exp(-(x**2) / 2) / sqrt(2 * pi))
w = define("w", (), sqrt(2 / pi) * (x + lift(0.044715) * x**3))
T = define("T", (), x / 2 * (1 + tanh(w[()])))
y = define("y", (), x * p[()])
(dx,) = gradient(y, "x").outputs

derivation = Derivation(
    __doc__,
    given=(x.tensor, "p is the probability that a standard normal number lies below x, and φ its density there"),
    where=(p, phi, w, T, y, dx),
    calc=(
        begin(diff(p[()], x), "the derivative of the distribution function", "The density"),
        (exp(-((x / sqrt(2)) ** 2)) / sqrt(pi) * (1 / sqrt(2)), "chain rule: the derivative of erf is 2/√π times the exponential of minus the square"),
        (phi[()], "√2 √π is √(2π): definition of φ"),
        begin(diff(gelu(x), x), "the derivative of GELU", "The derivative of GELU"),
        (diff(x * p[()], x), "definition of GELU"),
        wrong(p[()], "the gate alone, as if it were a constant"),
        (p[()] + x * diff(p[()], x), "product rule"),
        (p[()] + x * phi[()], "the chain above"),
        (dx[()], "what reverse mode derives"),
        begin(diff(phi[()], x), "the derivative of the density", "Where the derivative is largest and smallest"),
        (-x * phi[()], "chain rule: the derivative of the exponent −x²/2 is −x"),
        begin(diff(gelu(x), x, x), "the second derivative of GELU"),
        (2 * phi[()] + x * diff(phi[()], x), "product rule, twice"),
        (
            (2 - x**2) * phi[()],
            "the chain above; it is 0 at ±√2: the derivative of GELU is largest at √2, and smallest, and negative, at −√2",
        ),
        begin(diff(T[()], x), "the derivative of the approximation", "With a tanh"),
        wrong(p[()] + x * phi[()], "the derivative of the function that it approximates"),
        ((1 + tanh(w[()])) / 2 + x / 2 * (1 - tanh(w[()]) ** 2) * diff(w[()], x), "product rule; the derivative of tanh is 1 − tanh²"),
        (
            (1 + tanh(w[()])) / 2
            + x / 2 * (1 - tanh(w[()]) ** 2) * sqrt(2 / pi) * (1 + 3 * lift(0.044715) * x**2),
            "the derivative of the cubic w",
        ),
    ),
    reference="Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2.",
    notes=(
        "T is nowhere further from GELU than 4.733·10⁻⁴, at x ≈ ±2.699; the other short form, x σ(1.702 x), nowhere "
        "further than 2.034·10⁻², at x ≈ ±2.270. Both numbers, and the minimum above, are computed on a fine grid by the "
        "tests of the functions.",
    ),
    pictures=(Curves((y, T), "GELU, y, and its form with tanh, T: at this scale one curve", "x", (-4, 3), "x", "GELU"),),
    example={"x": 1},
)  # fmt: skip
