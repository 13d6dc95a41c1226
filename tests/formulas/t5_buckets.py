"""A relative position bias by buckets (the exact half). Raffel et al. 2019, arXiv:1910.10683, section 2.1."""

import symformer as sf

n, b = sf.sizes("n b")
i, j = sf.indices("i j")
S, B = sf.tensor("S", n, n), sf.tensor("B", b)
bucket = sf.minimum(sf.maximum(sf.lift(i) - j, 0) // 2 + 1, b)
PROGRAM = sf.program(sf.define("T", (i, j), S[i, j] + B[bucket]), inputs=(S, B))
PRINTED = "T_ij = S_ij + B_[min(⌊(max(i−j,0))/2⌋+1,b)]"
LARGE = True


def reference(S, B):
    n, b = len(S), len(B)
    return [[S[i][j] + B[min(max(i - j, 0) // 2, b - 1)] for j in range(n)] for i in range(n)]


STATEMENTS = [(B[bucket] - B[bucket], 0, "proved exact checked open")]
