"""Adam over n steps. Kingma & Ba 2015, arXiv:1412.6980, algorithm 1."""

import math

import symformer as sf

n, d = sf.sizes("n d")
t, c = sf.indices("t c")
m, v, x, g = (sf.tensor(name, d) for name in ("m", "v", "x", "g"))
b1, b2 = sf.scalar("beta_1", kind="unit"), sf.scalar("beta_2", kind="unit")
eta = sf.scalar("eta", kind="positive")
m_new = sf.define("m_new", c, b1 * m[c] + (1 - b1) * g[c])
v_new = sf.define("v_new", c, b2 * v[c] + (1 - b2) * g[c] ** 2)
step = m_new[c] / (1 - b1**t) / (sf.sqrt(v_new[c] / (1 - b2**t)) + 1e-8)
x_new = sf.define("x_new", c, x[c] - eta * step)
X = sf.scan({m: m_new, v: v_new, x: x_new}, (t, n), {m: 0, v: 0, x: sf.tensor("x_0", d)}, (g,), out=x_new, name="X")
PROGRAM = sf.program(X, inputs=(sf.tensor("g", n, d), sf.tensor("x_0", d), b1, b2, eta))
PRINTED = "X = Scan_[t=1…n] Step(m_0, v_0, x_0;g_t, steps_[n;t];β_1, β_2, η)  with x_t"


def reference(g, x, b1, b2, eta):
    m, v, x, out = [0.0] * len(x), [0.0] * len(x), list(x), []
    for t, row in enumerate(g, 1):
        for c, one in enumerate(row):
            m[c], v[c] = b1 * m[c] + (1 - b1) * one, b2 * v[c] + (1 - b2) * one**2
            x[c] -= eta * m[c] / (1 - b1**t) / (math.sqrt(v[c] / (1 - b2**t)) + 1e-8)
        out.append(list(x))
    return out


STATEMENTS = []
RECURRENCE = [
    "m_tc = β_1 m_[t−1,c] + (1 − β_1) g_tc",
    "v_tc = β_2 v_[t−1,c] + (1 − β_2) g_tc^2",
    "x_tc = x_[t−1,c] − η (m_tc/(1 − β_1^t))/(√(v_tc/(1 − β_2^t)) + 1e−08)",
]
