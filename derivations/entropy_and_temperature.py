"""Entropy falls as scores are scaled up.

Multiply all scores by β. The average score then rises at the rate of its variance, and the entropy of the softmax falls at β times that rate: sharper attention is less
spread, and neither ever turns back. In physics this is the fluctuation of the energy. Only where all scores are equal, so that
their variance is 0, does nothing change.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    exp,
    ge,
    indices,
    log,
    scalar,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

n = sizes("n")
i, k = indices("i k")
x, beta = tensor("x", n), scalar("beta", kind="positive")

A = define("A", (), log(sum(exp(beta * x[k]), k)))
p = define("p", i, exp(beta * x[i] - A[()]))
m = define("m", (), sum(p[k] * x[k], k))
v = define("v", (), sum(p[k] * (x[k] - m[()]) ** 2, k))
H = define("H", (), -sum(p[i] * log(p[i]), i))

derivation = Derivation(
    __doc__,
    given=(x, beta.tensor, "m and v are the mean and the variance of the scores under the softmax, H is its entropy"),
    where=(A, p, m, v, H),
    calc=(
        begin(diff(A[()], beta), "how the log-sum-exp changes with the scale", "The mean score"),
        (m[()], "chain rule: it is the mean score"),
        begin(diff(p[i], beta), "how a probability changes", "A probability"),
        (p[i] * (x[i] - m[()]), "chain rule, and the chain above"),
        begin(diff(m[()], beta), "how the mean score changes", "The mean rises"),
        (sum(p[k] * (x[k] - m[()]) * x[k], k), "the chain above"),
        wrong(sum(p[k] * x[k] ** 2, k), "the mean of the squares, the square of the mean forgotten"),
        (v[()], "a mean of squares minus a squared mean"),
        ge(0, "a sum of squares with positive weights"),
        begin(H[()], "the entropy", "The entropy"),
        (A[()] - beta * m[()], "the logarithm of a probability is its score minus A; probabilities sum to 1"),
        begin(diff(A[()], beta) - m[()] - beta * diff(m[()], beta), "how the entropy changes", "The entropy falls"),
        (-beta * v[()], "the first two terms cancel; the last is the chain above"),
    ),
    reference=("The fluctuation formula of statistical mechanics. The other view is ", see("temperature"), ", and the gradient of the entropy in a score ", see("softmax-entropy"), "."),
    pictures=(Curves(H, "The entropy falls as β grows", "beta", ("1/8", 6), "β", "entropy"),),
    example={"x": [1, 2, 3], "beta": 1},
)  # fmt: skip
