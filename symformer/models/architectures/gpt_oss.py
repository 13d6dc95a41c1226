"""gpt-oss: experts in every layer, a window in every other one, and a sink that takes a share of each query."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.experts import (
    Gated,
    Routing,
    chosen_experts,
    expert_program,
    routed,
    router_logits,
    softmax_weights,
)
from symformer.models.layout import Stack, row
from symformer.models.rotary_decoder import Plan, attention_part, finish, layer, start
from symformer.models.rows import Rows, linear
from symformer.models.symbols import Parameters, Value
from symformer.models.windows import alternating_window
from symformer.notation import Written, lift, maximum, minimum, sigmoid

MODEL_TYPE = "gpt_oss"
RUNS = True  # its outputs are held against the transformers library

STRETCHING = {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
              "original_max_position_embeddings": 4096}  # fmt: skip


def describe(read: Reader) -> Architecture:
    """A gpt-oss of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: OpenAI 2025, arXiv:2508.10925.
    """
    bias = read.flag("attention_bias", default=True)
    plan = Plan("GptOss", bias=bias, out_bias=bias, head_size=64, key_heads=8, rope_base=150000.0, eps=1e-5,
                stretching=STRETCHING)  # fmt: skip
    sizes, heads, numbers = start(read, plan)
    read.runs_with("hidden_act", "silu")
    experts = sizes.set(at.n_X, read.size("num_local_experts", "num_experts", default=128))
    top = sizes.set(at.k_X, read.size("num_experts_per_tok", "experts_per_token", default=4, most=experts))
    sizes.set(at.d_X, read.size("intermediate_size"))
    numbers = replace(numbers, windows=alternating_window(read, sizes.numbers[at.L]))
    gated = _gated(read.number("swiglu_alpha", default=1.702), read.number("swiglu_limit", default=7.0))
    own = expert_rows()
    rows = (*attention_part(plan, heads), row("self_attn.sinks", f"({heads.query})", "attention", s_0=heads.query))
    rows += linear("mlp.router", "x", "a", "W_R", "a x", "router", bias="b_R") + own
    block = layer(plan, numbers, heads, partial(_experts, gated))
    routing = Routing(expert_program(Parameters.of(own), gated), top)
    read.ignore("initial_context_length")
    return finish(read, plan, sizes, numbers, ((Stack(at.L, "layers.{l}.", ()), rows, block),), routing=routing)


def _gated(slope: float, limit: float) -> Gated:
    """(up + 1) · gate · σ(slope · gate): a gate is at most the limit, and what it gates is between −limit and limit."""

    def gated(gate: Written, up: Written) -> Written:
        gate, up = minimum(gate, lift(limit)), maximum(minimum(up, lift(limit)), lift(-limit))
        return (up + 1) * (gate * sigmoid(slope * gate))

    return gated


def _experts(gated: Gated, own: Parameters, x: Value) -> Value:
    chosen = chosen_experts()
    return routed(own, x, chosen, gated, softmax_weights(router_logits(own, x), chosen))


def expert_rows() -> Rows:
    """The experts, all in one tensor; gate and up stand side by side."""
    return (
        row("mlp.experts.gate_up_proj", "x a (s *)", "experts", X_gate="x a s", X_up="x a s"),
        row("mlp.experts.gate_up_proj_bias", "x (s *)", "experts", c_gate="x s", c_up="x s"),
        row("mlp.experts.down_proj", "x s a", "experts", X_down="x s a"),
        row("mlp.experts.down_proj_bias", "x a", "experts", c_down="x a"),
    )
