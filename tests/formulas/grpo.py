"""Group relative advantages and the KL estimate. Shao et al. 2024, arXiv:2402.03300, section 4.1 and equation 4."""

import math

import symformer as sf

g = sf.sizes("g")
i, k = sf.indices("i k")
r, new, ref = sf.tensor("r", g), sf.tensor("p", g), sf.tensor("q", g)
beta = sf.scalar("beta", kind="positive")
A = sf.define("A", i, (r[i] - sf.mean(r[k], k)) / sf.std(r[k], k))
ratio = sf.define("u", i, sf.exp(new[i] - sf.stop_gradient(new[i])))
kl = sf.define("K", i, sf.exp(ref[i] - new[i]) - (ref[i] - new[i]) - 1)
PROGRAM = sf.program(sf.define("J", i, A[i] - beta * kl[i]), inputs=(r, new, ref, beta))
PRINTED = "J_i = A_i − β K_i"


def reference(r, new, ref, beta):
    mean = sum(r) / len(r)
    std = math.sqrt(sum((one - mean) ** 2 for one in r) / len(r))
    return [(a - mean) / std - beta * (math.exp(c - b) - (c - b) - 1) for a, b, c in zip(r, new, ref, strict=True)]


STATEMENTS = [
    (ratio[i], 1, "proved"),
    (sf.diff(ratio[i], new[i]), ratio[i], "proved"),
    (sf.diff(ratio[i], new[i]), 0, "refuted"),
    (sf.sum(A[i], i), 0, "proved"),
]
