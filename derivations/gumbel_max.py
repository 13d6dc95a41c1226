"""The Gumbel-max trick.

Add independent Gumbel noise to each score and take the largest: the result is a sample from the softmax. The reason is that the largest of several Gumbel variables is
a Gumbel variable again, shifted by the log-sum-exp. The integral over the winner's noise then has an antiderivative in which only the softmax
probability stands in front.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    exp,
    indices,
    log,
    scalar,
    sizes,
    sum,
    tends,
    tensor,
    wrong,
)

n = sizes("n")
i, k = indices("i k")
x, t, s = tensor("x", n), scalar("t"), scalar("s", kind="positive")

Z = define("Z", (), sum(exp(x[k]), k))
F = define("F", i, exp(-exp(-(t - x[i]))))
f = define("f", i, diff(F[i], t))
P = define("P", (), exp(-exp(-t) * Z[()]))

derivation = Derivation(
    __doc__,
    given=(x, t.tensor, s.tensor, "x are the scores; F is the probability that score i plus Gumbel noise is at most t, f its density, and s stands for exp(−t)"),
    where=(Z, F, f, P),
    calc=(
        begin(f[i], "the density of a score with its noise", "One score"),
        (exp(x[i] - t) * F[i], "chain rule, twice"),
        begin(P[()], "the distribution of the largest of all scores with noise, as claimed", "The largest"),
        (exp(-sum(exp(x[k] - t), k)), "the exponents of a product of the F add up: all are at most t"),
        (exp(-exp(-(t - log(Z[()])))), "a Gumbel variable, shifted by the log-sum-exp"),
        begin(exp(x[i] - t) * P[()], "the density that score i has its noise at t, and all others are below it: f times the other F", "Who wins"),
        wrong(diff(P[()], t), "as if it did not matter who wins"),
        (exp(x[i]) / Z[()] * diff(P[()], t), "the derivative of P is Z exp(−t) P"),
        begin(exp(-s * Z[()]), "P, which is all that depends on t, at large t: small s", "The integral"),
        tends(exp(0 * Z[()]), "exp is continuous", to=(s, 0)),
        (1, "exp(0) is 1; for small t, P tends to 0: so the integral over t is the softmax probability"),
    ),
    reference="Gumbel 1954; Maddison, Tarlow & Minka 2014; Jang, Gu & Poole 2016, arXiv:1611.01144.",
    example={"x": [1, 2], "t": 1, "s": 1},
    pictures=(Curves(f, "The density of each score with its Gumbel noise", "t", ("-3", "6"), "t", "density"),),
)  # fmt: skip
