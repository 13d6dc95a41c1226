"""LLaMA: rotary positions, RMS norm before each block, SwiGLU, grouped queries from its second generation on."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated

MODEL_TYPE = "llama"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A LLaMA of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Touvron et al. 2023, arXiv:2302.13971; Grattafiori et al. 2024, arXiv:2407.21783.
    """
    bias = read.flag("attention_bias", default=False)
    plan = Plan("Llama", bias=bias, out_bias=bias)
    return describe_gated(read, plan, bias=read.flag("mlp_bias", default=False))
