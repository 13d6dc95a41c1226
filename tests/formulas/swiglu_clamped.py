"""The clamped SwiGLU. OpenAI 2025, gpt-oss model card, section 2.2; Shazeer 2020, arXiv:2002.05202."""

import math

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
g, u = sf.tensor("g", n), sf.tensor("u", n)
alpha, limit = sf.scalar("alpha", kind="positive"), sf.scalar("l", kind="positive")
h = sf.define("h", i, sf.minimum(g[i], limit))
PROGRAM = sf.program(
    sf.define("y", i, h[i] / (1 + sf.exp(-alpha * h[i])) * (sf.clip(u[i], -limit, limit) + 1)),
    inputs=(g, u, alpha, limit),
)
PRINTED = "y_i = h_i/(1 + exp(−α h_i))(clip(u_i, −l, l) + 1)"
LARGE = True


def reference(g, u, alpha, limit):
    out = []
    for a, b in zip(g, u, strict=True):
        a = min(a, limit)
        out.append(a / (1 + math.exp(-alpha * a)) * (min(max(b, -limit), limit) + 1))
    return out


STATEMENTS = [(1 / (1 + sf.exp(-h[i])), sf.sigmoid(h[i]), "proved"), (sf.minimum(g[i], limit), g[i], "refuted")]
