"""How weights, steps and scores scale with width.

Maximal update parametrisation asks that every activation stays of order 1 as a model is made wider, at the start and after each step. Weights of variance 1/n do that at the start. A step of Adam has entries of one
size, all of them correlated with the input, so that its effect grows with n and the learning rate must fall like 1/n. For the same reason scores of trained queries and keys are
divided by d, not by its root.
"""

from symformer import Derivation, begin, define, delta, expect, indices, scalar, sizes, sqrt, sum, tensor, wrong

n = sizes("n")
b, c = indices("b c")
w = tensor("w", n, kind="random", moments={1: 0, 2: 1})
x = tensor("x", n, kind="random", moments={1: 0, 2: 1})
eta = scalar("eta", kind="positive")

y = define("y", (), sum(w[c] / sqrt(n) * x[c], c))
D = define("D", (), sum(eta * x[c] * x[c], c))

derivation = Derivation(
    __doc__,
    given=(w, x, eta.tensor, "x are n inputs of order 1; y is an output with weights of variance 1/n, and D what a step along the input adds to it"),
    where=(y, D),
    calc=(
        begin(expect(y[()] ** 2), "the variance of an output at the start", "Weights"),
        (sum(sum(expect(w[c] * w[b]) * expect(x[c] * x[b]), (b, n)), (c, n)) / n, "weights are independent of inputs"),
        (sum(sum(delta(c, b) * delta(c, b), (b, n)), (c, n)) / n, "different entries are independent, and each has variance 1"),
        (1, "n terms remain: the same at every width"),
        begin(expect(D[()]), "what a step with learning rate η adds on average", "Steps"),
        wrong(eta * sqrt(n), "as if the step were independent of the input"),
        (sum(eta * expect(x[c] ** 2), c), "each weight moves along its own input"),
        (n * eta, "all n contributions have the same sign: η must fall like 1/n"),
        begin(expect(sum(x[c] * x[c], c)) / sqrt(n), "a score of a query with a key that has become equal to it, over the root of the width", "Scores"),
        (sqrt(n), "n over its root: it grows"),
        begin(expect(sum(x[c] * x[c], c)) / n, "the same, over the width", "Scores over d"),
        (1, "the same at every width"),
    ),
    reference="Yang et al. 2022, Tensor Programs V, arXiv:2203.03466; inputs stand for signs and gradients of order 1, which is where the argument is heuristic.",
)  # fmt: skip
