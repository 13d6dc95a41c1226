"""Lion's update. Chen et al. 2023, arXiv:2302.06675, program 1."""

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
w, g, m = sf.tensor("w", n), sf.tensor("g", n), sf.tensor("m", n)
beta, eta, decay = sf.scalar("beta", kind="unit"), sf.scalar("eta"), sf.scalar("lambda")
step = sf.sign(beta * m[i] + (1 - beta) * g[i]) + decay * w[i]
PROGRAM = sf.program(sf.define("w_new", i, w[i] - eta * step), inputs=(w, g, m, beta, eta, decay))
PRINTED = "w_[new;i] = w_i − η(sign(β m_i + (1 − β) g_i) + λ w_i)"
LARGE = True


def reference(w, g, m, beta, eta, decay):
    out = []
    for a, b, c in zip(w, g, m, strict=True):
        moved = beta * c + (1 - beta) * b
        out.append(a - eta * (int(moved > 0) - int(moved < 0) + decay * a))
    return out


STATEMENTS = [
    (sf.sign(g[i]) * abs(g[i]), g[i], "proved"),
    (sf.sign(2 * g[i]), sf.sign(g[i]), "proved"),
    (sf.sign(g[i]) ** 2, 1, "refuted"),
]
