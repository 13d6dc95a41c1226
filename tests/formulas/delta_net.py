"""DeltaNet: S_t = S_{t−1} (I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ, o_t = S_t q_t. Yang et al. 2024,

arXiv:2406.06484, equation 3.
"""

import symformer as sf

n, d, e = sf.sizes("n d e")
t, c, f, g = sf.indices("t c f g")
S, q, k = sf.tensor("S", e, d), sf.tensor("q", d), sf.tensor("k", d)
v, beta = sf.tensor("v", e), sf.tensor("beta")
u = sf.define("u", f, beta[()] * (v[f] - sf.sum(S[f, g] * k[g], g)))
S_new = sf.define("S_new", (f, c), S[f, c] + u[f] * k[c])
o = sf.define("o", f, sf.sum(S_new[f, c] * q[c], c))
O = sf.scan({S: S_new}, over=(t, n), start={S: 0}, each=(q, k, v, beta), out=o, name="O")
PROGRAM = sf.program(O)
PRINTED = "O = Scan_[t=1…n] Step(S_0;q_t, k_t, v_t, β_t)  with o_t"
RECURRENCE = [
    "u_tf = β_t(v_tf − Σ_g S_[t−1,f,g] k_tg)", "S_tfc = S_[t−1,f,c] + u_tf k_tc", "o_tf = Σ_c S_tfc q_tc",
]  # fmt: skip


def reference(q, k, v, beta):
    state, out = [[0.0] * len(q[0]) for _ in v[0]], []
    for query, key, value, rate in zip(q, k, v, beta, strict=True):
        known = [sum(a * b for a, b in zip(row, key, strict=True)) for row in state]
        state = [
            [one - rate * known[f] * key[c] + rate * value[f] * key[c] for c, one in enumerate(row)]
            for f, row in enumerate(state)
        ]
        out.append([sum(a * b for a, b in zip(row, query, strict=True)) for row in state])
    return out


eye = sf.delta(g, c) - beta[()] * k[g] * k[c]
STATEMENTS = [
    (S_new[f, c], sf.sum(S[f, g] * eye, g) + beta[()] * v[f] * k[c], "proved"),
    (S_new[f, c], sf.sum(S[f, g] * eye, g) + v[f] * k[c], "refuted"),
]
