"""The functions of CONTRACT.md, section "Numbers", in PyTorch: its own functions where it has them."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

torch.set_num_threads(1)


def softmax(x, axis=-1):
    """torch's, but zeros for a row of nothing but -inf."""
    return torch.where(_unseen(x, axis), 0, torch.softmax(_seen(x, axis), axis))


def log_softmax(x, axis=-1):
    """torch's, but -inf for a row of nothing but -inf."""
    return torch.where(_unseen(x, axis), -torch.inf, torch.log_softmax(_seen(x, axis), axis))


def logsumexp(x, axis=-1):
    """torch's."""
    return torch.logsumexp(x, axis)


def layer_norm(x, weight=None, bias=None, *, axis=-1, eps=1e-5):
    """torch's, which takes the shape of the last axes."""
    return functional.layer_norm(x, x.shape[axis % x.ndim :], weight, bias, eps)


def rms_norm(x, weight=None, *, axis=-1, eps=1e-5):
    """torch's, which takes the shape of the last axes."""
    return functional.rms_norm(x, x.shape[axis % x.ndim :], weight, eps)


def gelu(x, approximate="none"):
    """torch's."""
    return functional.gelu(x, approximate=approximate)


relu, silu, sigmoid, tanh = functional.relu, functional.silu, torch.sigmoid, torch.tanh


def softplus(x):
    """torch's, without the threshold from which on it is linear."""
    return functional.softplus(x, threshold=1000)


def linear(x, weight, bias=None):
    """x @ weight + bias."""
    return x @ weight if bias is None else x @ weight + bias


ACTIVATIONS = {
    "relu": relu, "gelu": gelu, "gelu_tanh": lambda x: gelu(x, "tanh"), "silu": silu, "tanh": tanh, "sigmoid": sigmoid,
}  # fmt: skip


def feed_forward(x, w1, b1, w2, b2, activation="relu"):
    """Two linear layers."""
    return linear(ACTIVATIONS[activation](linear(x, w1, b1)), w2, b2)


def swiglu(x, w_gate, w_up, w_down):
    """The gated layer."""
    return (silu(x @ w_gate) * (x @ w_up)) @ w_down


def attention(q, k, v, mask=None, *, is_causal=False, offset=0, scale=None, softcap=None, window=None):
    """Step by step; torch's fused function knows neither softcap nor window nor offset."""
    k, v = (_shared(array, q) for array in (k, v))
    s = q @ k.mT * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    s = s if softcap is None else softcap * torch.tanh(s / softcap)
    hidden = torch.zeros(s.shape[-2:], dtype=torch.bool)
    i, j = torch.arange(s.shape[-2])[:, None], torch.arange(s.shape[-1])
    if is_causal:
        hidden = hidden | (j > i + offset)
    if window is not None:
        hidden = hidden | (j <= i + offset - window)
    if mask is not None and mask.dtype != torch.bool:
        s = s + mask
    elif mask is not None:
        hidden = hidden | ~mask
    return softmax(torch.where(hidden, -torch.inf, s)) @ v


def multi_head_attention(
    x, memory, w_q, w_k, w_v, w_o, b_q=None, b_k=None, b_v=None, b_o=None, mask=None, *, heads, kv_heads=None,
    is_causal=False, scale=None,
):  # fmt: skip
    """Projections, heads in consecutive blocks, attention, projection."""
    memory = x if memory is None else memory
    q = _heads(linear(x, w_q, b_q), heads)
    k, v = (_heads(linear(memory, w, b), kv_heads or heads) for w, b in ((w_k, b_k), (w_v, b_v)))
    if mask is not None and mask.ndim <= x.ndim and mask.ndim > 2:
        mask = mask[..., None, :, :]
    o = attention(q, k, v, mask, is_causal=is_causal, scale=scale)
    return linear(o.transpose(-3, -2).flatten(-2), w_o, b_o)


def rotary_embedding(x, positions, *, base=10000.0, interleaved=False):
    """Pairs turned as complex numbers, in float64."""
    half = x.shape[-1] // 2
    angle = positions[..., None].double() * base ** (-torch.arange(half).double() / half)
    pairs = (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    turned = torch.complex(*(part.double() for part in pairs)) * torch.polar(torch.ones_like(angle), angle)
    if interleaved:
        return torch.view_as_real(turned).flatten(-2).to(x.dtype)
    return torch.cat([turned.real, turned.imag], -1).to(x.dtype)


def embedding(ids, weight):
    """torch's."""
    return functional.embedding(ids, weight)


def cross_entropy(logits, targets, *, label_smoothing=0.0, weight=None, ignore_index=-100, reduction="mean"):
    """torch's, which wants the classes second."""
    rows = logits.reshape(-1, logits.shape[-1])
    by_class = not targets.is_floating_point()
    flat = targets.reshape(-1) if by_class else targets.reshape(rows.shape)
    ignored = {"ignore_index": ignore_index} if by_class else {}
    loss = functional.cross_entropy(rows, flat, weight, label_smoothing=label_smoothing, reduction=reduction, **ignored)
    return loss.reshape(logits.shape[:-1]) if reduction == "none" else loss


def kl_divergence(p_logits, q_logits, axis=-1):
    """torch's, with both as logarithms."""
    log_p, log_q = torch.log_softmax(p_logits, axis), torch.log_softmax(q_logits, axis)
    return functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(axis)


def _unseen(x, axis):
    return torch.isneginf(x).all(axis, keepdim=True)


def _seen(x, axis):
    """The rows, zeros in place of those that see nothing, so that no NaN meets a gradient."""
    return torch.where(_unseen(x, axis), 0, x)


def _shared(array, q):
    if array.ndim < 3 or q.ndim < 3 or array.shape[-3] in (1, q.shape[-3]):
        return array
    return array.repeat_interleave(q.shape[-3] // array.shape[-3], dim=-3)


def _heads(x, heads):
    return x.unflatten(-1, (heads, x.shape[-1] // heads)).transpose(-3, -2)
