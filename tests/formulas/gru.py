"""The gated recurrent unit. Cho et al. 2014, arXiv:1406.1078, equations 5 to 8, batch of one sentence, no biases."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
t, j, k, l = sf.indices("t j k l")
x, h = sf.tensor("x", d), sf.tensor("h", e)
weights = {name: sf.tensor(name, e, d if name[0] == "W" else e) for name in ("W_r", "U_r", "W_z", "U_z", "W", "U")}


def inner(name, state):
    known = [one for key, one in weights.items() if key[1:] == name]
    return sf.sum(known[0][j, k] * x[k], k) + sf.sum(known[1][j, l] * state[l], l)


r = sf.define("r", j, sf.sigmoid(inner("_r", h)))
z = sf.define("z", j, sf.sigmoid(inner("_z", h)))
reset = sf.define("s", j, r[j] * h[j])
candidate = sf.define("h_tilde", j, sf.tanh(inner("", reset)))
h_new = sf.define("h_new", j, z[j] * h[j] + (1 - z[j]) * candidate[j])
H = sf.scan({h: h_new}, over=(t, n), start={h: 0}, each=(x,), out=h_new, name="H")
stacked = {tensor.name: tensor for tensor in sf.program(H).inputs}
PROGRAM = sf.program(H, inputs=[stacked["x"], *weights.values()])
PRINTED = "H = Scan_[t=1…n] Step(h_0;x_t;W_z, U_z, W, U, W_r, U_r)  with h_t"
RECURRENCE = ["h_tj = z_tj h_[t−1,j] + (1 − z_tj) h̃_tj"]


def reference(x, W_r, U_r, W_z, U_z, W, U):
    def product(matrix, vector):
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    def gate(first, second, row, state):
        return [1 / (1 + math.exp(-a - b)) for a, b in zip(product(first, row), product(second, state), strict=True)]

    h, out = [0.0] * len(U), []
    for row in x:
        r, z = gate(W_r, U_r, row, h), gate(W_z, U_z, row, h)
        state = product(U, [a * b for a, b in zip(r, h, strict=True)])
        candidate = [math.tanh(a + b) for a, b in zip(product(W, row), state, strict=True)]
        h = [z[k] * h[k] + (1 - z[k]) * candidate[k] for k in range(len(h))]
        out.append(h)
    return out


STATEMENTS = []
