"""KL divergence is the Bregman divergence of log-sum-exp.

The KL divergence of two softmaxes, with scores a and b, is the height of log-sum-exp at b above its tangent plane at a.
Log-sum-exp is convex, so this height is never negative. Cross-entropy is entropy plus KL divergence: for a fixed target,
minimising the one minimises the other.
"""

from symformer import Bars, Derivation, begin, define, diff, exp, indices, log, see, sizes, sum, tanh, tensor

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
        begin(D[()], "the KL divergence of p from q", "The tangent plane"),
        (
            sum(p[i] * (a[i] - A[()] - b[i] + B[()]), i),
            (log(p[i]), " is ", a[i] - A[()], ", and ", log(q[i]), " is ", b[i] - B[()]),
        ),
        ((B[()] - A[()]) * sum(p[i], i) - sum(p[i] * (b[i] - a[i]), i), "split the sum; A and B do not depend on i"),
        (B[()] - A[()] - sum(p[i] * (b[i] - a[i]), i), "probabilities sum to 1"),
        (
            B[()] - A[()] - sum(diff(A[()], a[i]) * (b[i] - a[i]), i),
            (
                see("log-sum-exp-gradient"),
                ": p is the gradient of A, so this is B minus the tangent plane of A at a, taken at b",
            ),
        ),
        begin(-sum(p[i] * log(q[i]), i), "the cross-entropy of q relative to p", "Cross-entropy"),
        (-sum(p[i] * (log(p[i]) - log(p[i] / q[i])), i), "log q is log p minus the logarithm of their ratio"),
        (-sum(p[i] * log(p[i]), i) + D[()], "split the sum: entropy of p plus KL divergence"),
        begin(diff(D[()], b[k]), "how the divergence changes with score k of b", "Its gradient"),
        (diff(B[()], b[k]) - p[k], "the tangent plane is linear in b, with gradient p"),
        (q[k] - p[k], (see("log-sum-exp-gradient"), ": as in ", see("cross-entropy-gradient"))),
        begin(
            sum(p[i] * t[i] - (p[i] + q[i]) * tanh(t[i] / 2), i),
            "as it is computed: no summand is negative, so the summands do not cancel where p and q are nearly the same",
            "Without cancellation",
        ),
        (
            sum(p[i] * t[i] - (p[i] + q[i]) * (exp(t[i]) - 1) / (exp(t[i]) + 1), i),
            (tanh(t[i] / 2), " as a quotient of exponentials"),
        ),
        (sum(p[i] * t[i] - p[i] + q[i], i), (exp(t[i]), " is ", p[i] / q[i], ", so the second term is ", p[i] - q[i])),
        (D[()], "definition of t; p and q both sum to 1"),
    ),
    reference=(
        "Banerjee, Merugu, Dhillon & Ghosh 2005, Clustering with Bregman Divergences, JMLR 6. That log-sum-exp is convex "
        "is in ",
        see("log-sum-exp-hessian"),
        ".",
    ),
    pictures=(Bars((p, q), "Two distributions: the divergence is 0 only where all bars agree"),),
    example={"a": [1, 2, 3], "b": [3, 2, 1]},
)
