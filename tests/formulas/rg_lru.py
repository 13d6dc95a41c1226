"""The real-gated linear recurrent unit. De et al. 2024, arXiv:2402.19427, equations 1 to 4."""

import math

import symformer as sf

n, d = sf.sizes("n d")
t, c = sf.indices("t c")
h, x, r, i = (sf.tensor(name, d) for name in ("h", "x", "r", "i"))
L = sf.tensor("Lambda", d)
a = sf.define("a", c, sf.exp(-8 * sf.softplus(L)[c] / (1 + sf.exp(-r[c]))))
h_new = sf.define("h_new", c, a[c] * h[c] + sf.sqrt(1 - a[c] ** 2) * (x[c] / (1 + sf.exp(-i[c]))))
H = sf.scan({h: h_new}, (t, n), {h: 0}, (x, r, i), out=h_new, name="H")
PROGRAM = sf.program(H, inputs=(*(sf.tensor(name, n, d) for name in ("x", "r", "i")), L))
PRINTED = "H = Scan_[t=1…n] Step(h_0;x_t, r_t, i_t;Λ)  with h_t"
LARGE = True


def reference(x, r, i, L):
    h, out = [0.0] * len(L), []
    for one, gate, enter in zip(x, r, i, strict=True):
        for c in range(len(L)):
            a = math.exp(-8 * math.log1p(math.exp(L[c])) / (1 + math.exp(-gate[c])))
            h[c] = a * h[c] + math.sqrt(1 - a * a) * one[c] / (1 + math.exp(-enter[c]))
        out.append(list(h))
    return out


STATEMENTS = []
RECURRENCE = [
    "softplus(Λ)_i = log(1 + exp(Λ_i))",
    "a_tc = exp((−8 softplus(Λ)_c)/(1 + exp(−r_tc)))",
    "h_tc = a_tc h_[t−1,c] + √(1 − a_tc^2) x_tc/(1 + exp(−i_tc))",
]
