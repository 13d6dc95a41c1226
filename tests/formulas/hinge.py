"""The multiclass hinge loss. Weston & Watkins 1999, Support Vector Machines for Multi-Class Pattern Recognition."""

import symformer as sf

n = sf.sizes("n")
j = sf.indices("j")
s = sf.tensor("s", n)
y = sf.tensor("y", kind="integer", upper=n)
body = sf.sum(sf.where(sf.indicator(j, "≠", y[()]), sf.maximum(0, s[j] - s[y[()]] + 1), 0), j)
PROGRAM = sf.program(sf.define("L", (), body), inputs=(s, y))
PRINTED = "L = Σ_j ({max(0, s_j − s_y + 1) if j ≠ y; 0 otherwise})"
LARGE = True


def reference(s, y):
    return sum(max(0.0, s[j] - s[int(y)] + 1) for j in range(len(s)) if j != int(y))


STATEMENTS = [(sf.maximum(0, s[j]), sf.relu(s[j]), "proved"), (sf.maximum(0, s[j]), s[j], "refuted")]
