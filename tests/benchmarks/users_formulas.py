"""Formulas as users write them, with arrays to run them on; `by_hand` has the same in NumPy."""

from __future__ import annotations

import numpy as np

import symformer as sf
from symformer.notation import hide

n, m, d, e, t = sf.sizes("n m d e t")
i, j, c, f, k = sf.indices("i j c f k")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", n, d), sf.tensor("V", n, d)
x = sf.tensor("x", n, d)


def attention(causal):
    """Softmax attention, and with a mask [j ≤ i] written by hand."""
    scores = sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d)
    scores = sf.define("S", (i, j), hide(scores, sf.indicator(j, "<=", i)) if causal else scores)
    return sf.define("O", (i, f), sf.sum(sf.softmax(scores, name="P")[i, j] * V[j, f], j))


def gated_attention():
    """Attention with a bias and a gate."""
    scores = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d) + sf.tensor("B", n, n)[i, j])
    output = sf.define("O", (i, f), sf.sum(sf.softmax(scores, name="P")[i, j] * V[j, f], j))
    return sf.define("Y", (i, f), output[i, f] * sf.sigmoid(sf.tensor("G", n, d)[i, f]))


def linear_attention():
    """Causal, with a sum over j ≤ i and no softmax."""
    weights = sf.sum(Q[i, c] * K[j, c], c)
    return sf.define("O", ((i, n), (f, d)), sf.sum(sf.indicator(j, "<=", i) * weights * V[j, f], j))


def relative_scores():
    """Shaw's: a vector for each distance."""
    rows = sf.tensor("R", 2 * n - 1, d)
    return sf.define("S", (i, j), sf.sum(Q[i, c] * (K[j, c] + rows[j - i + n, c]), c) / sf.sqrt(d))


def relative_attention():
    """Shaw's scores, and the softmax and mean of them."""
    return sf.define("O", (i, f), sf.sum(sf.softmax(relative_scores(), name="P")[i, j] * V[j, f], j))


def squared_relu():
    """relu(x)²."""
    return sf.define("y", (i, c), sf.relu(x[i, c]) ** 2)


def softsign():
    """x/(1 + |x|)."""
    return sf.define("y", (i, c), x[i, c] / (1 + sf.abs(x[i, c])))


def batch_norm():
    """Columns with mean 0 and variance 1."""
    mean = sf.define("μ", c, sf.mean(x[i, c], i))
    centred = sf.define("u", (i, c), x[i, c] - mean[c])
    variance = sf.define("v", c, sf.mean(centred[i, c] ** 2, i))
    return sf.define("y", (i, c), centred[i, c] / sf.sqrt(variance[c] + sf.scalar("ε", kind="positive")))


def delta_rule():
    """A fast-weight memory that a delta rule writes: S += β (v − S k) kᵀ, o = S q."""
    a, b = sf.indices("a b")
    query, key, value, rate = sf.tensor("q", d), sf.tensor("k", d), sf.tensor("v", d), sf.tensor("beta")
    before = sf.tensor("S", d, d)
    error = sf.define("u", a, value[a] - sf.sum(before[a, b] * key[b], b))
    after = sf.define("S_new", (a, b), before[a, b] + rate[()] * error[a] * key[b])
    out = sf.define("o", a, sf.sum(after[a, b] * query[b], b))
    return sf.scan({before: after}, over=(sf.indices("s"), n), start={before: 0}, each=(query, key, value, rate),
                   out=out, name="O")  # fmt: skip


def rows(*shapes, scale=1.0):
    """A function that draws float32 arrays of some shapes."""
    return lambda random: [(random.standard_normal(shape) * scale).astype(np.float32) for shape in shapes]


# name: program, arrays, the function in `by_hand`, the bar
FORMULAS = {
    "causal linear attention, 1024": (linear_attention, rows(*[(1024, 64)] * 3, scale=0.3), "linear_attention", 2),
    "causal linear attention, 4096": (linear_attention, rows(*[(4096, 64)] * 3, scale=0.3), "linear_attention", 2),
    "Shaw's relative scores, 512": (relative_scores, rows((512, 64), (512, 64), (1023, 64)), "relative_scores", 2),
    "squared ReLU": (squared_relu, rows((4096, 1024)), "squared_relu", 1.2),
    "softsign": (softsign, rows((4096, 1024)), "softsign", 1.2),
    "batch norm": (batch_norm, lambda random: [*rows((4096, 1024))(random), np.float32(1e-5)], "batch_norm", 1.5),
    "a delta rule, 1024 steps": (
        delta_rule,
        rows((1024, 64), (1024, 64), (1024, 64), (1024,), scale=0.1),
        "delta_rule",
        2,
    ),
}
