"""Focal loss with a symbolic γ. Lin et al. 2017, arXiv:1708.02002, equation 4."""

import math

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
x = sf.tensor("x", n)
gamma = sf.scalar("gamma", kind="positive")
p = sf.define("p", i, sf.sigmoid(x[i]))
PROGRAM = sf.program(sf.define("L", i, -((1 - p[i]) ** gamma) * sf.log(p[i])), inputs=(x, gamma))
PRINTED = "L_i = −(1 − p_i)^γ log(p_i)"


def reference(x, gamma):
    p = [1 / (1 + math.exp(-one)) for one in x]
    return [-((1 - one) ** gamma) * math.log(one) for one in p]


STATEMENTS = [(1 - p[i], sf.sigmoid(-x[i]), "proved"), (1 - p[i], p[i], "refuted")]
