"""CLIP's symmetric loss with a learned temperature. Radford et al. 2021, arXiv:2103.00020, figure 3."""

import math

import numpy as np

import symformer as sf

n, d = sf.sizes("n d")
i, j, k, c = sf.indices("i j k c")
x, y = sf.tensor("x", n, d), sf.tensor("y", n, d)
t = sf.scalar("t")
S = sf.define("S", (i, j), sf.exp(t) * sf.sum(x[i, c] * y[j, c], c))
rows = sf.exp(S[i, i]) / sf.sum(sf.exp(S[i, k]), k)
columns = sf.exp(S[i, i]) / sf.sum(sf.exp(S[k, i]), k)
PROGRAM = sf.program(sf.define("L", (), -sf.mean(sf.log(rows) + sf.log(columns), i) / 2), inputs=(x, y, t))
PRINTED = "L = (−1/n Σ_i (log(exp(S_ii)/(Σ_k exp(S_ik))) + log(exp(S_ii)/(Σ_k exp(S_ki)))))/2"
LARGE = True


def _log_share(row, at):
    top = max(row)
    return row[at] - top - math.log(sum(math.exp(one - top) for one in row))


def reference(x, y, t):
    n = len(x)
    scores = [[math.exp(t) * sum(a * b for a, b in zip(one, other, strict=True)) for other in y] for one in x]
    turned = [list(column) for column in zip(*scores, strict=True)]
    return -sum(_log_share(scores[i], i) + _log_share(turned[i], i) for i in range(n)) / n / 2


SHAPES = {"x": "n d", "y": "n d", "t": "()"}


def in_numpy(x, y, t):
    S = np.exp(t) * x @ y.T
    rows = np.diagonal(S) - np.log(np.exp(S).sum(axis=1))
    columns = np.diagonal(S) - np.log(np.exp(S).sum(axis=0))
    return -np.mean(rows + columns) / 2


STATEMENTS = [
    (sf.log(rows), S[i, i] - sf.log(sf.sum(sf.exp(S[i, k]), k)), "proved"),
    (sf.log(rows), sf.log(columns), "refuted"),
]
