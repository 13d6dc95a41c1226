"""The mean loss of the two hardest examples. Shrivastava et al. 2016, arXiv:1604.03540, section 4."""

import symformer as sf

n = sf.sizes("n")
i, k = sf.indices("i k")
x, y = sf.tensor("x", n), sf.tensor("y", n)
loss = sf.define("e", i, (x[i] - y[i]) ** 2)
hardest, where = sf.top_k(loss, 2)
PROGRAM = sf.program(sf.define("L", (), sf.mean(hardest[k], k)), inputs=(x, y))
PRINTED = "L = 1/2 Σ_k hardest_k"
LARGE = True


def reference(x, y):
    return sum(sorted((a - b) ** 2 for a, b in zip(x, y, strict=True))[-2:]) / 2


r = sf.rank(loss, descending=True)
STATEMENTS = [
    (sf.sum((r[i] <= 1) * loss[i], i), sf.max(loss[i], i), "exact checked"),
    (sf.sum((r[i] <= 1) * loss[i], i), sf.sum(loss[i], i), "refuted"),
]
