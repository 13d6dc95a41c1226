"""ELU (Clevert 2015, arXiv:1511.07289), SELU (Klambauer 2017, 1706.02515), Mish (Misra 2019, 1908.08681),
hard-swish (Howard 2019, 1905.02244), PReLU (He 2015, 1502.01852), softsign: added up."""

import math

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
x = sf.tensor("x", n)
alpha = sf.scalar("alpha", kind="positive")
elu = sf.define("u", i, sf.where(x[i] > 0, x[i], alpha * (sf.exp(x[i]) - 1)))
selu = sf.define("v", i, 1.0507 * (sf.maximum(0, x[i]) + sf.minimum(0, 1.6733 * sf.expm1(x[i]))))
mish = sf.define("w", i, x[i] * sf.tanh(sf.softplus(x[i])))
hard = sf.define("h", i, x[i] * sf.clip(x[i] + 3, 0, 6) / 6)
prelu = sf.define("p", i, sf.maximum(0, x[i]) + alpha * sf.minimum(0, x[i]))
soft = sf.define("s", i, x[i] / (1 + abs(x[i])))
PROGRAM = sf.program(sf.define("y", i, elu[i] + selu[i] + mish[i] + hard[i] + prelu[i] + soft[i]), inputs=(x, alpha))
PRINTED = "y_i = u_i + v_i + w_i + h_i + p_i + s_i"


def reference(x, alpha):
    out = []
    for v in x:
        y = v if v > 0 else alpha * (math.exp(v) - 1)
        y += 1.0507 * (max(0, v) + min(0, 1.6733 * (math.exp(v) - 1)))
        y += v * math.tanh(math.log(1 + math.exp(v)))
        y += v * min(max(v + 3, 0), 6) / 6
        y += max(0, v) + alpha * min(0, v)
        out.append(y + v / (1 + abs(v)))
    return out


STATEMENTS = [
    (sf.maximum(0, x[i]) + sf.minimum(0, x[i]), x[i], "proved"),
    (prelu[i], sf.where(x[i] > 0, x[i], alpha * x[i]), "proved"),
    (sf.diff(soft[i], x[i]), 1 / (1 + abs(x[i])) ** 2, "proved exact checked"),
    (elu[i], x[i], "refuted"),
]
