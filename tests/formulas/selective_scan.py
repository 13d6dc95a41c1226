"""Mamba's selective scan. Gu & Dao 2023, arXiv:2312.00752, algorithm 2 with the simplified input step."""

import math

import symformer as sf

n, d, N = sf.sizes("n d N")
t, c, s = sf.indices("t c s")
h, x, z, B, C = sf.tensor("h", d, N), sf.tensor("x", d), sf.tensor("z", d), sf.tensor("B", N), sf.tensor("C", N)
A, D = sf.tensor("A", d, N), sf.tensor("D", d)
delta = sf.define("Delta", c, sf.softplus(z)[c])
h_new = sf.define("h_new", (c, s), sf.exp(-delta[c] * sf.exp(A[c, s])) * h[c, s] + delta[c] * B[s] * x[c])
y = sf.define("y", c, sf.sum(C[s] * h_new[c, s], s) + D[c] * x[c])
Y = sf.scan({h: h_new}, (t, n), {h: 0}, (x, z, B, C), out=y, name="Y")
each = (sf.tensor("x", n, d), sf.tensor("z", n, d), sf.tensor("B", n, N), sf.tensor("C", n, N))
PROGRAM = sf.program(Y, inputs=(*each, A, D))
PRINTED = "Y = Scan_[t=1…n] Step(h_0;x_t, z_t, B_t, C_t;A, D)  with y_t"


def reference(x, z, B, C, A, D):
    h, out = [[0.0] * A.shape[1] for _ in A], []
    for t in range(len(x)):
        row = []
        for c in range(len(D)):
            step = math.log1p(math.exp(z[t][c]))
            for s in range(A.shape[1]):
                h[c][s] = math.exp(-step * math.exp(A[c][s])) * h[c][s] + step * B[t][s] * x[t][c]
            row.append(sum(C[t][s] * h[c][s] for s in range(A.shape[1])) + D[c] * x[t][c])
        out.append(row)
    return out


STATEMENTS = []
RECURRENCE = [
    "softplus(z_t)_i = log(1 + exp(z_ti))",
    "Δ_tc = softplus(z_t)_c",
    "h_tcs = exp(−Δ_tc exp(A_cs)) h_[t−1,c,s] + Δ_tc B_ts x_tc",
    "y_tc = Σ_s C_ts h_tcs + D_c x_tc",
]
