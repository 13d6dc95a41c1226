"""mLSTM, exponential gates with the stabiliser state. Beck et al. 2024, arXiv:2405.04517, equations 19 to 27, 15.

The keys have been divided by √d; ĩ and f̃ are the gates before their exponentials.
"""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
t, p, r = sf.indices("t p r")
C, N, m = sf.tensor("C", e, d), sf.tensor("N", d), sf.tensor("m")
q, k, v = sf.tensor("q", d), sf.tensor("k", d), sf.tensor("v", e)
i_tilde, f_tilde = sf.tensor("i_tilde"), sf.tensor("f_tilde")
m_new = sf.define("m_new", (), sf.maximum(f_tilde[()] + m[()], i_tilde[()]))
i = sf.define("i", (), sf.exp(i_tilde[()] - m_new[()]))
f = sf.define("f", (), sf.exp(f_tilde[()] + m[()] - m_new[()]))
C_new = sf.define("C_new", (r, p), f[()] * C[r, p] + i[()] * v[r] * k[p])
N_new = sf.define("N_new", p, f[()] * N[p] + i[()] * k[p])
total = sf.define("s", (), sf.maximum(sf.abs(sf.sum(N_new[p] * q[p], p)), sf.exp(-m_new[()])))
h = sf.define("h", r, sf.sum(C_new[r, p] * q[p], p) / total[()])
H = sf.scan(
    {C: C_new, N: N_new, m: m_new}, (t, n), {C: 0, N: 0, m: 0}, each=(q, k, v, i_tilde, f_tilde), out=h, name="H"
)
stacked = {tensor.name: tensor for tensor in sf.program(H).inputs}
PROGRAM = sf.program(H, inputs=[stacked[name] for name in ("q", "k", "v", "i_tilde", "f_tilde")])
PRINTED = "H = Scan_[t=1…n] Step(C_0, N_0, m_0;q_t, k_t, …, f̃_t)  with h_t"
RECURRENCE = ["C_trp = f_t C_[t−1,r,p] + i_t v_tr k_tp"]


def reference(q, k, v, i_tilde, f_tilde):
    out = []
    for t in range(len(q)):
        weights = [math.exp(i_tilde[j] + sum(f_tilde[j + 1 : t + 1])) for j in range(t + 1)]
        scores = [w * sum(a * b for a, b in zip(q[t], k[j], strict=True)) for j, w in enumerate(weights)]
        total = max(abs(sum(scores)), 1)
        out.append([sum(s * v[j][r] for j, s in enumerate(scores)) / total for r in range(len(v[0]))])
    return out


STATEMENTS = []
