"""Softmax is the best compromise between score and entropy.

Choose probabilities q to make the average score plus the entropy as large as possible: the best choice is the softmax, and the best value is the
log-sum-exp. What any other q loses is exactly its KL divergence from the softmax. With the one-hot choice and the uniform one it follows that
log-sum-exp lies between the largest score and that plus log n.
"""

from symformer import Bars, Derivation, begin, define, exp, indices, le, log, max, scalar, see, sizes, sum, tensor

n = sizes("n")
i, k = indices("i k")
x, q = tensor("x", n), tensor("q", n, kind="simplex")
beta = scalar("beta", kind="positive")

M = define("M", (), max(x[k], k))
A = define("A", (), log(sum(exp(x[k]), k)))
p = define("p", i, exp(x[i] - A[()]))
J = define("J", (), sum(q[i] * x[i], i) - sum(q[i] * log(q[i]), i))
D = define("D", (), sum(q[i] * log(q[i] / p[i]), i))

derivation = Derivation(
    __doc__,
    given=(x, q, beta.tensor, "q are any positive probabilities; M is the largest score, β a scale"),
    where=(M, A, p, J, D),
    calc=(
        begin(J[()], "the average score under q, plus the entropy of q", "What any choice loses"),
        (sum(q[i] * (log(p[i]) + A[()]), i) - sum(q[i] * log(q[i]), i), "a score is the logarithm of its probability, plus the log-sum-exp"),
        (A[()] * sum(q[i], i) - sum(q[i] * log(q[i] / p[i]), i), "collect; A does not depend on i"),
        (A[()] - D[()], "probabilities sum to 1: the log-sum-exp minus the KL divergence of q from p, which is never negative"),
        begin(sum(p[i] * x[i], i) - sum(p[i] * log(p[i]), i), "the same for the softmax itself", "The best choice"),
        (sum(p[i] * (x[i] - (x[i] - A[()])), i), "the logarithm of a probability is its score minus A"),
        (A[()], "probabilities sum to 1: nothing is lost"),
        begin(sum(exp(beta * x[i]), i), "the sum of exponentials of the scores times β", "At most the largest score and a little more"),
        le(sum(exp(beta * M[()]), (i, n)), "no score is larger than the largest, and exp is increasing"),
        (n * exp(beta * M[()]), "n equal terms: so 1/β log Σ exp(β x) is at most M + log n / β"),
        begin(exp(x[i]), "one term of the sum of exponentials", "At least the largest"),
        le(sum(exp(x[k]), k), "all others are positive: so log-sum-exp is at least any score"),
    ),
    reference=("Boyd & Vandenberghe, Convex Optimization, sections 3.1.5 and 3.3. That a KL divergence is never negative is in ", see("kl-divergence"), "."),
    pictures=(Bars((p, q), "The optimum p and another distribution q"),),
    example={"x": [1, 2], "q": ["1/4", "3/4"], "beta": 2},
)  # fmt: skip
