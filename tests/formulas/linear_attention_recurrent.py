"""Linear attention as an RNN, with its normaliser. Katharopoulos et al. 2020, arXiv:2006.16236, equations 16 to 20.

φ(x) = elu(x) + 1 has been applied to q and k, so that they are positive.
"""

import symformer as sf

n, d, e = sf.sizes("n d e")
i, t, j, c, f = sf.indices("i t j c f")
q, k = sf.tensor("q", d, kind="positive"), sf.tensor("k", d, kind="positive")
v, s, z = sf.tensor("v", e), sf.tensor("s", d, e), sf.tensor("z", d)
s_new = sf.define("s_new", (c, f), s[c, f] + k[c] * v[f])
z_new = sf.define("z_new", c, z[c] + k[c])
y = sf.define("y", f, sf.sum(q[c] * s_new[c, f], c) / sf.sum(q[c] * z_new[c], c))
Y = sf.scan({s: s_new, z: z_new}, over=(i, n), start={s: 0, z: 0}, each=(q, k, v), out=y, name="Y")
PROGRAM = sf.program(Y)
PRINTED = "Y = Scan_[i=1…n] Step(s_0, z_0;q_i, k_i, v_i)  with y_i"
RECURRENCE = [
    "s_icf = s_[i−1,c,f] + k_ic v_if", "z_ic = z_[i−1,c] + k_ic", "y_if = (Σ_c q_ic s_icf)/(Σ_c q_ic z_ic)"
]  # fmt: skip


def reference(q, k, v):
    out = []
    for t in range(len(q)):
        weights = [sum(a * b for a, b in zip(q[t], k[j], strict=True)) for j in range(t + 1)]
        out.append([sum(w * v[j][f] for j, w in enumerate(weights)) / sum(weights) for f in range(len(v[0]))])
    return out


Q, K = (sf.tensor(name, n, d, kind="positive") for name in "qk")
V = sf.tensor("v", n, e)
weight = sf.where(j <= t, sf.sum(Q[t, c] * K[j, c], c), 0)
total = sf.sum(weight, j)
STATEMENTS = [
    (Y[t, f], sf.sum(weight * V[j, f], j) / total, "exact checked"),
    (Y[t, f], sf.sum(weight * V[j, f], j), "refuted"),
]
