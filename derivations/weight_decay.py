"""Weight decay is not an L2 penalty.

A penalty λ/2 times the squared weights adds λ w to the gradient. In plain gradient descent that shrinks each weight by the factor 1 − η λ, which is weight decay. In Adam it is
divided by the same running size as the gradient: in the first step the size of the penalty does not matter at all, only the sign of the sum. AdamW applies the factor
to the weight itself.
"""

from symformer import Derivation, begin, define, diff, scalar, sqrt, wrong

w, g, a = scalar("w"), scalar("g"), scalar("a", kind="positive")
eta, lam = scalar("eta", kind="positive"), scalar("lambda", kind="positive")

L = define("L", (), g * w + lam / 2 * w**2)
G = define("G", (), g + lam * w)
U = define("U", (), w - eta * G[()] / sqrt(G[()] ** 2))
W = define("W", (), (1 - eta * lam) * w - eta * g / sqrt(g**2))

derivation = Derivation(
    __doc__,
    given=(
        w.tensor, g.tensor, a.tensor, eta.tensor, lam.tensor,
        "g is the gradient of the loss without a penalty, which is linear here; U and W are the weight after a first step of Adam with the penalty, and of AdamW; a is any scale",
    ),
    where=(L, G, U, W),
    calc=(
        begin(diff(L[()], w), "the gradient with the penalty", "The penalty"),
        (G[()], "the derivative of w²/2 is w"),
        begin(w - eta * G[()], "a step of gradient descent with the penalty", "Gradient descent"),
        ((1 - eta * lam) * w - eta * g, "collect w: weight decay"),
        begin(U[()], "the first step of Adam with the penalty", "Adam"),
        wrong(W[()], "as if it were weight decay"),
        (w - eta * (a * G[()]) / sqrt((a * G[()]) ** 2), "a penalty and a gradient that are both a times as large make the same step: the decay is normalised away"),
        begin(W[()], "the first step of AdamW", "AdamW"),
        (w - eta * g / sqrt(g**2) - eta * lam * w, "the step of Adam, and apart from it the weight shrinks by the factor 1 − η λ"),
    ),
    reference="Loshchilov & Hutter 2017, Decoupled Weight Decay Regularization, arXiv:1711.05101.",
    example={"w": 2, "g": 1, "a": 3, "eta": "1/10", "lambda": "1/2"},
)  # fmt: skip
