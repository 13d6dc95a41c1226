"""The soft cap on attention scores, backwards.

A soft cap bends scores so that none is larger than c in absolute value: c times tanh of the score over c. Small scores pass almost
unchanged. Backwards each gradient is multiplied by 1 − tanh², which a kernel has for free from the capped score: it is one minus
the square of the capped score over c.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    indices,
    le,
    scalar,
    sizes,
    sum,
    tanh,
    tends,
    tensor,
    wrong,
)

n, m = sizes("n m")
i, j = indices("i j")
T, dS = tensor("T", n, m), tensor("dS", n, m)
c, x = scalar("c", kind="positive"), scalar("x")

S = define("S", (i, j), c * tanh(T[i, j] / c))
y = define("y", (), c * tanh(x / c))
phi = define("phi", (), sum(sum(dS[i, j] * S[i, j], j), i))

derivation = Derivation(
    __doc__,
    given=(T, dS, c.tensor, x.tensor, "T are the scores before the cap, dS the gradient of the loss in those behind it; φ stands for the loss"),
    where=(S, y, phi),
    calc=(
        begin(y[()] ** 2, "a capped score, squared", "No score beyond c"),
        (c**2 * tanh(x / c) ** 2, "definition of y"),
        le(c**2, "tanh lies between −1 and 1"),
        begin(diff(y[()], x), "how a capped score changes with the score", "Small scores pass"),
        (1 - tanh(x / c) ** 2, "chain rule; c cancels"),
        tends(1 - tanh(0 * x) ** 2, "scores that are small against the cap pass as they are", to=(c, "oo")),
        (1, "tanh of 0 is 0"),
        begin(diff(phi[()], T[i, j]), "the gradient of a score before the cap", "Backwards"),
        (dS[i, j] * diff(S[i, j], T[i, j]), "chain rule: each score is capped on its own"),
        wrong(dS[i, j] * (1 - S[i, j] ** 2), "the cap forgotten in the derivative"),
        (dS[i, j] * (1 - tanh(T[i, j] / c) ** 2), "the derivative of tanh; c cancels"),
        (dS[i, j] * (1 - (S[i, j] / c) ** 2), "the capped score over c is the tanh"),
    ),
    reference="Gemma Team 2024, Gemma 2, arXiv:2408.00118, section 2; Bello et al. 2016, arXiv:1611.09940.",
    example={"T": [[1, 2], [0, 10]], "dS": [[1, 0], [2, 1]], "c": 5, "x": 2},
    pictures=(Curves(y, "A score of 2 behind caps from 1 to 20", "c", [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20], "cap c", "capped score"),),
)  # fmt: skip
