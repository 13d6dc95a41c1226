"""The difference of two attentions. Ye et al. 2024, arXiv:2410.05258, equation 1."""

import math

import numpy as np

import symformer as sf

n, m, d, e = sf.sizes("n m d e")
i, j, f = sf.indices("i j f")
Q, R = sf.tensor("Q", n, d), sf.tensor("R", n, d)
K, L, V = sf.tensor("K", m, d), sf.tensor("L", m, d), sf.tensor("V", m, e)
lam = sf.scalar("lambda")
P = sf.softmax(Q @ K.T / sf.sqrt(d), name="P")
N = sf.softmax(R @ L.T / sf.sqrt(d), name="N")
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum((P[i, j] - lam * N[i, j]) * V[j, f], j)),
                     inputs=(Q, R, K, L, V, lam))  # fmt: skip
PRINTED = "O_if = Σ_j (P_ij − λ N_ij) V_jf"
LARGE = True


def _weights(query, keys):
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) / math.sqrt(len(query)) for key in keys]
    found = [math.exp(one - max(scores)) for one in scores]
    return [one / sum(found) for one in found]


def reference(Q, R, K, L, V, lam):
    out = []
    for one, other in zip(Q, R, strict=True):
        first, second = _weights(one, K), _weights(other, L)
        out.append([sum((a - lam * b) * row[at] for a, b, row in zip(first, second, V, strict=True))
                    for at in range(V.shape[1])])  # fmt: skip
    return out


SHAPES = {"Q": "n d", "R": "n d", "K": "m d", "L": "m d", "V": "m e", "lambda_": "()"}


def _softmax(scores):
    found = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return found / found.sum(axis=-1, keepdims=True)


def in_numpy(Q, R, K, L, V, lambda_):
    root = np.sqrt(Q.shape[-1])
    return (_softmax(Q @ K.T / root) - lambda_ * _softmax(R @ L.T / root)) @ V


STATEMENTS = [
    (sf.sum(P[i, j] - lam * N[i, j], j), 1 - lam, "proved"),
    (sf.sum(P[i, j] - lam * N[i, j], j), 1, "refuted"),
]
