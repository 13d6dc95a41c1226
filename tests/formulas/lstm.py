"""LSTM with a forget gate. Hochreiter & Schmidhuber 1997; Gers et al. 2000; in the notation of PyTorch's nn.LSTM."""

import math

import symformer as sf

n, d, e = sf.sizes("n d e")
t, j, c, f = sf.indices("t j c f")
x, h, cell = sf.tensor("x", d), sf.tensor("h", e), sf.tensor("c", e)
W, U, bias = sf.tensor("W", 4, d, e), sf.tensor("U", 4, e, e), sf.tensor("b", 4, e)


def gate(name, place, function):
    inner = sf.sum(W[place, j, f] * x[j], j) + sf.sum(U[place, c, f] * h[c], c) + bias[place, f]
    return sf.define(name, f, function(inner))


i, forget, o = (gate(name, place, sf.sigmoid) for place, name in enumerate("ifo", start=1))
g = gate("g", 4, lambda inner: sf.tanh(inner))
c_new = sf.define("c_new", f, forget[f] * cell[f] + i[f] * g[f])
h_new = sf.define("h_new", f, o[f] * sf.tanh(c_new[f]))
h_0, c_0 = sf.tensor("h_0", e), sf.tensor("c_0", e)
H = sf.scan({h: h_new, cell: c_new}, (t, n), {h: h_0, cell: c_0}, each=(x,), out=h_new, name="H")
inputs = {tensor.name: tensor for tensor in sf.program(H).inputs}
PROGRAM = sf.program(H, inputs=[inputs[name] for name in ("x", "h_0", "c_0", "W", "U", "b")])
PRINTED = "H = Scan_[t=1…n] Step(h_0, c_0;x_t;W, U, b)  with h_t"
RECURRENCE = ["c_tf = f_tf c_[t−1,f] + i_tf g_tf", "h_tf = o_tf tanh(c_tf)"]


def reference(x, h, c, W, U, b):
    def sigmoid(value):
        return 1 / (1 + math.exp(-value))

    out = []
    for row in x:
        inner = [
            [
                sum(row[j] * W[place][j][f] for j in range(len(row)))
                + sum(h[k] * U[place][k][f] for k in range(len(h)))
                + b[place][f]
                for f in range(len(h))
            ]
            for place in range(4)
        ]
        i, forget, o = ([sigmoid(one) for one in inner[place]] for place in range(3))
        c = [forget[f] * c[f] + i[f] * math.tanh(inner[3][f]) for f in range(len(h))]
        h = [o[f] * math.tanh(c[f]) for f in range(len(h))]
        out.append(h)
    return out


STATEMENTS = []
