"""Max pooling over disjoint windows of two. Boureau et al. 2010, A Theoretical Analysis of Feature Pooling."""

import symformer as sf

n, w = sf.sizes("n w")
i, k = sf.indices("i k")
x = sf.tensor("x", n, w)
PROGRAM = sf.program(sf.define("y", i, sf.max(x[i, k], k)), inputs=(x,))
PRINTED = "y_i = max_k x_ik"
LARGE = True


def reference(x):
    return [max(row) for row in x]


STATEMENTS = [
    (sf.diff(sf.max(x[i, k], k), x[i, k]), sf.indicator(k, "=", sf.argmax(x[i, k], k)), "checked exact"),
    (sf.diff(sf.max(x[i, k], k), x[i, k]), sf.indicator(x[i, k], ">", 0), "refuted"),
]
