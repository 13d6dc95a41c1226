"""Phi-3: LLaMA whose projections are stored in one matrix, with a part of each head turned and a window or not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.blocks import gated
from symformer.models.config import Reader
from symformer.models.layout import Stack, row, stacked_rows
from symformer.models.rope import rotate
from symformer.models.rotary_decoder import PRE_NORMS, Plan, finish, layer, numbers_of
from symformer.models.rows import Heads, Rows, linear, norm, projection_rows
from symformer.models.sizes import basic, heads_of
from symformer.models.symbols import Parameters, Value
from symformer.models.windows import given_window

MODEL_TYPE = "phi3"
RUNS = True  # its outputs are held against the transformers library
PLAN = Plan("Phi3", eps=1e-5)


def describe(read: Reader) -> Architecture:
    """A Phi-3 (or Phi-4) of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Abdin et al. 2024, arXiv:2404.14219.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = rotate(read, sizes, heads_of(read, sizes, "num_attention_heads"), "partial_rotary_factor")
    numbers = replace(numbers_of(read, PLAN), windows=given_window(read, sizes.numbers[at.L]))
    sizes.set(at.d_ff, read.size("intermediate_size"))
    block = layer(PLAN, numbers, heads, partial(_feed, numbers.activation))
    cached = ("K_rope", "K_N", "V") if len(heads.features) > 1 else ("K_rope", "V")
    return finish(read, PLAN, sizes, numbers, ((Stack(at.L, "layers.{l}.", ()), layer_rows(heads), block),), cached)


def _feed(activation: str, own: Parameters, x: Value) -> Value:
    return gated(own, x, activation)


def layer_rows(heads: Heads) -> Rows:
    """The tensors of a layer: all queries, then all keys, then all values in one; gate and up in one."""
    inside = (("Q", heads.query), ("K", heads.key))
    (query,), (key,) = (
        projection_rows("", axes, {f"{kind}{part}": own for part, own in heads.features}, bias=False)
        for kind, axes in inside
    )
    (value,) = projection_rows("", heads.key, {"V": "c"}, bias=False)
    return (
        *(stored for name, number in PRE_NORMS for stored in norm(name, number, bias=False)),
        stacked_rows("self_attn.qkv_proj.weight", query, key, value),
        *linear("self_attn.o_proj", "a", f"({heads.query} c)", "W_O", f"{heads.query} c a", "attention"),
        row("mlp.gate_up_proj.weight", "* a", "feed_forward", W_gate="a f", W_up="a f"),
        *linear("mlp.down_proj", "a", "f", "W_down", "f a", "feed_forward"),
    )
