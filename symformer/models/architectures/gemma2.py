"""Gemma 2: Gemma with norms before and after each block, soft caps, and a window in every other layer."""

from __future__ import annotations

from sympy import sqrt

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated
from symformer.models.windows import alternating_window

MODEL_TYPE = "gemma2"
RUNS = True  # its outputs are held against the transformers library
NORMS = (
    ("input_layernorm", "1"),
    ("post_attention_layernorm", "2"),
    ("pre_feedforward_layernorm", "3"),
    ("post_feedforward_layernorm", "4"),
)


def describe(read: Reader) -> Architecture:
    """A Gemma 2 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Gemma Team 2024, arXiv:2408.00118.
    """
    bias = read.flag("attention_bias", default=False)
    read.runs_with("use_bidirectional_attention", False)
    plan = Plan(
        "Gemma2", bias=bias, out_bias=bias, norms=NORMS, tied=True, head_size=256, key_heads=4, from_one=True,
        softcap=read.cap("attn_logit_softcapping", default=50.0),
        last_cap=read.cap("final_logit_softcapping", default=30.0),
        scale=1 / sqrt(read.size("query_pre_attn_scalar", default=256)),
    )  # fmt: skip
    activation = ("hidden_activation", "hidden_act")
    return describe_gated(read, plan, activation=activation, windows=alternating_window)
