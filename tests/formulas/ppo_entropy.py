"""PPO's objective with an entropy bonus. Schulman et al. 2017, arXiv:1707.06347, equation 9."""

import math

import symformer as sf

n, a = sf.sizes("n a")
t, k, l = sf.indices("t k l")
z, old, A = sf.tensor("z", n, a), sf.tensor("q", n), sf.tensor("A", n)
act = sf.tensor("u", n, kind="integer", upper=a)
eps, beta = sf.scalar("epsilon", kind="unit"), sf.scalar("beta")
p = sf.softmax(z, name="p")
logp = sf.log_softmax(z, name="l")
r = sf.define("r", t, sf.exp(logp[t, act[t]] - old[t]))
H = sf.define("H", t, -sf.sum(p[t, k] * logp[t, k], k))
clipped = sf.minimum(r[t] * A[t], sf.clip(r[t], 1 - eps, 1 + eps) * A[t])
PROGRAM = sf.program(sf.define("J", (), sf.mean(clipped + beta * H[t], t)), inputs=(z, old, A, act, eps, beta))
PRINTED = "J = 1/n Σ_t (min(r_t A_t, clip(r_t, 1 − ε, 1 + ε) A_t) + β H_t)"


def reference(z, old, A, act, eps, beta):
    total = 0.0
    for row, before, gain, chosen in zip(z, old, A, act, strict=True):
        norm = max(row) + math.log(sum(math.exp(one - max(row)) for one in row))
        ratio = math.exp(row[chosen] - norm - before)
        entropy = -sum(math.exp(one - norm) * (one - norm) for one in row)
        total += min(ratio * gain, min(max(ratio, 1 - eps), 1 + eps) * gain) + beta * entropy
    return total / len(z)


STATEMENTS = [
    (H[t], sf.log(sf.sum(sf.exp(z[t, k]), k)) - sf.sum(p[t, k] * z[t, k], k), "proved"),
    (H[t], sf.sum(p[t, k] * z[t, k], k), "refuted"),
]
