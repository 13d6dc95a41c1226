"""How steep softmax is.

The Jacobian of softmax is a covariance: applied twice to a direction y it gives the variance of y under the probabilities. It is half the weighted sum of all squared differences, so never negative, and 0 where all entries of y are equal. A variance is largest when two entries share
all the weight: then it is ½ of the squared length of y.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    delta,
    exp,
    ge,
    indices,
    lift,
    scalar,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

n = sizes("n")
i, j, k = indices("i j k")
x, y = tensor("x", n), tensor("y", n)
p, a, b = scalar("p", kind="unit"), scalar("a"), scalar("b")

s = define("s", i, exp(x[i]) / sum(exp(x[k]), k))
J = define("J", (i, j), s[i] * (delta(i, j) - s[j]))

derivation = Derivation(
    __doc__,
    given=(x, y, p.tensor, a.tensor, b.tensor, "J is the Jacobian of the softmax s, y any direction; p and 1 − p are the probabilities of two classes, a and b the entries of a direction there"),
    where=(s, J),
    calc=(
        begin(sum(sum(y[i] * J[i, j] * y[j], j), i), "the Jacobian, applied twice to a direction", "A variance"),
        (sum(s[i] * y[i] ** 2, i) - sum(s[i] * y[i], i) ** 2, (see("softmax-jacobian"), ": the mean of the squares minus the squared mean")),
        (sum(sum(s[i] * s[j] * (y[i] - y[j]) ** 2, j), i) / 2, "expand the square; probabilities sum to 1"),
        ge(0, "a sum of squares with positive weights: the Jacobian is positive semidefinite"),
        begin(sum(J[i, i], i), "the trace: the sum of all eigenvalues", "The trace"),
        (1 - sum(s[i] ** 2, i), "probabilities sum to 1"),
        begin((a**2 + b**2) / 2 - p * (1 - p) * (a - b) ** 2, "two classes: half the squared length of the direction, minus what the Jacobian gives", "Never steeper than ½"),
        wrong((a + b) ** 2 / 4, "as if both classes always had probability ½"),
        ((a + b) ** 2 / 4 + (p - lift(1) / 2) ** 2 * (a - b) ** 2, "complete the squares: p (1 − p) is ¼ − (p − ½)²"),
        ge(0, "a sum of squares: 0 where p = ½ and b = −a"),
    ),
    reference="Gao & Pavel 2017, On the Properties of the Softmax Function, arXiv:1704.00805, who have the bound 1; the bound ½ in every dimension is not shown here.",
    pictures=(HeatMap(J, "The Jacobian J: positive on the diagonal, negative elsewhere, rows that sum to 0", "entry", "score"),),
    example={"x": [1, 2, 3], "y": [1, 0, -1], "p": "1/2", "a": 1, "b": -1},
)  # fmt: skip
