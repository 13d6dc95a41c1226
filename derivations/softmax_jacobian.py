"""Jacobian of the softmax.

Raising one score takes probability from all others in proportion to what they have. The quotient rule says so in four
lines, and the answer needs nothing but the probabilities themselves: a kernel never has to keep the scores.
"""

from symformer import Derivation, define, delta, diff, exp, indices, see, sizes, sum, tensor

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
        (diff(s[i], x[j]), "what we want"),
        (diff(u[i], x[j]) / Z[()] - u[i] * diff(Z[()], x[j]) / Z[()] ** 2, "quotient rule"),
        (delta(i, j) * u[i] / Z[()] - u[i] * u[j] / Z[()] ** 2, ("since ", diff(u[k], x[j]), " = ", delta(k, j) * u[k])),
        (delta(i, j) * s[i] - s[i] * s[j], "definition of s"),
        (s[i] * (delta(i, j) - s[j]), ("factor out ", s[i], ", since ", delta(i, j) * s[i], " is 0 unless i = j")),
    ),
    reference=("Boyd & Vandenberghe, Convex Optimization, section 3.1.5, where it is the Hessian of log-sum-exp; see also ", see("log-sum-exp-gradient")),
    example={"x": [1, 2, 3]},
)
