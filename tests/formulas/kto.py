"""Kahneman-Tversky optimisation. Ethayarajh et al. 2024, arXiv:2402.01306, equations 7 and 8."""

import math

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
p, q = sf.tensor("p", n), sf.tensor("q", n)
good = sf.tensor("g", n, kind="mask")
z, beta = sf.scalar("z"), sf.scalar("beta", kind="positive")
lam, mu = sf.scalar("lambda", kind="positive"), sf.scalar("mu", kind="positive")
r = sf.define("r", i, p[i] - q[i])
liked, disliked = lam * sf.sigmoid(beta * (r[i] - z)), mu * sf.sigmoid(beta * (z - r[i]))
PROGRAM = sf.program(
    sf.define("L", (), sf.mean(sf.where(good[i], lam - liked, mu - disliked), i)),
    inputs=(p, q, good, z, beta, lam, mu),
)
PRINTED = "L = 1/n Σ_i ({λ − λ σ(β(r_i − z)) if g_i = 1; μ − μ σ(β(z − r_i)) otherwise})"
LARGE = True


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def reference(p, q, good, z, beta, lam, mu):
    total = 0.0
    for one, before, is_good in zip(p, q, good, strict=True):
        gap = beta * (one - before - z)
        total += lam - lam * _sigmoid(gap) if is_good else mu - mu * _sigmoid(-gap)
    return total / len(p)


STATEMENTS = [
    (lam - liked, lam * sf.sigmoid(beta * (z - r[i])), "proved"),
    (lam - liked, lam * sf.sigmoid(beta * (r[i] - z)), "refuted"),
]
