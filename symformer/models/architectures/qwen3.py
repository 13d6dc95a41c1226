"""Qwen3: LLaMA with heads of a size of their own, whose queries and keys are normalised."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated
from symformer.models.windows import later_window

MODEL_TYPE = "qwen3"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Qwen3 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Yang et al. 2025, arXiv:2505.09388.
    """
    bias = read.flag("attention_bias", default=False)
    plan = Plan("Qwen3", bias=bias, out_bias=bias, head_norm=True, head_size=128, key_heads=32)
    return describe_gated(read, plan, windows=later_window)
