"""Cosine similarities and their contrastive loss with a learned temperature. Radford et al. 2021, arXiv:2103.00020."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, j, k, c = sf.indices("i j k c")
x, y = sf.tensor("x", n, d), sf.tensor("y", n, d)
t = sf.scalar("tau")
s = sf.define("s", (i, j), sf.sum(x[i, c] * y[j, c], c) / (sf.norm(x[i, c], c) * sf.norm(y[j, c], c)))
z = sf.define("z", (i, j), sf.exp(t) * s[i, j])
rows = sf.log(sf.sum(sf.exp(z[i, k]), k)) - z[i, i]
columns = sf.log(sf.sum(sf.exp(z[k, i]), k)) - z[i, i]
PROGRAM = sf.program(sf.define("L", (), sf.mean((rows + columns) / 2, i)), inputs=(x, y, t))
PRINTED = "L = 1/n Σ_i (log(Σ_k exp(z_ik)) − z_ii + (log(Σ_k exp(z_ki)) − z_ii))/2"


def reference(x, y, t):
    def cosine(a, b):
        return sum(p * q for p, q in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)

    z = [[math.exp(t) * cosine(a, b) for b in y] for a in x]
    total = 0.0
    for i in range(len(x)):
        total += math.log(sum(math.exp(v) for v in z[i])) - z[i][i]
        total += math.log(sum(math.exp(row[i]) for row in z)) - z[i][i]
    return total / 2 / len(x)


STATEMENTS = [
    (sf.norm(3 * x[i, c], c), 3 * sf.norm(x[i, c], c), "proved"),
    (sf.norm(x[i, c] + y[i, c], c), sf.norm(x[i, c], c) + sf.norm(y[i, c], c), "refuted"),
]
