"""InfoNCE.

A contrastive loss asks a model to find the one right partner among n candidates: it is cross-entropy over scores. Its gradient pulls the right pair together and pushes
each wrong pair apart by the probability that the model gives it, so hard negatives count most. The loss can be turned into a bound on mutual information,
which can never exceed log n.
"""

from symformer import (
    Bars,
    Derivation,
    begin,
    define,
    delta,
    diff,
    exp,
    indices,
    le,
    log,
    scalar,
    see,
    sizes,
    sum,
    tensor,
)

n = sizes("n")
j, k = indices("j k")
s, T = tensor("s", n), scalar("T", kind="positive")
y = tensor("y", kind="integer", upper=n)

p = define("p", j, exp(s[j] / T) / sum(exp(s[k] / T), k))
L = define("L", (), log(sum(exp(s[k] / T), k)) - s[y[()]] / T)
I = define("I", (), log(n) - L[()])

derivation = Derivation(
    __doc__,
    given=(s, y, T.tensor, "s are the similarities of one query to n candidates, y says which one is its partner, T is the temperature; I is the bound on mutual information, for one pair"),
    where=(p, L, I),
    calc=(
        begin(L[()], "the loss", "Cross-entropy"),
        (-log(exp(s[y[()]] / T) / sum(exp(s[k] / T), k)), "minus the log-probability of the partner"),
        begin(diff(L[()], s[j]), "the gradient of a similarity", "The gradient"),
        ((p[j] - delta(y[()], j)) / T, (see("cross-entropy-gradient"), ": scores are similarities over T")),
        begin(sum(diff(L[()], s[j]), j), "the sum of these gradients", "Attraction is repulsion"),
        (sum((p[j] - delta(y[()], j)) / T, j), "the chain above"),
        (0, "probabilities sum to 1: the partner is pulled as much as all others are pushed"),
        begin(exp(I[()]) * sum(exp(s[k] / T), k), "the exponential of the bound, times the sum of exponentials", "No more than log n"),
        (n * exp(s[y[()]] / T), "exp undoes log: n times the exponential of the partner"),
        le(n * sum(exp(s[k] / T), k), "the partner is one term of the sum: so more than log n cannot be measured with n candidates"),
    ),
    reference="van den Oord, Li & Vinyals 2018, arXiv:1807.03748, equations 4 and 5; Radford et al. 2021 (CLIP), arXiv:2103.00020.",
    pictures=(Bars((p,), "The probability of each candidate", "candidate"),),
    example={"s": [2, 1, 0], "y": 1, "T": "1/2"},
)  # fmt: skip
