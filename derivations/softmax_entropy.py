"""Entropy of the softmax.

The entropy of the softmax is log-sum-exp minus the average score, so it needs no logarithm of a probability. Its derivative
in a score is the probability times the excess of its surprisal, −log p, over the average surprisal H: raising a score whose
probability is above exp(−H) lowers the entropy, and raising one whose probability is below it raises the entropy. The
derivatives in all scores sum to zero.
"""

from symformer import Curves, Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor

n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)

Z = define("Z", (), sum(exp(x[k]), k))
p = define("p", i, exp(x[i]) / Z[()])
H = define("H", (), -sum(p[k] * log(p[k]), k))

derivation = Derivation(
    __doc__,
    given=(x,),
    where=(Z, p, H),
    calc=(
        begin(H[()], "the entropy of p, by its definition", "Without the logarithm of a probability"),
        (-sum(p[k] * (x[k] - log(Z[()])), k), "the logarithm of a fraction is a difference"),
        (log(Z[()]) * sum(p[k], k) - sum(p[k] * x[k], k), "factor log Z out of the sum: it does not depend on k"),
        (log(Z[()]) - sum(p[k] * x[k], k), "probabilities sum to 1"),
        begin(diff(H[()], x[i]), "how the entropy changes with score i", "The gradient"),
        (p[i] - sum(diff(p[k] * x[k], x[i]), k), (see("log-sum-exp-gradient"), ": the gradient of log Z is the softmax")),
        (-sum(diff(p[k], x[i]) * x[k], k), ("product rule; the derivative of the factor ", x[k], " gives ", p[i], ", which cancels")),
        (-sum(p[k] * (delta(k, i) - p[i]) * x[k], k), (see("softmax-jacobian"),)),
        (-p[i] * (x[i] - sum(p[k] * x[k], k)), ("of the delta only the term k = i remains; factor out ", p[i])),
        (-p[i] * (log(p[i]) + H[()]), ("the score is ", log(p[i]) + log(Z[()]), ", and the average score is ", log(Z[()]) - H[()])),
        begin(sum(diff(H[()], x[i]), i), "the sum of all derivatives: the effect of a shift of all scores", "A shift changes nothing"),
        (-sum(p[i] * log(p[i]), i) - H[()] * sum(p[i], i), "the chain above; H does not depend on i"),
        (0, "the first term is H, and probabilities sum to 1"),
    ),
    reference=("Cover & Thomas 2006, Elements of Information Theory, section 2.1; compare ",
               see("softmax-shift-invariance"), "."),
    pictures=(Curves(H, "The entropy as the first score grows: largest where no score stands out, 0 in the end", ("x", 1), (-4, 10), "score x₁", "entropy"),),
    example={"x": [1, 2, 3]},
)  # fmt: skip
