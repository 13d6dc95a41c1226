"""A gate that keeps the two largest experts. Shazeer et al. 2017, arXiv:1701.06538, equations 3 and 5."""

import math

import symformer as sf

n, e = sf.sizes("n e")
i, a, b = sf.indices("i a b")
H = sf.tensor("H", n, e)
r = sf.rank(H, descending=True)
kept = sf.exp(H[i, a]) * (r[i, a] <= 2)
PROGRAM = sf.program(sf.define("G", (i, a), kept / sf.sum(sf.exp(H[i, b]) * (r[i, b] <= 2), b)), inputs=(H,))
PRINTED = "G_ia = (exp(H_ia)[r_ia ≤ 2])/(Σ_b exp(H_ib)[r_ib ≤ 2])"
LARGE = True


def reference(H):
    rows = []
    for row in H:
        best = sorted(range(len(row)), key=lambda at: (-row[at], at))[:2]
        weights = [math.exp(one - max(row)) if at in best else 0.0 for at, one in enumerate(row)]
        rows.append([one / sum(weights) for one in weights])
    return rows


G = PROGRAM.outputs[0]
STATEMENTS = [
    (sf.sum(G[i, a], a), 1, "proved exact checked"),
    (sf.sum((r[i, a] <= 1) * H[i, a], a), sf.max(H[i, a], a), "exact checked"),
    (G[i, a], sf.exp(H[i, a]) / sf.sum(sf.exp(H[i, b]), b), "refuted"),
]
