"""Cross entropy with smoothed labels. Szegedy et al. 2015, arXiv:1512.00567, section 7."""

import math

import symformer as sf

n = sf.sizes("n")
j, k = sf.indices("j k")
x = sf.tensor("x", n)
y = sf.tensor("y", kind="integer", upper=n)
eps = sf.scalar("epsilon", kind="unit")
q = sf.define("q", (j, n), (1 - eps) * sf.indicator(j, "=", y[()]) + eps / n)
PROGRAM = sf.program(
    sf.define("L", (), -sf.sum(q[j] * sf.log(sf.exp(x[j]) / sf.sum(sf.exp(x[k]), k)), j)), inputs=(x, y, eps)
)
PRINTED = "L = −Σ_j q_j log(exp(x_j)/(Σ_k exp(x_k)))"
LARGE = True


def reference(x, y, eps):
    total = math.log(sum(math.exp(one) for one in x))
    return -sum(((1 - eps) * (j == int(y)) + eps / len(x)) * (x[j] - total) for j in range(len(x)))


STATEMENTS = [
    (sf.log(sf.exp(x[j]) / sf.sum(sf.exp(x[k]), k)), x[j] - sf.log(sf.sum(sf.exp(x[k]), k)), "proved"),
    (sf.log(sf.exp(x[j]) / sf.sum(sf.exp(x[k]), k)), x[j], "refuted"),
]
