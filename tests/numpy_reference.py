"""The functions of CONTRACT.md, section "Numbers", written plainly from the mathematics: loops, clarity first."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["attention", "cross_entropy", "layer_norm", "linear", "log_softmax", "logsumexp", "softmax"]


def softmax(x, axis=-1):
    """exp(x_i) / Σ_k exp(x_k) along an axis; a row of nothing but -inf gives zeros."""
    dtype, x = _for_work(x)
    return np.apply_along_axis(_softmax_row, axis, x).astype(dtype)


def log_softmax(x, axis=-1):
    """x_i - log Σ_k exp(x_k) along an axis; a row of nothing but -inf stays so."""
    dtype, x = _for_work(x)
    return np.apply_along_axis(_log_softmax_row, axis, x).astype(dtype)


def logsumexp(x, axis=-1):
    """log Σ_k exp(x_k) along an axis; a row of nothing but -inf gives -inf."""
    dtype, x = _for_work(x)
    return np.apply_along_axis(_logsumexp_row, axis, x).astype(dtype)


def layer_norm(x, weight=None, bias=None, *, axis=-1, eps=1e-5):
    """(x - μ) / √(σ² + ε) · weight + bias, with μ and σ² taken over `axis` to the last."""
    dtype, x, weight, bias = _for_work(x, _or(weight, 1), _or(bias, 0))
    out = np.empty_like(x)
    for place in np.ndindex(x.shape[: axis % x.ndim]):
        centred = x[place] - x[place].sum() / x[place].size
        variance = (centred**2).sum() / centred.size
        out[place] = centred / np.sqrt(variance + x.dtype.type(eps)) * weight + bias
    return out.astype(dtype)


def linear(x, weight, bias=None):
    """y_o = Σ_c x_c weight_co + bias_o, row by row."""
    dtype, x, weight, bias = _for_work(x, weight, _or(bias, 0))
    out = np.zeros((*x.shape[:-1], weight.shape[1]), x.dtype)
    for place in np.ndindex(x.shape[:-1]):
        for c, entry in enumerate(x[place]):
            out[place] += entry * weight[c]
    return (out + bias).astype(dtype)


def attention(q, k, v, mask=None, *, is_causal=False, offset=0, scale=None, softcap=None, window=None):
    """softmax(q kᵀ · scale) v for each batch and head; head h reads the keys of group h // (H / H_kv)."""
    dtype, q, k, v = _for_work(q, k, v)
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    bias = _bias(mask, (q.shape[-2], k.shape[-2]), q.dtype)
    q, k, v, bias = _aligned(q, _shared(k, q), _shared(v, q), bias)
    out = np.zeros((*q.shape[:-1], v.shape[-1]), q.dtype)
    for place in np.ndindex(q.shape[:-1]):
        head, i = place[:-1], place[-1]
        scores = _capped(k[head] @ (q[place] * q.dtype.type(scale)), softcap) + bias[place]
        hidden = [_is_hidden(i, j, is_causal, offset, window) for j in range(len(scores))]
        out[place] = _softmax_row(np.where(hidden, q.dtype.type(-np.inf), scores)) @ v[head]
    return out.astype(dtype)


def cross_entropy(logits, targets, *, reduction="mean"):
    """-log softmax(logits) at the target class, or -Σ_c y_c log softmax(logits)_c for probabilities y."""
    logits, targets = np.asarray(logits), np.asarray(targets)
    by_class = targets.ndim == logits.ndim - 1
    dtype, logits, *_ = _for_work(logits) if by_class else _for_work(logits, targets)
    losses = np.zeros(logits.shape[:-1], logits.dtype)
    for place in np.ndindex(losses.shape):
        logs = _log_softmax_row(logits[place])
        y = np.eye(logs.size)[targets[place]] if by_class else targets[place]
        losses[place] = -sum(y[c] * logs[c] for c in range(logs.size) if y[c] != 0)
    whole = {"none": losses, "sum": losses.sum(), "mean": losses.sum() / losses.size}
    return whole[reduction].astype(dtype)


def _for_work(*arrays):
    """The dtype of the result (integers count as float64), then the arrays to work with: float16 works in float32."""
    arrays = [np.asarray(array) for array in arrays]
    floats = [array.dtype if array.dtype.kind == "f" else np.dtype(np.float64) for array in arrays]
    dtype = np.result_type(*floats)
    return dtype, *(array.astype(np.result_type(dtype, np.float32)) for array in arrays)


def _softmax_row(row):
    top = row.max(initial=-np.inf)
    if top == -np.inf:
        return np.zeros_like(row)
    powers = np.exp(row - top)
    return powers / powers.sum()


def _logsumexp_row(row):
    top = row.max(initial=-np.inf)
    return top if top == -np.inf else top + np.log(np.exp(row - top).sum())


def _log_softmax_row(row):
    top = row.max(initial=-np.inf)
    return row if top == -np.inf else row - top - np.log(np.exp(row - top).sum())


def _or(array, default):
    """The array, or a number of the narrowest dtype, which promotes nothing."""
    return np.float16(default) if array is None else array


def _bias(mask, shape, dtype):
    """What is added to the scores: a float mask itself; 0 where a boolean mask is True and -inf where it is not."""
    mask = np.asarray(True if mask is None else mask)
    mask = np.broadcast_to(mask, np.broadcast_shapes(mask.shape, shape))
    return np.where(mask, 0.0, -np.inf).astype(dtype) if mask.dtype == bool else mask.astype(dtype)


def _shared(array, q):
    """Keys or values with one copy for every query head."""
    if array.ndim < 3 or q.ndim < 3:
        return array
    groups, heads = array.shape[-3], q.shape[-3]
    assert heads % groups == 0
    return np.stack([array[..., head * groups // heads, :, :] for head in range(heads)], axis=-3)


def _aligned(*arrays):
    """The arrays with their leading axes broadcast to one shape."""
    lead = np.broadcast_shapes(*(array.shape[:-2] for array in arrays))
    return [np.broadcast_to(array, lead + array.shape[-2:]) for array in arrays]


def _is_hidden(i, j, is_causal, offset, window):
    """Whether key j is out of sight of query i (both from 0)."""
    return (is_causal and j > i + offset) or (window is not None and j <= i + offset - window)


def _capped(scores, softcap):
    """softcap · tanh(scores / softcap), or the scores themselves."""
    return scores if softcap is None else softcap * np.tanh(scores / softcap)
