"""PPO's clipped objective. Schulman et al. 2017, arXiv:1707.06347, equation 7."""

import math

import symformer as sf

n = sf.sizes("n")
t = sf.indices("t")
new, old, A = (sf.tensor(name, n) for name in ("pi", "pi_old", "A"))
eps = sf.scalar("epsilon", kind="unit")
r = sf.define("r", t, sf.exp(new[t] - old[t]))
PROGRAM = sf.program(
    sf.define("L", (), sf.mean(sf.minimum(r[t] * A[t], sf.clip(r[t], 1 - eps, 1 + eps) * A[t]), t)),
    inputs=(new, old, A, eps),
)
PRINTED = "L = 1/n Σ_t min(r_t A_t, clip(r_t, 1 − ε, 1 + ε) A_t)"


def reference(new, old, A, eps):
    total = 0.0
    for one, before, gain in zip(new, old, A, strict=True):
        ratio = math.exp(one - before)
        total += min(ratio * gain, min(max(ratio, 1 - eps), 1 + eps) * gain)
    return total / len(A)


STATEMENTS = [
    (sf.clip(r[t], 1 - eps, 1 + eps), sf.minimum(sf.maximum(r[t], 1 - eps), 1 + eps), "proved"),
    (sf.minimum(r[t] * A[t], sf.clip(r[t], 1 - eps, 1 + eps) * A[t]), r[t] * A[t], "refuted"),
]
