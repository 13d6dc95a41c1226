"""Jacobian of the softmax.

Raising one score takes probability from all the other entries, in proportion to what they have. The quotient rule shows
it, and the result contains nothing but the probabilities: a backward pass does not have to keep the scores.
"""

from symformer import Curves, Derivation, define, delta, diff, exp, indices, see, sizes, sum, tensor

n = sizes("n")
i, j, k = indices("i j k")
x = tensor("x", n)

u = define("u", i, exp(x[i]))
Z = define("Z", (), sum(u[k], k))
s = define("s", i, u[i] / Z[()])

derivation = Derivation(
    __doc__,
    given=(x,),
    where=(u, Z, s),
    calc=(
        (diff(s[i], x[j]), "how entry i of the softmax changes with score j"),
        (diff(u[i], x[j]) / Z[()] - u[i] * diff(Z[()], x[j]) / Z[()] ** 2, "quotient rule"),
        (delta(i, j) * u[i] / Z[()] - u[i] * u[j] / Z[()] ** 2,
         (diff(u[k], x[j]), " is ", delta(k, j) * u[k], "; in Z only ", u[j], " depends on ", x[j]),
         "the Jacobian of u is diag(u), and the gradient of Z is u"),
        (delta(i, j) * s[i] - s[i] * s[j], "definition of s"),
        (s[i] * (delta(i, j) - s[j]), ("factor out ", s[i])),
    ),
    reference=(
        "Boyd & Vandenberghe, Convex Optimization, section 3.1.5, where it is the Hessian of log-sum-exp, whose "
        "gradient is in ",
        see("log-sum-exp-gradient"),
        ".",
    ),
    pictures=(Curves(s, "Raising the first score takes probability from all the others", ("x", 1), (-2, 8), "score x₁", "probabilities"),),
    example={"x": [1, 2, 3]},
    temperature=x,
)  # fmt: skip
