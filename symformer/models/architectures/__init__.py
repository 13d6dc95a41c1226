"""One file an architecture; each has the `MODEL_TYPE` of its configurations and describes a model of it."""

from symformer.models.architectures import (
    bart,
    bert,
    bloom,
    deepseek_v3,
    distilbert,
    falcon,
    gemma,
    gemma2,
    gemma3,
    gpt2,
    gpt_neox,
    gpt_oss,
    llama,
    mistral,
    mixtral,
    olmo2,
    opt,
    phi,
    phi3,
    qwen2,
    qwen3,
    qwen3_moe,
    roberta,
    t5,
    vit,
    whisper,
)

ARCHITECTURES = (
    gpt2, llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2, phi, gpt_neox, opt, bloom, falcon, bert, roberta, t5,
    bart, vit, deepseek_v3, olmo2, qwen3_moe, phi3, gemma3, distilbert,
    gpt_oss, whisper,
)  # fmt: skip

__all__ = ["ARCHITECTURES"]
