"""Formulas of `users_formulas` as somebody writes them in NumPy by hand, with care."""

from __future__ import annotations

import numpy as np


def linear_attention(q, k, v, chunk=128):
    """Chunks: what came before by a state, and the chunk itself by a masked product."""
    out, state = np.empty_like(v), np.zeros((q.shape[1], v.shape[1]), q.dtype)
    below = np.tril(np.ones((chunk, chunk), q.dtype))
    for start in range(0, len(q), chunk):
        rows = slice(start, start + chunk)
        inside = q[rows] @ k[rows].T
        inside *= below[: len(inside), : len(inside)]
        out[rows] = q[rows] @ state + inside @ v[rows]
        state += k[rows].T @ v[rows]
    return out


def relative_scores(q, k, r):
    """Products with all distances, and then the right one for each pair."""
    n, d = q.shape
    scale = q.dtype.type(1 / np.sqrt(d))
    places = np.arange(n)[None, :] - np.arange(n)[:, None] + n - 1
    scores = np.take_along_axis(q @ r.T, places, 1)
    scores += q @ k.T
    scores *= scale
    return scores


def squared_relu(x):
    """One array, in place."""
    y = np.maximum(x, 0)
    y *= y
    return y


def softsign(x):
    """One array, in place."""
    y = np.abs(x)
    y += 1
    return np.divide(x, y, out=y)


def batch_norm(x, eps):
    """One array, in place."""
    y = x - x.mean(0)
    variance = np.einsum("ic,ic->c", y, y) / np.float32(len(x))
    y /= np.sqrt(variance + eps)
    return y


def delta_rule(q, k, v, beta):
    """One step after another."""
    state, out = np.zeros((v.shape[1], k.shape[1]), k.dtype), np.empty_like(v)
    for step in range(len(k)):
        error = v[step] - state @ k[step]
        state += np.outer(beta[step] * error, k[step])
        out[step] = state @ q[step]
    return out
