"""Layers by autograd, and what PyTorch counts in them."""

from __future__ import annotations

import numpy as np
import repeated_block
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pytorch import reference


def block():
    """The repeated pre-norm block, then its gradients."""
    leaves = [torch.tensor(value, requires_grad=True) for value in repeated_block.drawn(np.float64)]
    functions = (reference.layer_norm, reference.attention, reference.linear, reference.gelu)
    result = repeated_block.written_out(leaves, *functions)
    result.backward(torch.tensor(repeated_block.cotangent(np.float64)))
    return [result.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


class Layer(nn.Module):
    """Grouped causal attention and a gated feed-forward block: `grouped_layer` of `tests/test_cost.py`."""

    def __init__(self, width, heads, groups, hidden):
        super().__init__()
        self.heads, self.groups, self.size = heads, groups, width // heads
        self.q, self.o = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.k, self.v = (nn.Linear(width, groups * self.size, bias=False) for _ in range(2))
        self.gate, self.up = (nn.Linear(width, hidden, bias=False) for _ in range(2))
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        """x (batch, n, width)."""
        batch, length, _ = x.shape
        q, k, v = (one.view(batch, length, -1, self.size).transpose(1, 2) for one in (self.q(x), self.k(x), self.v(x)))
        k, v = (one.repeat_interleave(self.heads // self.groups, dim=1) for one in (k, v))
        hidden = torch.ones(length, length, dtype=torch.bool).triu(1)
        p = (q @ k.transpose(2, 3) / self.size**0.5).masked_fill(hidden, float("-inf")).softmax(-1)
        y = x + self.o((p @ v).transpose(1, 2).flatten(2))
        return y + self.down(nn.functional.silu(self.gate(y)) * self.up(y))


def layer_flops(batch, length):
    """Those of a layer forward, and backward: every score is counted, causal or not."""
    module, inputs = Layer(24, 6, 2, 40), torch.randn(batch, length, 24)
    counter = FlopCounterMode(display=False)
    with counter:
        out = module(inputs)
    forward = counter.get_total_flops()
    with counter:
        out.sum().backward()
    return [np.int64(forward), np.int64(counter.get_total_flops())]


def attention_flops():
    """Those of the causal attention of PyTorch's own kernel."""
    q = torch.randn(1, 2, 16, 8)
    counter = FlopCounterMode(display=False)
    with counter, nn.attention.sdpa_kernel(nn.attention.SDPBackend.MATH):
        nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
    return [np.int64(counter.get_total_flops())]
