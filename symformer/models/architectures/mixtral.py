"""Mixtral: Mistral with experts, of which a router chooses some for each token."""

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
    softmax_weights,
)
from symformer.models.layout import Stack
from symformer.models.rotary_decoder import Plan, attention_part, finish, layer, start
from symformer.models.rows import Rows, linear
from symformer.models.symbols import Parameters, Value
from symformer.models.windows import given_window

MODEL_TYPE = "mixtral"
RUNS = True  # its outputs are held against the transformers library
PLAN = Plan("Mixtral", key_heads=8, rope_base=1e6, eps=1e-5)


def describe(read: Reader) -> Architecture:
    """A Mixtral of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Jiang et al. 2024, arXiv:2401.04088.
    """
    sizes, heads, numbers = start(read, PLAN)
    sizes.set(at.d_X, read.size("intermediate_size"))
    experts = sizes.set(at.n_X, read.size("num_local_experts", "num_experts", default=8))
    sizes.set(at.k_X, read.size("num_experts_per_tok", default=2, most=experts))
    numbers = replace(numbers, windows=given_window(read, sizes.numbers[at.L]))
    rows = attention_part(PLAN, heads) + expert_rows()
    block = layer(PLAN, numbers, heads, partial(_experts, numbers.activation))
    routing = Routing(expert_program(Parameters.of(expert_rows()), plainly(numbers.activation)), sizes.numbers[at.k_X])
    stacks = ((Stack(at.L, "layers.{l}.", ()), rows, block),)
    return finish(read, PLAN, sizes, numbers, stacks, routing=routing)


def _experts(activation: str, own: Parameters, x: Value) -> Value:
    chosen = chosen_experts()
    return routed(own, x, chosen, plainly(activation), softmax_weights(router_logits(own, x), chosen))


def expert_rows() -> Rows:
    """The router and the experts, as the published files name them."""
    rows = linear("block_sparse_moe.gate", "x", "a", "W_R", "a x", "router")
    for name, out, into, symbol in (("w1", "s", "a", "X_gate"), ("w3", "s", "a", "X_up"), ("w2", "a", "s", "X_down")):
        expert = f"block_sparse_moe.experts.{{x}}.{name}"
        rows += linear(expert, out, into, symbol, f"{into} {out}", "experts")
    return rows
