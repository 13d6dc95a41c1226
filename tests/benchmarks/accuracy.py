"""Prints the largest errors of generated functions in units in the last place, PyTorch's beside: `python accuracy.py`.

References are balls of 80 digits. For attention and layer norm, whose entries are differences, the unit is that of the
largest entry of the row. Regimes: ordinary numbers, numbers of size 1e4 and 1e-30, rows that are nearly
constant, rows around 1e6. The bar: 4 ulp, or 1.5 times PyTorch's largest error in what the function gives where that is
more; what is over it has a `!`. `accuracy_backward.py` does the same for gradients.
"""

from __future__ import annotations

from functools import partial

import exact
import numpy as np
import torch
from flint import arb
from torch.nn import functional

from symformer import functions

torch.set_num_threads(1)
ROWS, WIDTH = 24, 64

REGIMES = {
    "ordinary": lambda x: x,
    "1e4": lambda x: 1e4 * x,
    "1e-30": lambda x: 1e-30 * x,
    "near-constant": lambda x: 1 + 1e-4 * x,
    "around 1e6": lambda x: 1e6 + x,
}


EPS = 1e-5
ELEMENTWISE = {
    "gelu": (exact.gelu, functional.gelu),
    "gelu tanh": (exact.gelu_tanh, partial(functional.gelu, approximate="tanh")),
    "silu": (exact.silu, functional.silu),
    "sigmoid": (exact.sigmoid, torch.sigmoid),
    "tanh": (arb.tanh, torch.tanh),
    "softplus": (exact.softplus, partial(functional.softplus, threshold=1e9)),
}
CASES = {
    "softmax": (exact.softmax, functions.softmax, lambda t: functional.softmax(t, -1)),
    "log_softmax": (exact.log_softmax, functions.log_softmax, lambda t: functional.log_softmax(t, -1)),
    "logsumexp": (exact.logsumexp, functions.logsumexp, lambda t: torch.logsumexp(t, -1)),
    "layer_norm": (
        partial(exact.layer_norm, eps=EPS), functions.layer_norm, lambda t: functional.layer_norm(t, (WIDTH,)),
    ),
    "rms_norm": (
        partial(exact.rms_norm, eps=EPS), functions.rms_norm, lambda t: functional.rms_norm(t, (WIDTH,), eps=EPS),
    ),
    "cross_entropy": (
        exact.cross_entropy,
        lambda x: functions.cross_entropy(x, np.zeros(len(x), int), reduction="none"),
        lambda t: functional.cross_entropy(t, torch.zeros(len(t), dtype=int), reduction="none"),
    ),
    "kl_divergence": (
        exact.kl,
        lambda x: functions.kl_divergence(x, x[:, ::-1]),
        lambda t: functional.kl_div(
            functional.log_softmax(t.flip(-1), -1), functional.log_softmax(t, -1), reduction="none", log_target=True
        ).sum(-1),
    ),
    **{
        name: (exact.each(rule), partial(functions.gelu, approximate="tanh") if name == "gelu tanh" else
               getattr(functions, name), theirs)
        for name, (rule, theirs) in ELEMENTWISE.items()
    },
}  # fmt: skip


DIFFERENCES = ("attention", "layer_norm")


def ulps(got, wanted, dtype, of_rows):
    """The largest error in units of the last place of the exact value, as it is rounded, or of the row's largest."""
    worst, width = 0.0, np.shape(got)[-1]
    tops = [
        max(abs(float(ball.mid())) for ball in wanted[start : start + width]) for start in range(0, len(wanted), width)
    ]
    for place, (value, ball) in enumerate(zip(np.ravel(got), wanted, strict=True)):
        near = dtype(tops[place // width] if of_rows else float(ball.mid()))
        if not np.isfinite(near) or not np.isfinite(value):
            worst = worst if near == value or of_rows else np.inf
            continue
        error = abs(arb(float(value)) - ball).mid() / arb(float(np.spacing(abs(near))))
        worst = max(worst, float(error.mid()))
    return worst


def drawn(dtype, regime):
    """The numbers of a regime."""
    return REGIMES[regime](np.random.default_rng(1).standard_normal((ROWS, WIDTH))).astype(dtype)


def attention_inputs(x):
    """Queries, keys and values of 8, 12 and 12 rows."""
    return x[:8, :16].copy(), x[8:20, :16].copy(), x[:12, 16:32].copy()


def measure(name, dtype, regime):
    """Our error and PyTorch's."""
    x = drawn(dtype, regime)
    if name == "attention":
        arrays = attention_inputs(x)
        wanted = [value for row in exact.attention(*map(exact.matrix, arrays)) for value in row]
        theirs = functional.scaled_dot_product_attention(*(torch.from_numpy(part)[None, None] for part in arrays))
        return tuple(ulps(one, wanted, dtype, True) for one in (functions.attention(*arrays), theirs[0, 0].numpy()))
    reference, ours, theirs = CASES[name]
    wanted = [value for row in exact.matrix(x) for value in reference(row)]
    found = ours(x), theirs(torch.from_numpy(x)).numpy()
    return tuple(ulps(one, wanted, dtype, name in DIFFERENCES) for one in found)


def print_table(names, errors):
    """A line for each dtype and name, a column for each regime; `errors` gives a list of (name, ours, PyTorch's).

    A "!" stands where we are over the bar: 4 ulp, and 1.5 times PyTorch's largest error in the function's results.
    """
    print(f"{'largest error in ulp (PyTorch)':36s}" + "".join(f"{regime:>26s}" for regime in REGIMES))
    for dtype in (np.float32, np.float64):
        for name in names:
            cells: dict[str, str] = {}
            for regime in REGIMES:
                found = errors(name, dtype, regime)
                bar = max(4, *(1.5 * other for _, _, other in found))
                for what, mine, other in found:
                    over = "!" if mine > bar else " "
                    cells[what] = cells.get(what, "") + f"{mine:12.3g} ({other:9.3g}){over} "
            for what, line in cells.items():
                print(f"{what:20s}{dtype.__name__:16s}{line}", flush=True)


if __name__ == "__main__":
    print_table((*CASES, "attention"), lambda name, dtype, regime: [(name, *measure(name, dtype, regime))])
