"""Hessian of log-sum-exp.

The second derivative of log-sum-exp is the covariance of a one-hot draw from the softmax: diag(p) − p pᵀ. Its rows sum
to zero, because a shift of all scores changes no slope; and it curves upwards in every direction, because along v it is
the variance of v under p. So log-sum-exp is convex.
"""

from symformer import Derivation, begin, define, delta, diff, exp, ge, indices, log, see, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
x, v = tensor("x", n), tensor("v", n)

Z = define("Z", (), sum(exp(x[k]), k))
p = define("p", i, exp(x[i]) / Z[()])
m = define("m", (), sum(p[k] * v[k], k))

derivation = Derivation(
    __doc__,
    given=(x, v),
    where=(Z, p, m),
    calc=(
        begin(diff(log(Z[()]), x[i], x[j]), "what we want", "The Hessian"),
        (diff(p[i], x[j]), (see("log-sum-exp-gradient"), ": the first derivative is p")),
        (p[i] * delta(i, j) - p[i] * p[j], (see("softmax-jacobian"),)),
        begin(sum(p[i] * delta(i, j) - p[i] * p[j], j), "a row of the Hessian, summed", "Its rows sum to 0"),
        (p[i] - p[i] * sum(p[j], j), "the delta keeps the term j = i"),
        (0, "shares sum to 1"),
        begin(
            sum(sum(v[i] * (p[i] * delta(i, j) - p[i] * p[j]) * v[j], j), i), "the curvature along v", "It is convex"
        ),
        (sum(p[i] * v[i] ** 2, i) - m[()] ** 2, "the delta keeps the terms j = i; the other sum is a product of two"),
        (
            sum(p[i] * (v[i] - m[()]) ** 2, i),
            "the square multiplied out, and shares sum to 1: the variance of v under p",
        ),
        ge(0, "a sum of squares with positive weights"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.",
    example={"x": [1, 2, 3], "v": [1, 0, 2]},
)
