"""Qwen3 MoE: Qwen3 with experts in every layer, whose weights sum to 1 or not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.experts import (
    Routing,
    chosen_experts,
    expert_program,
    plainly,
    routed,
    router_logits,
    softmax_of_all,
    softmax_weights,
)
from symformer.models.layout import Stack
from symformer.models.rotary_decoder import Plan, attention_part, finish, layer, start
from symformer.models.rows import gated_rows, linear
from symformer.models.symbols import Parameters, Value
from symformer.models.windows import one_window_if_used

MODEL_TYPE = "qwen3_moe"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Qwen3 MoE of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Yang et al. 2025, arXiv:2505.09388.
    """
    bias = read.flag("attention_bias", default=False)
    plan = Plan("Qwen3Moe", bias=bias, out_bias=bias, head_norm=True, key_heads=4)
    sizes, heads, numbers = start(read, plan)
    experts = sizes.set(at.n_X, read.size("num_experts", "num_local_experts", default=128))
    sizes.set(at.k_X, read.size("num_experts_per_tok", default=8, most=experts))
    sizes.set(at.d_X, read.size("moe_intermediate_size", default=768))
    read.only("decoder_sparse_step", 1)
    read.only("mlp_only_layers", [])
    read.ignore("intermediate_size")
    numbers = replace(numbers, windows=one_window_if_used(read, sizes.numbers[at.L]))
    normalised = read.flag("norm_topk_prob", default=False)
    own = gated_rows("mlp.experts.{x}.", kind="X", hidden="s", part="experts")
    rows = attention_part(plan, heads) + linear("mlp.gate", "x", "a", "W_R", "a x", "router") + own
    block = layer(plan, numbers, heads, partial(_experts, numbers.activation, normalised))
    routing = Routing(expert_program(Parameters.of(own), plainly(numbers.activation)), sizes.numbers[at.k_X])
    return finish(read, plan, sizes, numbers, ((Stack(at.L, "layers.{l}.", ()), rows, block),), routing=routing)


def _experts(activation: str, normalised: bool, own: Parameters, x: Value) -> Value:
    chosen = chosen_experts()
    weigh = softmax_weights if normalised else softmax_of_all
    return routed(own, x, chosen, plainly(activation), weigh(router_logits(own, x), chosen))
