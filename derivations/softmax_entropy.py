"""Entropy of the softmax.

The entropy of the softmax is log-sum-exp less the average score, so it needs no logarithm of a share. Its slope in a
score is the share times how much less surprising than the average that share is: raising a score that is already
likely lowers the entropy, and raising one less likely than exp(−H) lifts it. Together the slopes cancel.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor

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
        begin(H[()], "the entropy", "Without a logarithm of a share"),
        (-sum(p[k] * (x[k] - log(Z[()])), k), "the logarithm of a fraction is a difference"),
        (log(Z[()]) * sum(p[k], k) - sum(p[k] * x[k], k), "log Z does not depend on k, so it leaves the sum"),
        (log(Z[()]) - sum(p[k] * x[k], k), "shares sum to 1"),
        begin(diff(H[()], x[i]), "what we want", "The slope"),
        (p[i] - sum(diff(p[k] * x[k], x[i]), k), (see("log-sum-exp-gradient"), ": the slope of log Z is the softmax")),
        (-sum(diff(p[k], x[i]) * x[k], k), ("product rule; what ", x[i], " itself brings is ", p[i], ", and cancels")),
        (-sum(p[k] * (delta(k, i) - p[i]) * x[k], k), (see("softmax-jacobian"),)),
        (-p[i] * (x[i] - sum(p[k] * x[k], k)), "the delta keeps the term k = i"),
        (-p[i] * (log(p[i]) + H[()]), ("the score is ", log(p[i]) + log(Z[()]), ", the average score is log Z − H")),
        begin(sum(diff(H[()], x[i]), i), "all slopes together", "A shift changes nothing"),
        (-sum(p[i] * log(p[i]), i) - H[()] * sum(p[i], i), "the chain above; H leaves the sum"),
        (0, "the first sum is H, and shares sum to 1"),
    ),
    reference=("Cover & Thomas 2006, Elements of Information Theory, section 2.1; compare ",
               see("softmax-shift-invariance"), "."),
    example={"x": [1, 2, 3]},
)  # fmt: skip
