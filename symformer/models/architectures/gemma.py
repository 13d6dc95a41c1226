"""Gemma: LLaMA with wide heads, GeGLU, a scaled embedding and a tied head."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated

MODEL_TYPE = "gemma"
GELU = "gelu_pytorch_tanh"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Gemma of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Gemma Team 2024, arXiv:2403.08295.
    """
    bias = read.flag("attention_bias", default=False)
    read.runs_with("use_bidirectional_attention", False)
    plan = Plan("Gemma", bias=bias, out_bias=bias, tied=True, head_size=256, key_heads=16, from_one=True,
                gelu_is_tanh=True)  # fmt: skip
    read.runs_with("hidden_activation", read.data.get("hidden_act", GELU), GELU, "gelu")
    return describe_gated(read, plan)
