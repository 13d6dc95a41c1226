"""Attention with a learned sink logit. OpenAI 2025, gpt-oss model card, section 2.2."""

import math

import numpy as np

import symformer as sf

n, m, e = sf.sizes("n m e")
i, j, k, f = sf.indices("i j k f")
S, V, sink = sf.tensor("S", n, m), sf.tensor("V", m, e), sf.tensor("b", n)
P = sf.define("P", (i, j), sf.exp(S[i, j]) / (sf.exp(sink[i]) + sf.sum(sf.exp(S[i, k]), k)))
PROGRAM = sf.program(sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j)), inputs=(S, V, sink))
PRINTED = "O_if = Σ_j P_ij V_jf"
LARGE = True


def reference(S, V, sink):
    out = []
    for row, extra in zip(S, sink, strict=True):
        total = math.exp(extra) + sum(math.exp(s) for s in row)
        out.append([sum(math.exp(row[j]) / total * V[j][f] for j in range(len(row))) for f in range(len(V[0]))])
    return out


SHAPES = {"S": "n m", "V": "m e", "b": "n"}


def in_numpy(S, V, b):
    scores = np.concatenate([S, b[:, None]], axis=1)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights[:, : S.shape[1]] @ V


STATEMENTS = [
    (sf.sum(P[i, j], j), 1 - sf.exp(sink[i]) / (sf.exp(sink[i]) + sf.sum(sf.exp(S[i, k]), k)), "proved"),
    (sf.sum(P[i, j], j), 1, "refuted"),
]
