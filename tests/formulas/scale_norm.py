"""A vector of given length. Nguyen & Salazar 2019, arXiv:1910.05895, equation 6."""

import math

import symformer as sf

n, d = sf.sizes("n d")
i, c, k = sf.indices("i c k")
x, g = sf.tensor("x", n, d), sf.scalar("g")
PROGRAM = sf.program(sf.define("y", (i, c), g * x[i, c] / sf.norm(x[i, k], k)), inputs=(x, g))
PRINTED = "y_ic = (g x_ic)/‖x_i‖"
LARGE = True


def reference(x, g):
    return [[g * one / math.sqrt(sum(other**2 for other in row)) for one in row] for row in x]


y = PROGRAM.outputs[0]
STATEMENTS = [(sf.sum(y[i, c] ** 2, c), g**2, "proved"), (y[i, c], g * x[i, c], "refuted")]
