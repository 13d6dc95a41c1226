"""Speculative sampling is exact.

A small model proposes a token with probabilities q; the large model, with probabilities p, accepts it with probability min(1, p/q). If it refuses, a token is drawn from
what p has beyond q. Together this gives exactly p: nothing is approximated, whatever the small model is. It is accepted with the probability
that p and q have in common, which is one minus their total variation distance.
"""

from symformer import Bars, Derivation, abs, begin, define, indices, maximum, minimum, scalar, sizes, sum, tensor, wrong

n = sizes("n")
i, k = indices("i k")
p, q = tensor("p", n, kind="simplex"), tensor("q", n, kind="simplex")
a = scalar("a", kind="unit")

g = define("g", i, maximum(p[i] - q[i], 0))
c = define("c", i, p[i] - g[i])
alpha = define("alpha", (), sum(c[i], i))

derivation = Derivation(
    __doc__,
    given=(p, q, a.tensor, "p are the probabilities of the large model for the next token, q those of the small one, which differ; a is a probability of acceptance that is the same for every token"),
    where=(g, c, alpha),
    calc=(
        begin(q[i] * minimum(1, p[i] / q[i]), "token i is proposed and accepted", "Accepted"),
        (minimum(q[i], p[i]), "q is positive, and moves into the minimum"),
        (p[i] - maximum(p[i] - q[i], 0), "the smaller of two numbers is the first, minus what it has beyond the second"),
        (c[i], "definitions of g and c: what p and q have in common"),
        begin(1 - alpha[()], "the probability that a proposal is refused", "Refused"),
        (sum(p[i], i) - sum(p[i] - g[i], i), "probabilities sum to 1"),
        (sum(g[i], i), "what p has beyond q"),
        begin(c[i] + (1 - alpha[()]) * (g[i] / sum(g[k], k)), "token i is accepted, or drawn from the rest after a refusal", "Together"),
        wrong(c[i] + (1 - alpha[()]) * p[i], "where after a refusal one draws from p itself"),
        (c[i] + sum(g[k], k) * (g[i] / sum(g[k], k)), "the probability of a refusal is the sum of g"),
        (p[i], "it cancels; definition of c"),
        begin(g[i], "what p has beyond q", "By absolute values"),
        ((abs(p[i] - q[i]) + (p[i] - q[i])) / 2, "the positive part of a number is half of its absolute value plus itself"),
        begin(1 - sum((abs(p[i] - q[i]) + (p[i] - q[i])) / 2, i), "the probability of acceptance", "How often"),
        (1 - sum(abs(p[i] - q[i]), i) / 2, "both sum to 1: one minus the total variation distance"),
        begin((1 - a) * (1 + a + a**2 + a**3), "with acceptance a for each of 3 proposals: 1 − a times the expected number of tokens", "Several at once"),
        (1 - a**4, "all inner terms cancel: (1 − a⁴)/(1 − a) tokens for each pass of the large model"),
    ),
    reference="Leviathan, Kalman & Matias 2022, arXiv:2211.17192, theorem 1 and equation 1; Chen et al. 2023, arXiv:2302.01318.",
    pictures=(Bars((p, q), "The target p and the draft q: where q is larger than p, some drafts are refused", "token"),),
    example={"p": ["1/2", "1/4", "1/4"], "q": ["1/4", "1/2", "1/4"], "a": "1/2"},
)  # fmt: skip
