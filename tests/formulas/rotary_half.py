"""Rotary positions in halves, on scores. Su et al. 2021, arXiv:2104.09864, equation 34."""

import math

import symformer as sf

n, m, p = sf.sizes("n m p")
i, j, c = sf.indices("i j c")
Q, K = sf.tensor("Q", n, 2, p), sf.tensor("K", m, 2, p)
base = sf.scalar("b", kind="positive")
theta = sf.define("theta", ((c, p),), base ** (-(sf.lift(c) - 1) / p))
x = sf.define("x", (i, c), Q[i, 1, c] * sf.cos(i * theta[c]) - Q[i, 2, c] * sf.sin(i * theta[c]))
y = sf.define("y", (i, c), Q[i, 1, c] * sf.sin(i * theta[c]) + Q[i, 2, c] * sf.cos(i * theta[c]))
u = sf.define("u", (j, c), K[j, 1, c] * sf.cos(j * theta[c]) - K[j, 2, c] * sf.sin(j * theta[c]))
w = sf.define("w", (j, c), K[j, 1, c] * sf.sin(j * theta[c]) + K[j, 2, c] * sf.cos(j * theta[c]))
S = sf.define("S", (i, j), sf.sum(x[i, c] * u[j, c] + y[i, c] * w[j, c], c))
PROGRAM = sf.program(S, inputs=(Q, K, base))
PRINTED = "S_ij = Σ_c (x_ic u_jc + y_ic w_jc)"


def reference(Q, K, base):
    n, m, p = len(Q), len(K), Q.shape[-1]
    out = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            for c in range(p):
                angle = (i - j) * base ** (-c / p)
                one, two = Q[i][0][c], Q[i][1][c]
                turned = one * math.cos(angle) - two * math.sin(angle), one * math.sin(angle) + two * math.cos(angle)
                out[i][j] += turned[0] * K[j][0][c] + turned[1] * K[j][1][c]
    return out


difference = sf.sum(
    (Q[i, 1, c] * K[j, 1, c] + Q[i, 2, c] * K[j, 2, c]) * sf.cos((i - j) * theta[c])
    + (Q[i, 1, c] * K[j, 2, c] - Q[i, 2, c] * K[j, 1, c]) * sf.sin((i - j) * theta[c]),
    c,
)
STATEMENTS = [(S[i, j], difference, "proved exact checked")]
