"""Load balancing and the z loss of a router. Fedus et al. 2021, arXiv:2101.03961, equations 4 to 6."""

import math

import symformer as sf

n, e = sf.sizes("n e")
i, a, b = sf.indices("i a b")
X = sf.tensor("X", n, e)
alpha = sf.scalar("alpha", kind="positive")
P = sf.softmax(X, name="P")
best = sf.define("g", i, sf.argmax(P[i, a], a))
F = sf.define("f", ((a, e),), sf.mean(sf.indicator(best[i], "=", a), i))
Pm = sf.define("p", a, sf.mean(P[i, a], i))
z = sf.define("z", (), sf.mean(sf.log(sf.sum(sf.exp(X[i, a]), a)) ** 2, i))
PROGRAM = sf.program(sf.define("l", (), alpha * e * sf.sum(F[a] * Pm[a], a) + z[()]), inputs=(X, alpha))
PRINTED = "l = α e Σ_a f_a p_a + z"
LARGE = True


def reference(X, alpha):
    n, e = X.shape
    f, p, z = [0.0] * e, [0.0] * e, 0.0
    for row in X:
        top = max(row)
        total = sum(math.exp(one - top) for one in row)
        f[list(row).index(top)] += 1 / n
        for a in range(e):
            p[a] += math.exp(row[a] - top) / total / n
        z += (top + math.log(total)) ** 2 / n
    return alpha * e * sum(x * y for x, y in zip(f, p, strict=True)) + z


STATEMENTS = [(sf.sum(Pm[a], a), 1, "proved exact checked"), (sf.sum(F[a], a), 1, "proved exact checked")]
