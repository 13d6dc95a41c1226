"""Direct preference optimisation and its gradient.

The optimal policy of a reward with a KL penalty gives the reward back, up to a number that depends on the prompt alone. In a comparison of two answers
to one prompt that number cancels, so preferences can be fitted without a reward model. The gradient raises the log-probability of the preferred answer and
lowers that of the other, both by the probability with which the model gets the comparison wrong.
"""

from symformer import Curves, Derivation, begin, define, diff, exp, log, scalar, see, sigmoid, wrong

w, l, u, v = (scalar(name) for name in ("w", "l", "u", "v"))
beta, c = scalar("beta", kind="positive"), scalar("c")

R = define("R", (), beta * (w - u) + c)
S = define("S", (), beta * (l - v) + c)
h = define("h", (), beta * (w - u) - beta * (l - v))
L = define("L", (), -log(sigmoid(h[()])))

derivation = Derivation(
    __doc__,
    given=(
        w.tensor, l.tensor, u.tensor, v.tensor, beta.tensor, c.tensor,
        "w and l are the log-probabilities of the preferred and of the other answer under the policy, u and v those under the reference",
        "R and S are the rewards that the policy implies, with the unknown number c of the prompt; L is the loss of one comparison",
    ),
    where=(R, S, h, L),
    calc=(
        begin(exp(R[()]) / (exp(R[()]) + exp(S[()])), "the probability that the first answer is preferred: Bradley–Terry", "The comparison"),
        (1 / (1 + exp(S[()] - R[()])), ("divide numerator and denominator by ", exp(R[()]))),
        (sigmoid(h[()]), "c cancels in the difference of the rewards"),
        begin(diff(L[()], w), "how the loss changes with the log-probability of the preferred answer", "The preferred answer"),
        (-beta * diff(log(sigmoid(h[()])), h[()]), "chain rule: h changes at the rate β"),
        wrong(-beta * sigmoid(h[()]), "weighted by the probability of being right"),
        (-beta * (1 - sigmoid(h[()])), "the derivative of log σ is 1 − σ"),
        (-beta * sigmoid(-h[()]), "1 − σ(h) is σ(−h): the probability of getting the comparison wrong"),
        begin(diff(L[()], l), "how the loss changes with that of the other answer", "The other answer"),
        (beta * sigmoid(-h[()]), "in the same way, with the other sign"),
        begin(diff(L[()], w) + diff(L[()], l), "a step that changes both alike", "Only the difference counts"),
        (0, "the two cancel: the loss may fall while both log-probabilities do"),
    ),
    reference=("Rafailov et al. 2023, arXiv:2305.18290, equation 7 and section 4. The reward: ", see("kl-regularized-optimum"), "."),
    pictures=(Curves(L, "The loss as the preferred answer becomes more likely", "w", (-10, 6), "log probability w", "loss"),),
    example={"w": -1, "l": -2, "u": "-3/2", "v": -2, "beta": "1/2", "c": 0},
)  # fmt: skip
