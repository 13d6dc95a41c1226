"""A generated velocity called for as many tokens at a time as the cache holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symformer.dynamics.checks import Array

AT_ONCE = 1 << 16  # pairs of tokens: half a megabyte of float64


def by_rows(kernel: Callable[..., Array], x: Array, beta: Array, *weights: Array) -> Array:
    """kernel(x, x, β, ...), run by run and block of rows by block of rows where all at once would leave the cache.

    Args:
        kernel: of the moved tokens (..., m, d), all tokens (..., n, d), β and weights.
        x: tokens (..., n, d).
        beta: a number, or one for each run.
    """
    heads = weights[0].shape[0] if weights else 1
    n, d = x.shape[-2:]
    if x.size // d * n * heads <= 2 * AT_ONCE:
        return kernel(x, x, beta, *weights)
    runs = x.reshape(-1, n, d)
    hot = np.broadcast_to(beta, x.shape[:-2]).reshape(-1)
    out = np.empty_like(runs)
    together, rows = max(1, AT_ONCE // (n * n * heads)), max(1, AT_ONCE // (n * heads))
    for start in range(0, len(runs), together):
        some = slice(start, start + together)
        for row in range(0, n, rows):
            part = slice(row, row + rows)
            out[some, part] = kernel(runs[some, part], runs[some], hot[some], *weights)
    return out.reshape(x.shape)
