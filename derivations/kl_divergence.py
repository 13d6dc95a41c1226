"""KL divergence is the Bregman divergence of log-sum-exp.

Between two softmaxes the KL divergence is how far log-sum-exp at the scores b lies above its tangent at the scores a.
Log-sum-exp is convex, so that is never negative. Cross-entropy is entropy plus this distance, so on a
fixed target a lower loss is a smaller distance.
"""

from symformer import Derivation, begin, define, diff, exp, indices, log, see, sizes, sum, tanh, tensor

n = sizes("n")
i, k = indices("i k")
a, b = tensor("a", n), tensor("b", n)

A = define("A", (), log(sum(exp(a[k]), k)))
B = define("B", (), log(sum(exp(b[k]), k)))
p = define("p", i, exp(a[i] - A[()]))
q = define("q", i, exp(b[i] - B[()]))
t = define("t", i, log(p[i] / q[i]))
D = define("D", (), sum(p[i] * log(p[i] / q[i]), i))

derivation = Derivation(
    __doc__,
    given=(a, b),
    where=(A, B, p, q, t, D),
    calc=(
        begin(D[()], "the KL divergence of p from q", "The tangent"),
        (sum(p[i] * (a[i] - A[()] - b[i] + B[()]), i), "the logarithm undoes the exponentials"),
        ((B[()] - A[()]) * sum(p[i], i) - sum(p[i] * (b[i] - a[i]), i), "A and B do not depend on i"),
        (B[()] - A[()] - sum(p[i] * (b[i] - a[i]), i), "shares sum to 1"),
        (
            B[()] - A[()] - sum(diff(A[()], a[i]) * (b[i] - a[i]), i),
            (see("log-sum-exp-gradient"), ": p is the slope of A, so this is B less the tangent at a"),
        ),
        begin(-sum(p[i] * log(q[i]), i), "the cross-entropy of q against p", "Cross-entropy"),
        (-sum(p[i] * (log(p[i]) - log(p[i] / q[i])), i), "the logarithm of a fraction is a difference"),
        (-sum(p[i] * log(p[i]), i) + D[()], "entropy plus distance"),
        begin(diff(D[()], b[k]), "how the distance changes with the scores b", "Its slope"),
        (diff(B[()], b[k]) - p[k], "the tangent is linear in b"),
        (q[k] - p[k], (see("log-sum-exp-gradient"), ": as in ", see("cross-entropy-gradient"))),
        begin(
            sum(p[i] * t[i] - (p[i] + q[i]) * tanh(t[i] / 2), i),
            "as it is computed: where p and q are nearly the same, no large terms cancel",
            "Without cancellation",
        ),
        (sum(p[i] * t[i] - (p[i] + q[i]) * (exp(t[i]) - 1) / (exp(t[i]) + 1), i), "tanh of half an exponent"),
        (sum(p[i] * t[i] - p[i] + q[i], i), "e to the t is p/q, so the second term is p − q"),
        (D[()], "both sum to 1"),
    ),
    reference=(
        "Banerjee, Merugu, Dhillon & Ghosh 2005, Clustering with Bregman Divergences, JMLR 6. That log-sum-exp is convex "
        "is in ",
        see("log-sum-exp-hessian"),
        ".",
    ),
    example={"a": [1, 2, 3], "b": [3, 2, 1]},
)
