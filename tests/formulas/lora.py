"""A low-rank update of a frozen weight. Hu et al. 2021, arXiv:2106.09685, equation 3."""

import symformer as sf

n, d, e, r = sf.sizes("n d e r")
i, o, c = sf.indices("i o c")
x, W = sf.tensor("x", n, d), sf.tensor("W", d, e)
A, B = sf.tensor("A", d, r), sf.tensor("B", r, e)
alpha = sf.scalar("alpha")
h = x @ W + alpha / r * (x @ A) @ B
PROGRAM = sf.program(h, inputs=(x, W, A, B, alpha))
PRINTED = "h_if = Σ_c x_ic W_cf + Σ_q α/r S_iq B_qf"
LARGE = True


def reference(x, W, A, B, alpha):
    (n, d), (r, e) = x.shape, B.shape
    low = [[sum(x[i][c] * A[c][a] for c in range(d)) for a in range(r)] for i in range(n)]
    return [[sum(x[i][c] * W[c][o] for c in range(d)) + alpha / r * sum(low[i][a] * B[a][o] for a in range(r))
             for o in range(e)] for i in range(n)]  # fmt: skip


merged = x @ (W + alpha / r * A @ B)
STATEMENTS = [(h[i, o], merged[i, o], "proved"), (h[i, o], (x @ W)[i, o], "refuted")]
