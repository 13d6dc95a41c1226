"""A triplet loss with a margin. Schroff et al. 2015, arXiv:1503.03832, equation 3 (distances unsquared)."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, c = sf.indices("i c")
A, P, N = (sf.tensor(name, n, d) for name in "APN")
alpha = sf.scalar("alpha", kind="positive")
gap = sf.norm(A[i, c] - P[i, c], c) - sf.norm(A[i, c] - N[i, c], c) + alpha
PROGRAM = sf.program(sf.define("l", (), sf.sum(sf.maximum(gap, 0), i)), inputs=(A, P, N, alpha))
PRINTED = "l = Σ_i max(‖A_i − P_i‖ − ‖A_i − N_i‖ + α, 0)"
LARGE = True


def reference(A, P, N, alpha):
    return sum(max(math.dist(a, p) - math.dist(a, q) + alpha, 0) for a, p, q in zip(A, P, N, strict=True))


STATEMENTS = [(sf.maximum(gap, 0), gap, "refuted")]
