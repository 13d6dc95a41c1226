"""RMSProp with momentum and a clipped step. Tieleman & Hinton 2012, lecture 6.5; Graves 2013, arXiv:1308.0850."""

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
w, g = sf.tensor("w", n), sf.tensor("g", n)
v = sf.tensor("v", n, kind="positive")
rho, eta, eps = sf.scalar("rho", kind="unit"), sf.scalar("eta", kind="positive"), sf.scalar("epsilon", kind="positive")
u = sf.define("u", i, rho * v[i] + (1 - rho) * g[i] ** 2)
PROGRAM = sf.program(
    sf.define("w_new", i, w[i] - eta * sf.clip(g[i] / sf.sqrt(u[i] + eps), -1, 1)), inputs=(w, g, v, rho, eta, eps)
)
PRINTED = "w_[new;i] = w_i − η clip(g_i/√(u_i + ε), −1, 1)"


def reference(w, g, v, rho, eta, eps):
    out = []
    for a, b, c in zip(w, g, v, strict=True):
        step = b / (rho * c + (1 - rho) * b * b + eps) ** 0.5
        out.append(a - eta * min(max(step, -1), 1))
    return out


STATEMENTS = [
    (sf.clip(g[i], -1, 1), -sf.clip(-g[i], -1, 1), "proved exact checked"),
    (sf.clip(g[i], -1, 1), g[i], "refuted"),
]
