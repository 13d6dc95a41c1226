"""Estimating a KL divergence from samples.

Given samples from q alone, the KL divergence of q from p can be estimated in three ways from the ratio u = p/q. The first, −log u, is right on average
and often negative. The second, half the square of log u, is biased. The third, u − 1 − log u, adds a term that is 0 on average: it is right on average and never
negative, and it is what GRPO subtracts from its objective.
"""

from symformer import Curves, Derivation, begin, define, diff, indices, log, scalar, sizes, sum, tensor, wrong

n = sizes("n")
i = indices("i")
p, q = tensor("p", n, kind="simplex"), tensor("q", n, kind="simplex")
x = scalar("x", kind="positive")

u = define("u", i, p[i] / q[i])
D = define("D", (), sum(q[i] * log(q[i] / p[i]), i))
k = define("k", (), x - 1 - log(x))

derivation = Derivation(
    __doc__,
    given=(p, q, x.tensor, "samples come from q; p is the reference, and u the ratio of the two; x stands for one value of the ratio"),
    where=(u, D, k),
    calc=(
        begin(sum(q[i] * -log(u[i]), i), "the average of the first estimate", "−log u"),
        (D[()], "the logarithm of p/q is minus that of q/p: right on average"),
        begin(sum(q[i] * u[i], i), "the average of the ratio", "A term that is 0 on average"),
        (sum(p[i], i), "q cancels"),
        (1, "probabilities sum to 1: so u − 1 is 0 on average"),
        begin(sum(q[i] * (u[i] - 1 - log(u[i])), i), "the average of the third estimate", "u − 1 − log u"),
        (sum(p[i], i) - sum(q[i], i) + sum(q[i] * log(q[i] / p[i]), i), "q cancels in the first term"),
        wrong(sum(p[i] * log(p[i] / q[i]), i), "as the divergence the other way round"),
        (D[()], "both sums are 1: right on average, too"),
        begin(diff(k[()], x), "how the third estimate changes with the ratio", "Never negative"),
        ((x - 1) / x, "differentiate: it falls up to x = 1, where it is 0, and rises after it"),
        begin(sum(q[i] * log(u[i]) ** 2 / 2, i), "the average of the second estimate", "½ (log u)²"),
        wrong(D[()], "it is near the divergence only where p and q are near each other"),
    ),
    reference="Schulman 2020, Approximating KL Divergence; Shao et al. 2024 (GRPO), arXiv:2402.03300, equation 4.",
    pictures=(Curves(k, "k₃ as a function of the ratio: nowhere negative, 0 at 1", "x", ("1/8", 4), "ratio x", "k₃"),),
    example={"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "x": 2},
)  # fmt: skip
