"""Swin's cyclic shift by one, and its way back. Liu et al. 2021, arXiv:2103.14030, section 3.2."""

import symformer as sf

n, m = sf.sizes("n m")
i, j = sf.indices("i j")
x, W = sf.tensor("x", n, m), sf.tensor("W", n, m)
s = sf.roll(x, (-1, -1), axis=(0, 1))
a = s * W
y = sf.roll(a, (1, 1), axis=(0, 1))
PROGRAM = sf.program(y, inputs=(x, W))
PRINTED = "y_ij = a_[((i−2)modn)+1,((j−2)modm)+1]"
LARGE = True


def reference(x, W):
    n, m = x.shape
    return [[x[i][j] * W[(i - 1) % n][(j - 1) % m] for j in range(m)] for i in range(n)]


STATEMENTS = [(sf.sum(s[i, j], i, j), sf.sum(x[i, j], i, j), "proved exact checked"), (s[i, j], x[i, j], "refuted")]
