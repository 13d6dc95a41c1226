"""A short causal convolution, over the sequence with zeros before it. Gu & Dao 2023, arXiv:2312.00752, section 3.4."""

import symformer as sf

n, d, w = sf.sizes("n d w")
t, c, k = sf.indices("t c k")
x, K = sf.tensor("x", n, d), sf.tensor("K", w, d)
z = sf.pad(x, ((w - 1, 0), (0, 0)))
PROGRAM = sf.program(sf.define("y", ((t, n), c), sf.sum(K[k, c] * z[sf.lift(t) + k - 1, c], k)), inputs=(x, K))
PRINTED = "y_tc = Σ_k K_kc z_[t+k−1,c]"
LARGE = True


def reference(x, K):
    (n, d), w = x.shape, len(K)
    return [[sum(K[k][c] * x[t + k - w + 1][c] for k in range(w) if t + k - w + 1 >= 0) for c in range(d)]
            for t in range(n)]  # fmt: skip


STATEMENTS = [
    (sf.sum(z[t, c], t), sf.sum(x[t, c], t), "proved exact checked"),
    (z[1, c], x[1, c], "refuted"),
]
