"""Gemma 3, its text model: Gemma 2 with normalised queries and keys, no caps, and positions by the kind of layer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.architectures.gemma2 import NORMS
from symformer.models.blocks import gated
from symformer.models.config import Reader
from symformer.models.layout import Stack
from symformer.models.rope import rope_by_kind
from symformer.models.rotary_decoder import Plan, attention_part, finish, layer, start
from symformer.models.rows import gated_rows
from symformer.models.symbols import Parameters, Value
from symformer.models.windows import FULL, SLIDING, periodic_window
from symformer.notation import sqrt

MODEL_TYPE = "gemma3_text"
RUNS = True  # its outputs are held against the transformers library
BASES = {FULL: ("rope_theta", 1e6), SLIDING: ("rope_local_base_freq", 1e4)}


def describe(read: Reader) -> Architecture:
    """The text model of a Gemma 3 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Gemma Team 2025, arXiv:2503.19786.
    """
    bias = read.flag("attention_bias", default=False)
    ropes = rope_by_kind(read, BASES, stretched=FULL)
    read.runs_with("use_bidirectional_attention", False)
    plan = Plan(
        "Gemma3", bias=bias, out_bias=bias, head_norm=True, norms=NORMS, tied=True, head_size=256, key_heads=4,
        from_one=True, softcap=read.cap("attn_logit_softcapping", default=0), rope=ropes[FULL],
        last_cap=read.cap("final_logit_softcapping", default=0),
        scale=1 / sqrt(read.size("query_pre_attn_scalar", default=256)),
    )  # fmt: skip
    sizes, heads, numbers = start(read, plan, activation=("hidden_activation", "hidden_act"))
    sizes.set(at.d_ff, read.size("intermediate_size"))
    slides = periodic_window(read, sizes.numbers[at.L], "sliding_window_pattern", 6)
    window = read.size("sliding_window", default=4096)
    numbers = replace(numbers, windows=tuple(window if slide else None for slide in slides),
                      ropes=tuple(ropes[SLIDING if slide else FULL] for slide in slides))  # fmt: skip
    block = layer(plan, numbers, heads, partial(_feed, numbers.activation))
    rows = attention_part(plan, heads) + gated_rows("mlp.")
    stacks = ((Stack(at.L, "layers.{l}.", ()), rows, block),)
    return finish(read, plan, sizes, numbers, stacks, ropes=numbers.ropes)


def _feed(activation: str, own: Parameters, x: Value) -> Value:
    return gated(own, x, activation)
