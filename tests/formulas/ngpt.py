"""nGPT's residual on the sphere. Loshchilov et al. 2024, arXiv:2410.01131, equation 10."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, c, k = sf.indices("i c k")
H, A, alpha = sf.tensor("H", n, d), sf.tensor("A", n, d), sf.tensor("alpha", d)
u = sf.define("u", (i, c), A[i, c] / sf.norm(A[i, k], k))
w = sf.define("w", (i, c), H[i, c] + alpha[c] * (u[i, c] - H[i, c]))
PROGRAM = sf.program(sf.define("Y", (i, c), w[i, c] / sf.norm(w[i, k], k)), inputs=(H, A, alpha))
PRINTED = "Y_ic = w_ic/‖w_i‖"
LARGE = True


def reference(H, A, alpha):
    out = []
    for h, a in zip(H, A, strict=True):
        w = [x + s * (y / math.hypot(*a) - x) for x, y, s in zip(h, a, alpha, strict=True)]
        out.append([one / math.hypot(*w) for one in w])
    return out


Y = PROGRAM.outputs[0]
STATEMENTS = [(sf.norm(Y[i, c], c), 1, "proved exact checked"), (sf.sum(u[i, c] ** 2, c), 1, "proved exact checked")]
