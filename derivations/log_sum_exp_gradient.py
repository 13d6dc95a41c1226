"""Gradient of log-sum-exp.

Log-sum-exp is a smooth maximum: it lies between the largest score and that score plus log n. Its gradient is the softmax:
the derivative in one score is the exponential of that score, divided by the sum of all of them.
"""

from symformer import Bars, Derivation, begin, define, diff, exp, indices, le, log, max, sizes, sum, tensor

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
        le(log(Z[()]), "Z is at least its largest term, and the logarithm is increasing"),
        le(max(x[k], k) + log(n), "Z is at most n times its largest term"),
        begin(diff(log(Z[()]), x[j]), "how log-sum-exp changes with score j", "The gradient"),
        (1 / Z[()] * diff(Z[()], x[j]), "chain rule: the derivative of log is one over its argument"),
        (1 / Z[()] * u[j], ("in Z only ", u[j], " depends on ", x[j], ", and the exponential is its own derivative")),
        (s[j], "definition of s"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.",
    pictures=(Bars((s,), "The gradient of the log-sum-exp: the probabilities of its scores"),),
    example={"x": [1, 2, 3]},
)
