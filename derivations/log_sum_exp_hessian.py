"""Hessian of log-sum-exp.

The second derivative of log-sum-exp is the covariance of a one-hot draw from the softmax: diag(p) − p pᵀ. Its rows sum
to zero, because a shift of all scores changes no slope.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
x = tensor("x", n)

Z = define("Z", (), sum(exp(x[k]), k))
p = define("p", i, exp(x[i]) / Z[()])

derivation = Derivation(
    __doc__,
    given=(x,),
    where=(Z, p),
    calc=(
        begin(diff(log(Z[()]), x[i], x[j]), "what we want", "The Hessian"),
        (diff(p[i], x[j]), (see("log-sum-exp-gradient"), ": the first derivative is p")),
        (p[i] * delta(i, j) - p[i] * p[j], (see("softmax-jacobian"),)),
        begin(sum(p[i] * delta(i, j) - p[i] * p[j], j), "a row of the Hessian, summed", "Its rows sum to 0"),
        (p[i] - p[i] * sum(p[j], j), "the delta keeps the term j = i"),
        (0, "shares sum to 1"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.",
    example={"x": [1, 2, 3]},
)
