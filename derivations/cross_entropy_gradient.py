"""Gradient of cross-entropy.

The cross-entropy of a softmax against a target has the simplest gradient there could be: probability minus target. The
logarithm undoes the exponential, and the target sums to one.
"""

from symformer import Bars, Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor

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
        begin(
            diff(log(p[c]), x[j]),
            "how the logarithm of probability c changes with score j",
            "The logarithm of the softmax",
        ),
        (diff(x[c] - log(Z[()]), x[j]), "the logarithm of a fraction is a difference"),
        (delta(c, j) - p[j], (see("log-sum-exp-gradient"), ": the gradient of log Z is the softmax")),
        begin(diff(L[()], x[j]), "how the loss changes with score j", "The loss"),
        (-sum(y[c] * diff(log(p[c]), x[j]), c), "differentiate each term: the target does not depend on the scores"),
        (-sum(y[c] * (delta(c, j) - p[j]), c), "the chain above"),
        (
            -y[j] + p[j] * sum(y[c], c),
            ("of the delta only the term c = j remains; factor ", p[j], " out of the sum"),
            "expand",
        ),
        (p[j] - y[j], "the target sums to 1"),
    ),
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3.",
    pictures=(Bars((p, y), "The gradient is what p and y differ by", "class"),),
    example={"x": [1, 2, 3], "y": ["1/10", "1/10", "4/5"]},
)
