"""Retention, recurrent form: S_t = γ S_{t−1} + k_t v_tᵀ, o_t = q_t S_t. Sun et al. 2023,

arXiv:2307.08621, equation 6.
"""

import symformer as sf

n, d, e = sf.sizes("n d e")
t, j, c, f = sf.indices("t j c f")
gamma = sf.scalar("gamma")
S, q, k, v = sf.tensor("S", d, e), sf.tensor("q", d), sf.tensor("k", d), sf.tensor("v", e)
S_new = sf.define("S_new", (c, f), gamma * S[c, f] + k[c] * v[f])
o = sf.define("o", f, sf.sum(q[c] * S_new[c, f], c))
O = sf.scan({S: S_new}, over=(t, n), start={S: 0}, each=(q, k, v), out=o, name="O")
PROGRAM = sf.program(O)
PRINTED = "O = Scan_[t=1…n] Step(S_0;q_t, k_t, v_t;γ)  with o_t"
RECURRENCE = ["S_tcf = γ S_[t−1,c,f] + k_tc v_tf", "o_tf = Σ_c q_tc S_tcf"]


def reference(q, k, v, gamma):
    state, out = [[0.0] * len(v[0]) for _ in q[0]], []
    for query, key, value in zip(q, k, v, strict=True):
        state = [[gamma * one + key[c] * value[f] for f, one in enumerate(row)] for c, row in enumerate(state)]
        out.append([sum(query[c] * state[c][f] for c in range(len(query))) for f in range(len(value))])
    return out


Q, K, V = (sf.tensor(one.name, n, *one.shape) for one in (q, k, v))
decay = sf.where(j <= t, gamma ** (t - j), 0)
parallel = sf.sum(decay * sf.sum(Q[t, c] * K[j, c], c) * V[j, f], j)
wrong = sf.sum(sf.where(j <= t, gamma ** (t - j + 1), 0) * sf.sum(Q[t, c] * K[j, c], c) * V[j, f], j)
STATEMENTS = [(O[t, f], parallel, "exact checked"), (O[t, f], wrong, "refuted")]
