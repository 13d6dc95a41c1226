"""One file an architecture; each has the `MODEL_TYPE` of its configurations and describes a model of it."""

from symformer.models.architectures import (
    bart,
    bert,
    bloom,
    deepseek_v3,
    falcon,
    gemma,
    gemma2,
    gpt2,
    gpt_neox,
    llama,
    mistral,
    mixtral,
    opt,
    phi,
    qwen2,
    qwen3,
    roberta,
    t5,
    vit,
)

ARCHITECTURES = (
    gpt2, llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2, phi, gpt_neox, opt, bloom, falcon, bert, roberta, t5,
    bart, vit, deepseek_v3,
)  # fmt: skip

__all__ = ["ARCHITECTURES"]
