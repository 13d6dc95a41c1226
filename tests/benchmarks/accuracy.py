"""Prints the largest errors of generated functions in units in the last place, PyTorch's beside: `python accuracy.py`.

References are balls of 80 digits. For attention and layer norm, whose entries are differences, the unit is that of the
largest entry of the row. Regimes: ordinary numbers, numbers of size 1e4 and 1e-30, rows that are nearly
constant, rows around 1e6. The bar: 4 ulp, or 1.5 times PyTorch's error where that is more.
"""

from __future__ import annotations

from functools import partial

import flint
import numpy as np
import torch
from flint import arb
from torch.nn import functional

from symformer import functions

flint.ctx.prec = 300
torch.set_num_threads(1)
ROWS, WIDTH = 24, 64

REGIMES = {
    "ordinary": lambda x: x,
    "1e4": lambda x: 1e4 * x,
    "1e-30": lambda x: 1e-30 * x,
    "near-constant": lambda x: 1 + 1e-4 * x,
    "around 1e6": lambda x: 1e6 + x,
}


def balls(row):
    """Exact balls of the entries."""
    return [arb(float(value)) for value in row]


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


def kl(row):
    """Against the row backwards."""
    p, other = softmax(row), log_softmax(row[::-1])
    return [sum((a * (b - c) for a, b, c in zip(p, log_softmax(row), other, strict=True)), arb(0))]


def cross_entropy(row):
    """Against class 0."""
    return [-log_softmax(row)[0]]


EPS = 1e-5
ELEMENTWISE = {
    "gelu": (lambda x: x * (1 + (x / arb(2).sqrt()).erf()) / 2, functional.gelu),
    "gelu tanh": (
        lambda x: x / 2 * (1 + ((2 / arb.pi()).sqrt() * (x + arb("0.044715") * x**3)).tanh()),
        partial(functional.gelu, approximate="tanh"),
    ),
    "silu": (lambda x: x / (1 + (-x).exp()), functional.silu),
    "sigmoid": (lambda x: 1 / (1 + (-x).exp()), torch.sigmoid),
    "tanh": (lambda x: x.tanh(), torch.tanh),
    "softplus": (lambda x: (-abs(x)).exp().log1p() + max(x, arb(0)), partial(functional.softplus, threshold=1e9)),
}
CASES = {
    "softmax": (softmax, functions.softmax, lambda t: functional.softmax(t, -1)),
    "log_softmax": (log_softmax, functions.log_softmax, lambda t: functional.log_softmax(t, -1)),
    "logsumexp": (logsumexp, functions.logsumexp, lambda t: torch.logsumexp(t, -1)),
    "layer_norm": (partial(layer_norm, eps=EPS), functions.layer_norm, lambda t: functional.layer_norm(t, (WIDTH,))),
    "rms_norm": (partial(rms_norm, eps=EPS), functions.rms_norm, lambda t: functional.rms_norm(t, (WIDTH,), eps=EPS)),
    "cross_entropy": (
        cross_entropy,
        lambda x: functions.cross_entropy(x, np.zeros(len(x), int), reduction="none"),
        lambda t: functional.cross_entropy(t, torch.zeros(len(t), dtype=int), reduction="none"),
    ),
    "kl_divergence": (
        kl,
        lambda x: functions.kl_divergence(x, x[:, ::-1]),
        lambda t: functional.kl_div(
            functional.log_softmax(t.flip(-1), -1), functional.log_softmax(t, -1), reduction="none", log_target=True
        ).sum(-1),
    ),
    **{
        name: (each(exact), partial(functions.gelu, approximate="tanh") if name == "gelu tanh" else
               getattr(functions, name), theirs)
        for name, (exact, theirs) in ELEMENTWISE.items()
    },
}  # fmt: skip


def attention(q, k, v):
    """Balls of softmax(q kᵀ/√d) v."""
    root = arb(len(q[0])).sqrt()
    out = []
    for one in q:
        p = softmax([sum((a * b for a, b in zip(one, other, strict=True)), arb(0)) / root for other in k])
        out.append([sum((a * row[f] for a, row in zip(p, v, strict=True)), arb(0)) for f in range(len(v[0]))])
    return out


DIFFERENCES = ("attention", "layer_norm")


def ulps(got, exact, dtype, of_rows):
    """The largest error in units of the last place of the exact value, as it is rounded, or of the row's largest."""
    worst, width = 0.0, np.shape(got)[-1]
    tops = [
        max(abs(float(ball.mid())) for ball in exact[start : start + width]) for start in range(0, len(exact), width)
    ]
    for place, (value, ball) in enumerate(zip(np.ravel(got), exact, strict=True)):
        near = dtype(tops[place // width] if of_rows else float(ball.mid()))
        if not np.isfinite(near) or not np.isfinite(value):
            worst = worst if near == value or of_rows else np.inf
            continue
        error = abs(arb(float(value)) - ball).mid() / arb(float(np.spacing(abs(near))))
        worst = max(worst, float(error.mid()))
    return worst


def measure(name, dtype, regime):
    """Our error and PyTorch's."""
    x = REGIMES[regime](np.random.default_rng(1).standard_normal((ROWS, WIDTH))).astype(dtype)
    if name == "attention":
        q, k, v = x[:8, :16].copy(), x[8:20, :16].copy(), x[:12, 16:32].copy()
        exact = [value for row in attention(*([balls(row) for row in part] for part in (q, k, v))) for value in row]
        theirs = functional.scaled_dot_product_attention(*(torch.from_numpy(part)[None, None] for part in (q, k, v)))
        return ulps(functions.attention(q, k, v), exact, dtype, True), ulps(theirs[0, 0].numpy(), exact, dtype, True)
    reference, ours, theirs = CASES[name]
    exact = [value for row in x for value in reference(balls(row))]
    found = ours(x), theirs(torch.from_numpy(x)).numpy()
    mine, other = (ulps(one, exact, dtype, name in DIFFERENCES) for one in found)
    return mine, other


if __name__ == "__main__":
    print(f"{'largest error in ulp (PyTorch)':32s}" + "".join(f"{regime:>26s}" for regime in REGIMES))
    for dtype in (np.float32, np.float64):
        for name in (*CASES, "attention"):
            cells = []
            for regime in REGIMES:
                mine, other = measure(name, dtype, regime)
                over = "!" if mine > max(4, 1.5 * other) else " "
                cells.append(f"{mine:12.3g} ({other:9.3g}){over} ")
            print(f"{name:16s}{dtype.__name__:16s}" + "".join(cells), flush=True)
