"""NT-Xent: the other view of an example against all others. Chen et al. 2020, arXiv:2002.05709, equation 1."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, j, k, c = sf.indices("i j k c")
X, Y = sf.tensor("X", n, d), sf.tensor("Y", n, d)
tau = sf.scalar("tau", kind="positive")
Z = sf.concat([X, Y])
u = sf.define("u", (i, c), Z[i, c] / sf.norm(Z[i, k], k))
S = sf.define("S", (i, j), sf.sum(u[i, c] * u[j, c], c) / tau)
other = (sf.lift(i) + n - 1) % (2 * n) + 1
loss = -sf.log(sf.exp(S[i, other]) / sf.sum(sf.where(sf.delta(k, i) < 1, sf.exp(S[i, k]), 0), k))
PROGRAM = sf.program(sf.define("l", (), sf.mean(loss, (i, 2 * n))), inputs=(X, Y, tau))
PRINTED = "l = 1/(2 n) Σ_i (−log(exp(S_[i,((i+n−1)mod(2n))+1])/(Σ_k ({exp(S_ik) if δ_ki < 1; 0 otherwise}))))"


def reference(X, Y, tau):
    Z = [[one / math.hypot(*row) for one in row] for row in [*X, *Y]]
    n, total = len(X), 0.0
    for i in range(2 * n):
        row = [sum(a * b for a, b in zip(Z[i], Z[k], strict=True)) / tau for k in range(2 * n)]
        total -= row[(i + n) % (2 * n)] - math.log(sum(math.exp(one) for k, one in enumerate(row) if k != i))
    return total / (2 * n)


STATEMENTS = [(sf.sum(u[i, c] ** 2, c), 1, "proved exact checked")]
