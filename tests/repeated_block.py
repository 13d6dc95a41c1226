"""A pre-norm block that is repeated, its numbers, and the same layers written out in another library's functions."""

from __future__ import annotations

import numpy as np

import symformer as sf

n, d, e, L = sf.sizes("n d e L")
i, c, f, ell = sf.indices("i c f ell")
X, X_0 = sf.tensor("X", n, d), sf.tensor("X_0", n, d)
EACH = {
    "gamma_1": (d,), "beta_1": (d,), "W_Q": (d, d), "W_K": (d, d), "W_V": (d, d), "W_O": (d, d),
    "gamma_2": (d,), "W_1": (d, e), "W_2": (e, d),
}  # fmt: skip
NAMES = ["X_0", *EACH, "b"]  # b is the one that all layers share
SIZES = {n: 4, d: 3, e: 5, L: 3}


def pre_norm_block():
    """X + attention(LN(X)) W_O, and onto that an MLP with GELU of its norm, L times."""
    w = {name: sf.tensor(name, *shape) for name, shape in EACH.items()}
    bias = sf.tensor("b", e)
    normed = sf.layer_norm(X, w["gamma_1"], w["beta_1"], eps=1e-5, name="A")
    query, key, value = (sf.linear(normed, w[f"W_{which}"], name=which) for which in "QKV")
    mixed = sf.attention(query, key, value, is_causal=True, name="O")
    middle = sf.define("Y", (i, c), X[i, c] + sf.sum(mixed[i, f] * w["W_O"][f, c], f))
    again = sf.layer_norm(middle, w["gamma_2"], eps=1e-5, name="N")
    wide = sf.gelu(sf.linear(again, w["W_1"], bias, name="U"), name="G")
    after = sf.define("Z", (i, c), middle[i, c] + sf.sum(wide[i, f] * w["W_2"][f, c], f))
    repeated = sf.repeat(after, (ell, L), {X: X_0}, tuple(w.values()), name="X_L", title="Block")
    inputs = {tensor.name: tensor for tensor in sf.program(repeated).inputs}
    return sf.program(repeated, inputs=[inputs[name] for name in NAMES])


def drawn(dtype):
    """Numbers for the inputs of the block, in order."""
    random = np.random.RandomState(0)  # whose numbers never change: what PyTorch makes of them is recorded
    shapes = {"X_0": (n, d), "b": (e,), **{name: (L, *shape) for name, shape in EACH.items()}}
    return [random.normal(size=[SIZES[size] for size in shapes[name]]).astype(dtype) for name in NAMES]


def cotangent(dtype):
    """Numbers for the cotangent of its output."""
    return np.random.RandomState(1).normal(size=(4, 3)).astype(dtype)


def written_out(values, norm, attend, project, gelu):
    """The layers one after the other, by the functions of another library."""
    x, *each, bias = values
    for gamma_1, beta_1, w_q, w_k, w_v, w_o, gamma_2, w_1, w_2 in zip(*each, strict=True):
        normed = norm(x, gamma_1, beta_1)
        mixed = attend(*(project(normed, weight) for weight in (w_q, w_k, w_v)), is_causal=True)
        x = x + project(mixed, w_o)
        x = x + project(gelu(project(norm(x, gamma_2), w_1, bias)), w_2)
    return x
