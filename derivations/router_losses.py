"""Losses of a router: z-loss and load balance.

A router that sends tokens to experts is trained with two losses beside the main one. The first is the square of the log-sum-exp of its logits and keeps them small:
its gradient is the softmax, times twice the log-sum-exp. The load-balancing loss is the sum of fractions f of tokens times mean probabilities P. Where
both agree it is smallest, 1, when all experts are used alike; where they do not, it can be smaller.
"""

from symformer import (
    Bars,
    Derivation,
    begin,
    define,
    diff,
    exp,
    ge,
    indices,
    log,
    scalar,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

N = sizes("N")
i, k = indices("i k")
x, alpha = tensor("x", N), scalar("alpha", kind="positive")
P, f = tensor("P", N, kind="simplex"), tensor("f", N, kind="simplex")

A = define("A", (), log(sum(exp(x[k]), k)))
p = define("p", i, exp(x[i]) / sum(exp(x[k]), k))
B = define("B", (), alpha * N * sum(f[i] * P[i], i))

derivation = Derivation(
    __doc__,
    given=(x, P, f, alpha.tensor, "x are the logits of one token over N experts; P is the mean probability of each expert, f the fraction of tokens that it is sent, α a small weight"),
    where=(A, p, B),
    calc=(
        begin(diff(A[()] ** 2, x[i]), "the gradient of the first loss", "The square of the log-sum-exp"),
        (2 * A[()] * diff(A[()], x[i]), "chain rule"),
        wrong(2 * A[()] * (p[i] - 1), "as if one expert were the right one"),
        (2 * A[()] * p[i], (see("log-sum-exp-gradient"), ": all logits are pushed towards a log-sum-exp of 0")),
        begin(N * sum(P[i] ** 2, i), "the balance, where f and P agree", "Load balance"),
        (N * sum((P[i] - 1 / N) ** 2, i) + 2 * sum(P[i], i) - 1, "complete the square"),
        (N * sum((P[i] - 1 / N) ** 2, i) + 1, "probabilities sum to 1"),
        ge(1, "a sum of squares: 1 only where all experts are used alike"),
        begin(diff(B[()], P[i]), "the gradient of the loss, which passes through P alone, since counting has no derivative", "Its gradient"),
        (alpha * N * f[i], "linear in P: the more tokens an expert has been sent, the more its probability is lowered"),
    ),
    notes=("Where f and P differ, 1 is no lower bound: with N = 2, f = (1, 0) and P = (¼, ¾) the balance is ½.",),
    reference="Zoph et al. 2022 (ST-MoE), arXiv:2202.08906, equation 5; Fedus, Zoph & Shazeer 2021 (Switch), arXiv:2101.03961, equation 4.",
    pictures=(Bars((f, P), "The fraction f of the tokens that an expert gets, and its mean probability P", "expert"),),
    example={"x": [1, 0], "P": ["1/4", "3/4"], "f": ["1/2", "1/2"], "alpha": "1/100"},
)  # fmt: skip
