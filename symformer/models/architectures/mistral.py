"""Mistral: LLaMA with grouped queries and a window over the keys."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.rotary_decoder import Plan, describe_gated
from symformer.models.windows import same_window

MODEL_TYPE = "mistral"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Mistral of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Jiang et al. 2023, arXiv:2310.06825.
    """
    return describe_gated(read, Plan("Mistral", key_heads=8), windows=same_window)
