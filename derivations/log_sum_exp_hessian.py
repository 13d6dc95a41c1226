"""Hessian of log-sum-exp.

The Hessian of log-sum-exp is diag(p) − p pᵀ, the covariance matrix of a one-hot vector drawn from the softmax p. Its rows
sum to zero, because a shift of all scores leaves the gradient unchanged; and it is positive semidefinite, because along v
it is the variance of v under p. So log-sum-exp is convex.
"""

from symformer import Curves, Derivation, begin, define, delta, diff, exp, ge, indices, log, see, sizes, sum, tensor

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
        begin(diff(log(Z[()]), x[i], x[j]), "the second derivative in scores i and j", "The Hessian"),
        (diff(p[i], x[j]), (see("log-sum-exp-gradient"), ": the gradient is p")),
        (p[i] * delta(i, j) - p[i] * p[j], (see("softmax-jacobian"),)),
        begin(sum(p[i] * delta(i, j) - p[i] * p[j], j), "the sum of row i of the Hessian", "Its rows sum to 0"),
        (p[i] - p[i] * sum(p[j], j), "only the term j = i of the delta remains", "diag(p) times the ones is p"),
        (0, "probabilities sum to 1"),
        begin(
            sum(sum(v[i] * (p[i] * delta(i, j) - p[i] * p[j]) * v[j], j), i),
            "the quadratic form of the Hessian along v",
            "It is convex",
        ),
        (
            sum(p[i] * v[i] ** 2, i) - m[()] ** 2,
            "only the terms j = i of the delta remain; the other double sum is a product of two sums",
            "diag(p) gives a sum of squares, and p pᵀ the square of m",
        ),
        (
            sum(p[i] * (v[i] - m[()]) ** 2, i),
            "expand the square, and probabilities sum to 1: the variance of v under p",
        ),
        ge(0, "a sum of squares with positive weights is nowhere negative"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.",
    example={"x": [1, 2, 3], "v": [1, 0, 2]},
    pictures=(
        Curves(
            p,
            "Raising the first score: where p₁ is near a half, the curvature p₁(1 − p₁) is largest",
            ("x", 1),
            ("-4", "8"),
            "score x₁",
            "probability",
        ),
    ),
)
