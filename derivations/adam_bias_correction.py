"""Adam's bias correction.

Adam keeps running averages of the gradient and of its square, both started from 0. After t steps such an average is too small by the factor 1 − β to the power t, on average and if
gradients do not change their distribution; dividing by it mends that. In the first step the corrected update is the learning rate times the sign of the
gradient. Without the correction it would be more than three times as large.
"""

from symformer import Derivation, begin, define, scalar, sqrt, wrong

beta, b = scalar("beta", kind="unit"), scalar("b", kind="unit")
beta_1, beta_2 = scalar("beta_1", kind="unit"), scalar("beta_2", kind="unit")
mu, g, eta = scalar("mu"), scalar("g", kind="positive"), scalar("eta", kind="positive")

M = define("M", (), (1 - b) * mu)
N = define("N", (), beta * M[()] + (1 - beta) * mu)
m = define("m", (), beta_1 * 0 + (1 - beta_1) * g)
v = define("v", (), beta_2 * 0 + (1 - beta_2) * g**2)

derivation = Derivation(
    __doc__,
    given=(
        beta.tensor, b.tensor, beta_1.tensor, beta_2.tensor, mu.tensor, g.tensor, eta.tensor,
        "b is β to the power t − 1, and μ the mean of every gradient; M is the mean of the running average after t − 1 steps, and N that after the next",
        "m and v are the two averages after the first step, from a gradient g > 0; η is the learning rate",
    ),
    where=(M, N, m, v),
    calc=(
        begin(N[()], "the mean of the running average after one more step", "The induction step"),
        (beta * (1 - b) * mu + (1 - beta) * mu, "what is assumed of the step before"),
        wrong((1 - b) * mu, "as if it stayed what it was"),
        ((1 - beta * b) * mu, "β cancels: the same with one more power of β. For t = 1 it is (1 − β) μ, where the average starts from 0"),
        begin(N[()] / (1 - beta * b), "the corrected average", "Corrected"),
        (mu, "the factor cancels: right on average"),
        begin(eta * (m[()] / (1 - beta_1)) / sqrt(v[()] / (1 - beta_2)), "the first step, without the small number in the denominator", "The first step"),
        (eta * g / sqrt(g**2), "the corrections cancel: whatever β is, only g is left"),
        (eta, "the root of g² is g: a negative g gives −η"),
        begin(eta * m[()] / sqrt(v[()]), "the first step without the corrections", "Without"),
        (eta * (1 - beta_1) / sqrt(1 - beta_2), "g cancels: with β₁ = 0.9 and β₂ = 0.999 it is √10 η, more than three times as much"),
    ),
    reference="Kingma & Ba 2014, arXiv:1412.6980, algorithm 1 and section 3.",
    example={"beta": "9/10", "b": "9/10", "beta_1": "9/10", "beta_2": "999/1000", "mu": 1, "g": 2, "eta": "1/100"},
)  # fmt: skip
