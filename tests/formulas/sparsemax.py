"""Sparsemax, by sorting and a threshold. Martins & Astudillo 2016, arXiv:1602.02068, algorithm 1."""

import symformer as sf

n = sf.sizes("n")
i, j, k = sf.indices("i j k")
z = sf.tensor("z", n)
u = sf.sort(z, descending=True)
c = sf.define("c", k, sf.cumsum(u[j], j, k))
inside = 1 + sf.lift(k) * u[k] > c[k]
K = sf.define("K", (), sf.sum(inside, k))
tau = sf.define("tau", (), (sf.sum(inside * u[k], k) - 1) / K[()])
PROGRAM = sf.program(sf.define("p", i, sf.maximum(z[i] - tau[()], 0)), inputs=(z,))
PRINTED = "p_i = max(z_i − τ, 0)"
LARGE = True


def reference(z):
    total, threshold = 0.0, 0.0
    for count, one in enumerate(sorted(z, reverse=True), start=1):
        total += one
        if 1 + count * one > total:
            threshold = (total - 1) / count
    return [max(one - threshold, 0.0) for one in z]


p = PROGRAM.outputs[0]
STATEMENTS = [(sf.sum(p[i], i), 1, "exact checked"), (p[i], z[i], "refuted")]
