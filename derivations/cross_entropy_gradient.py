"""Gradient of cross-entropy.

The loss of a classifier, the cross-entropy of its softmax against the target, has the simplest slope there is:
probability minus target. Logarithm and softmax undo each other, and the target sums to one.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor

n = sizes("n")
c, j, k = indices("c j k")
x = tensor("x", n)
y = tensor("y", n, kind="simplex")

Z = define("Z", (), sum(exp(x[k]), k))
p = define("p", c, exp(x[c]) / Z[()])
L = define("L", (), -sum(y[c] * log(p[c]), c))

derivation = Derivation(
    __doc__,
    given=(x, y),
    where=(Z, p, L),
    calc=(
        begin(diff(log(p[c]), x[j]), "the logarithm of one probability", "The logarithm of softmax"),
        (diff(x[c] - log(Z[()]), x[j]), "the logarithm of a fraction is a difference"),
        (delta(c, j) - p[j], (see("log-sum-exp-gradient"), ": the slope of log Z is the softmax")),
        begin(diff(L[()], x[j]), "what we want", "The loss"),
        (-sum(y[c] * diff(log(p[c]), x[j]), c), "the target does not depend on the scores"),
        (-sum(y[c] * (delta(c, j) - p[j]), c), "the chain above"),
        (-y[j] + p[j] * sum(y[c], c), ("the delta keeps the term c = j; ", p[j], " leaves the sum")),
        (p[j] - y[j], "the target sums to 1"),
    ),
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3.",
    example={"x": [1, 2, 3], "y": ["1/10", "1/10", "4/5"]},
)
