"""The slope of GELU.

GELU multiplies its input by the chance that a standard normal lies below it. Its slope is that chance plus the input
times the normal density. Far to the right the slope is 1 and far to the left 0, as for ReLU; in between it overshoots,
and below a certain point the function falls.
"""

from symformer import Derivation, begin, define, diff, erf, gelu, scalar, sqrt, wrong

x = scalar("x")

Phi = define("Phi", (), (1 + erf(x / sqrt(2))) / 2)

derivation = Derivation(
    __doc__,
    given=(
        x.tensor,
        "Φ is the distribution function of the standard normal; its slope is the density exp(−x²/2)/√(2π)",
    ),
    where=(Phi,),
    calc=(
        begin(diff(gelu(x), x), "what we want", "The slope of GELU"),
        (diff(x * Phi[()], x), "definition of GELU"),
        wrong(Phi[()], "the gate alone, as if it did not move"),
        (Phi[()] + x * diff(Phi[()], x), "product rule: Φ + x φ, where φ is the density"),
        begin(diff(Phi[()], x, x), "the slope of the density", "Where it bends"),
        (-x * diff(Phi[()], x), "chain rule: the exponent −x²/2 has the slope −x"),
        begin(diff(gelu(x), x, x), "the second derivative of GELU"),
        (2 * diff(Phi[()], x) + x * diff(Phi[()], x, x), "product rule, twice"),
        (
            (2 - x**2) * diff(Phi[()], x),
            "the chain above: the slope is largest at √2, and smallest at −√2, where it is negative",
        ),
    ),
    reference="Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2.",
    example={"x": 1},
)
