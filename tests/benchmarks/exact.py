"""Functions in balls of 80 digits, a row at a time: what the table of errors is measured against."""

from __future__ import annotations

import flint
from flint import arb

flint.ctx.prec = 300


def balls(row):
    """Exact balls of the entries."""
    return [arb(float(value)) for value in row]


def matrix(array):
    """Exact balls of the entries of a matrix, in rows."""
    return [balls(row) for row in array]


def weights(row):
    """exp(x) and their sum, shifted by the first entry's floor so that no ball grows."""
    top = max(float(value) for value in row)
    u = [(value - top).exp() for value in row]
    return u, sum(u, arb(0)), arb(top)


def softmax(row):
    """A row."""
    u, z, _ = weights(row)
    return [value / z for value in u]


def logsumexp(row):
    """A row's number."""
    _, z, top = weights(row)
    return [top + z.log()]


def log_softmax(row):
    """A row."""
    (total,) = logsumexp(row)
    return [value - total for value in row]


def layer_norm(row, eps):
    """A row."""
    n = len(row)
    mean = sum(row, arb(0)) / n
    centred = [value - mean for value in row]
    root = (sum((value * value for value in centred), arb(0)) / n + arb(eps)).sqrt()
    return [value / root for value in centred]


def rms_norm(row, eps):
    """A row."""
    root = (sum((value * value for value in row), arb(0)) / len(row) + arb(eps)).sqrt()
    return [value / root for value in row]


def each(function):
    """An elementwise function of a row."""
    return lambda row: [function(value) for value in row]


def kl_parts(a, b):
    """p, q and log p − log q."""
    logs = zip(log_softmax(a), log_softmax(b), strict=True)
    return softmax(a), softmax(b), [one - other for one, other in logs]


def kl(row):
    """Against the row backwards."""
    p, _, t = kl_parts(row, row[::-1])
    return [sum((a * b for a, b in zip(p, t, strict=True)), arb(0))]


def cross_entropy(row):
    """Against class 0."""
    return [-log_softmax(row)[0]]


def attention(q, k, v):
    """Balls of softmax(q kᵀ/√d) v."""
    root = arb(len(q[0])).sqrt()
    out = []
    for one in q:
        p = softmax([sum((a * b for a, b in zip(one, other, strict=True)), arb(0)) / root for other in k])
        out.append([sum((a * row[f] for a, row in zip(p, v, strict=True)), arb(0)) for f in range(len(v[0]))])
    return out


def gelu(x):
    """x Φ(x)."""
    return x * (1 + (x / arb(2).sqrt()).erf()) / 2


def gelu_tanh(x):
    """x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    return x / 2 * (1 + ((2 / arb.pi()).sqrt() * (x + arb("0.044715") * x**3)).tanh())


def sigmoid(x):
    """1 / (1 + exp(−x))."""
    return 1 / (1 + (-x).exp())


def silu(x):
    """x σ(x)."""
    return x * sigmoid(x)


def softplus(x):
    """log(1 + exp(x))."""
    return (-abs(x)).exp().log1p() + max(x, arb(0))
