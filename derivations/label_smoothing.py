"""Label smoothing.

The target keeps 1 − ε of its weight, and ε is spread evenly over all K classes. The gradient is still probability minus
target, for the new target sums to one as well; what changes is where it vanishes. For a target of 1 in one class no finite
scores minimise the loss without smoothing: the gap between the right score and the others keeps growing. With smoothing the
best gap is finite.
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
    log,
    scalar,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

K = sizes("K")
c, j, k, t = indices("c j k t")
x, epsilon = tensor("x", K), scalar("epsilon", kind="positive")
y = tensor("y", K, kind="simplex")

q = define("q", c, (1 - epsilon) * y[c] + epsilon / K)
Z = define("Z", (), sum(exp(x[k]), k))
p = define("p", c, exp(x[c]) / Z[()])
L = define("L", (), -sum(q[c] * log(p[c]), c))

derivation = Derivation(
    __doc__,
    given=(x, y, epsilon.tensor, "ε < 1"),
    where=(q, Z, p, L),
    calc=(
        begin(sum(q[c], c), "the sum of the smoothed target", "Still a distribution"),
        ((1 - epsilon) * sum(y[c], c) + epsilon, "the sum of K terms ε/K is ε"),
        (1, "the target sums to 1"),
        begin(diff(L[()], x[j]), "how the loss changes with score j", "The gradient"),
        (
            -sum(q[c] * (delta(c, j) - p[j]), c),
            (see("cross-entropy-gradient"), ": the derivative of the logarithm of the softmax"),
        ),
        (
            p[j] * sum(q[c], c) - q[j],
            ("of the delta only the term c = j remains; factor ", p[j], " out of the sum"),
            "expand",
        ),
        (p[j] - q[j], "the smoothed target sums to 1"),
        wrong(p[j] - y[j], "the gradient of the loss without smoothing"),
        (p[j] - (1 - epsilon) * y[j] - epsilon / K, "definition of q"),
        begin(p[t] / p[k], "the ratio of two probabilities", "The best gap"),
        (exp(x[t]) / exp(x[k]), "Z cancels"),
        (exp(x[t] - x[k]), "a quotient of exponentials: the logarithm of the ratio is the gap between the scores"),
        begin(
            log((1 - epsilon + epsilon / K) / (epsilon / K)),
            "where the gradient vanishes, p is q: for a target of 1 in one class, this is the gap from its score to any other",
        ),
        (log(1 + K * (1 - epsilon) / epsilon), "divide; the gap grows without bound as ε tends to 0"),
    ),
    reference="Szegedy et al. 2016, arXiv:1512.00567, section 7.",
    pictures=(Bars((q, p), "Smoothed targets q and probabilities p", "class"),),
    example={"x": [1, 2, 3], "y": ["1/10", "1/10", "4/5"], "epsilon": "1/10"},
)
