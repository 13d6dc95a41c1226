"""Mamba-2, scalar decay: h_t = a_t h_{t−1} + B_t x_tᵀ, y_t = C_tᵀ h_t. Dao & Gu 2024, arXiv:2405.21060, equation 2."""

import math

import symformer as sf

n, d, N = sf.sizes("n d N")
t, j, k, p, s = sf.indices("t j k p s")
h, x = sf.tensor("h", N, d), sf.tensor("x", d)
a, B, C = sf.tensor("a"), sf.tensor("B", N), sf.tensor("C", N)
h_new = sf.define("h_new", (s, p), sf.exp(a[()]) * h[s, p] + B[s] * x[p])
y = sf.define("y", p, sf.sum(C[s] * h_new[s, p], s))
Y = sf.scan({h: h_new}, over=(t, n), start={h: 0}, each=(a, B, C, x), out=y, name="Y")
PROGRAM = sf.program(Y, inputs=[sf.tensor("a", n), sf.tensor("B", n, N), sf.tensor("C", n, N), sf.tensor("x", n, d)])
PRINTED = "Y = Scan_[t=1…n] Step(h_0;a_t, B_t, C_t, x_t)  with y_t"
RECURRENCE = ["h_tsp = exp(a_t) h_[t−1,s,p] + B_ts x_tp", "y_tp = Σ_s C_ts h_tsp"]


def reference(a, B, C, x):
    out = []
    for t in range(len(a)):
        weights = [
            math.exp(sum(a[j + 1 : t + 1])) * sum(c * b for c, b in zip(C[t], B[j], strict=True)) for j in range(t + 1)
        ]
        out.append([sum(w * x[j][p] for j, w in enumerate(weights)) for p in range(len(x[0]))])
    return out


A, BB, CC, X = PROGRAM.inputs
logs = sf.define("L", t, sf.cumsum(A[j], j, t))
decay = sf.where(j <= t, sf.exp(logs[t] - logs[j]), 0)
parallel = sf.sum(decay * sf.sum(CC[t, s] * BB[j, s], s) * X[j, p], j)
no_decay = sf.sum(sf.where(j <= t, sf.sum(CC[t, s] * BB[j, s], s) * X[j, p], 0), j)
STATEMENTS = [(Y[t, p], parallel, "exact checked"), (Y[t, p], no_decay, "refuted")]
