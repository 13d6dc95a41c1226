"""RWKV-4's WKV, numerator and denominator with the running maximum. Peng et al. 2023, arXiv:2305.13048, appendix D."""

import math

import symformer as sf

n, d = sf.sizes("n d")
t, c = sf.indices("t c")
w, u = sf.tensor("w", d, kind="positive"), sf.tensor("u", d)
k, v, a, b, p = (sf.tensor(name, d) for name in "kvabp")
m = sf.define("m", c, sf.maximum(p[c], u[c] + k[c]))
old, new = sf.exp(p[c] - m[c]), sf.exp(u[c] + k[c] - m[c])
wkv = sf.define("wkv", c, (old * a[c] + new * v[c]) / (old * b[c] + new))
p_new = sf.define("p_new", c, sf.maximum(p[c] - w[c], k[c]))
kept, read = sf.exp(p[c] - w[c] - p_new[c]), sf.exp(k[c] - p_new[c])
a_new = sf.define("a_new", c, kept * a[c] + read * v[c])
b_new = sf.define("b_new", c, kept * b[c] + read)
WKV = sf.scan({a: a_new, b: b_new, p: p_new}, (t, n), {a: 0, b: 0, p: -1e38}, each=(k, v), out=wkv, name="WKV")
inputs = {tensor.name: tensor for tensor in sf.program(WKV).inputs}
PROGRAM = sf.program(WKV, inputs=[inputs[name] for name in "wukv"])
PRINTED = "WKV = Scan_[t=1…n] Step(a_0, b_0, p_0;k_t, v_t;w, u)  with wkv_t"
RECURRENCE = [
    "p_tc = max(p_[t−1,c] − w_c, k_tc)",
    "a_tc = exp(p_[t−1,c] − w_c − p_tc) a_[t−1,c] + exp(k_tc − p_tc) v_tc",
    "b_tc = exp(p_[t−1,c] − w_c − p_tc) b_[t−1,c] + exp(k_tc − p_tc)",
    "m_tc = max(p_[t−1,c], u_c + k_tc)",
    "wkv_tc = (exp(p_[t−1,c] − m_tc) a_[t−1,c] + exp(u_c + k_tc − m_tc) v_tc)"
    "/(exp(p_[t−1,c] − m_tc) b_[t−1,c] + exp(u_c + k_tc − m_tc))",
]
LARGE = True


def reference(w, u, k, v):
    out = []
    for t in range(len(k)):
        row = []
        for c in range(len(w)):
            weights = [math.exp(-(t - 1 - i) * w[c] + k[i][c]) for i in range(t)] + [math.exp(u[c] + k[t][c])]
            row.append(sum(one * v[i][c] for i, one in enumerate(weights)) / sum(weights))
        out.append(row)
    return out


STATEMENTS = []
