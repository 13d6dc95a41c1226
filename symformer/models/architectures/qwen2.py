"""Qwen2: LLaMA with biases on queries, keys and values."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated
from symformer.models.windows import later_window

MODEL_TYPE = "qwen2"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Qwen2 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Yang et al. 2024, arXiv:2407.10671.
    """
    return describe_gated(read, Plan("Qwen2", bias=True, key_heads=32), windows=later_window)
