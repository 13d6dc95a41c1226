"""The log-cosh loss and the quantile (pinball) loss. Koenker & Bassett 1978, Regression Quantiles, equation 2."""

import math

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
x, y = sf.tensor("x", n), sf.tensor("y", n)
tau = sf.scalar("tau", kind="unit")
e = sf.define("e", i, y[i] - x[i])
pinball = sf.maximum(tau * e[i], (tau - 1) * e[i])
PROGRAM = sf.program(
    sf.define("L", (), sf.mean(sf.log((sf.exp(e[i]) + sf.exp(-e[i])) / 2) + pinball, i)), inputs=(x, y, tau)
)
PRINTED = "L = 1/n Σ_i (log((exp(e_i) + exp(−e_i))/2) + max(τ e_i, (τ − 1) e_i))"
LARGE = True


def reference(x, y, tau):
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += math.log(math.cosh(b - a)) + max(tau * (b - a), (tau - 1) * (b - a))
    return total / len(x)


STATEMENTS = [
    (pinball, tau * sf.relu(e[i]) + (1 - tau) * sf.relu(-e[i]), "proved exact checked"),
    (pinball, abs(e[i]), "refuted"),
]
