"""Gradient of log-sum-exp.

Log-sum-exp is a smooth maximum: it lies between the largest score and that score plus log n. Its slope in one score is
the share that this score has of the sum of exponentials, which is the softmax.
"""

from symformer import Derivation, begin, define, diff, exp, indices, le, log, max, sizes, sum, tensor

n = sizes("n")
j, k = indices("j k")
x = tensor("x", n)

u = define("u", k, exp(x[k]))
Z = define("Z", (), sum(u[k], k))
s = define("s", k, u[k] / Z[()])

derivation = Derivation(
    __doc__,
    given=(x,),
    where=(u, Z, s),
    calc=(
        begin(max(x[k], k), "the largest score", "Between the maximum and the maximum plus log n"),
        le(log(Z[()]), "Z is at least its largest term, and log grows"),
        le(max(x[k], k) + log(n), "Z is at most n times its largest term"),
        begin(diff(log(Z[()]), x[j]), "what we want", "The slope"),
        (1 / Z[()] * diff(Z[()], x[j]), "chain rule: the slope of log is one over its argument"),
        (1 / Z[()] * u[j], ("of the terms of Z only ", u[j], " holds ", x[j], ", and an exponential is its own slope")),
        (s[j], "definition of s"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.",
    example={"x": [1, 2, 3]},
)
