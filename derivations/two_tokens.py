"""Two tokens.

Two tokens on the sphere attract each other, and all that matters is the angle between them. It shrinks at a rate that attention makes largest neither near 0 nor near a right angle. Without temperature, β = 0, it has a closed form: the cosine is the hyperbolic
tangent of the time, if they start at a right angle.
"""

from symformer import Curves, Derivation, begin, cos, define, diff, exp, scalar, see, sin, tanh, wrong

beta, theta, t = scalar("beta"), scalar("theta"), scalar("t", kind="positive")

g = define("g", (), cos(theta))
v = define("v", (), 2 * exp(beta * g[()]) * (1 - g[()]) * (g[()] + 1) / (exp(beta) + exp(beta * g[()])))
w = define("w", (), exp(beta * g[()]) * (1 - g[()]) * (g[()] + 1))
y = define("y", (), (exp(2 * t) - 1) / (exp(2 * t) + 1))

derivation = Derivation(
    __doc__,
    given=(beta.tensor, theta.tensor, t.tensor, "θ is the angle between the two, g its cosine; v and w are the velocities of the cosine under softmax attention and under USA, and y is a cosine as a function of time"),
    where=(g, v, w, y),
    calc=(
        begin(v[()], ("the velocity of the cosine: ", see("equiangular-tokens"), " for n = 2"), "Softmax attention"),
        (2 * exp(beta * g[()]) * sin(theta) ** 2 / (exp(beta) + exp(beta * g[()])), "1 − cos² is sin²"),
        (diff(g[()], theta) * (-2 * exp(beta * g[()]) * sin(theta) / (exp(beta) + exp(beta * g[()]))), "the derivative of the cosine is minus the sine: the second factor is the velocity of the angle"),
        begin(w[()], "the velocity without the normaliser", "USA"),
        (exp(beta * g[()]) * sin(theta) ** 2, "1 − cos² is sin²"),
        wrong(diff(g[()], theta) * (exp(beta * g[()]) * sin(theta)), "with the sign reversed: the angle would grow"),
        (diff(g[()], theta) * (-exp(beta * g[()]) * sin(theta)), "the velocity of the angle is −exp(β cos θ) sin θ"),
        begin(diff(y[()], t), "the derivative of the closed form", "Without temperature"),
        (4 * exp(2 * t) / (exp(2 * t) + 1) ** 2, "quotient rule"),
        (1 - y[()] ** 2, "over a common denominator: the velocity for β = 0"),
        begin(y[()], "the closed form", "In other words"),
        (tanh(t), "the hyperbolic tangent"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, theorem 6.8; the closed form is ours.",
    pictures=(Curves((v, w), "The velocity of the cosine by the angle between two tokens: v under softmax attention, w under USA", "theta", ("1/16", "25/8"), "angle θ", "velocity"),),
    example={"beta": 1, "theta": 1, "t": 1},
)  # fmt: skip
