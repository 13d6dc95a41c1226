"""Options that change what a model computes: where an architecture does not read one, only a neutral value is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

OFF = (False, None)
ONE = (1, 1.0, None)
# Key → the values at which it changes nothing. Whoever only counts is not stopped by any of them.
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "add_cross_attention": OFF,
    "alibi": OFF,
    "attention_chunk_size": (None,),
    "attention_multiplier": (None,),
    "attention_out_bias": OFF,
    "attn_logit_softcapping": (None,),
    "clip_qkv": (None,),
    "embedding_multiplier": ONE,
    "final_logit_softcapping": (None,),
    "hidden_activation": (None,),
    "logit_scale": ONE,
    "logits_scaling": ONE,
    "mup_width_multiplier": ONE,
    "no_rope_layers": ([], None),
    "parallel_attn": OFF,
    "qk_layernorm": OFF,
    "qk_norm": OFF,
    "query_pre_attn_scalar": (None,),
    "residual_multiplier": ONE,
    "scale_depth": ONE,
    "scale_emb": ONE,
    "scale_embedding": OFF,
    "use_bidirectional_attention": OFF,
    "use_qk_norm": OFF,
    "use_parallel_residual": OFF,
    "use_relative_position_bias": OFF,
    "use_weighted_layer_sum": OFF,
}


def telling(unread: Iterable[str], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that an architecture does not read and whose values change what is computed, each with what is expected."""
    for key in unread:
        neutral = NEUTRAL.get(key)
        if neutral is not None and not any(data[key] is value or data[key] == value for value in neutral):
            yield key, "that it is left out, for this architecture reads no such option"
