"""Falcon: one head of keys for all queries, or groups of them; attention and feed-forward side by side."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of, hidden_size, rotate
from symformer.models.tasks import decoder_head

MODEL_TYPE = "falcon"


def describe(read: Reader) -> Architecture:
    """A Falcon of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Almazrouei et al. 2023, arXiv:2311.16867.
    """
    sizes = basic(read, width=("hidden_size", "n_embed"), layers=("num_hidden_layers", "n_layer"))
    grouped = read.flag("new_decoder_architecture", default=False)
    heads = _heads(read, sizes, grouped)
    if not read.flag("alibi", default=False):
        heads = rotate(read, sizes, heads)
    hidden_size(read, sizes, "ffn_hidden_size")
    bias = read.flag("bias", default=False)
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read, sizes, "Falcon", prefix="transformer.", embedding="word_embeddings.weight", tied=tied,
        by_token="classifier",
    )  # fmt: skip
    rows = (
        *_norms(read, grouped),
        *fused_rows("self_attention.query_key_value", heads, bias=bias),
        *linear(
            "self_attention.dense", "a", f"({heads.query} c)", "W_O", f"{heads.query} c a", "attention",
            bias="b_O" if bias else "",
        ),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=bias),
    )  # fmt: skip
    outside = (row("word_embeddings.weight", "v a", "embedding", E="v a"), *norm("ln_f", "f", bias=True))
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows,
        (Stack(at.L, head.prefix + "h.{l}.", rows),), head.tied,
    )  # fmt: skip


def _heads(read: Reader, sizes: Sizes, grouped: bool) -> Heads:
    names = ("num_attention_heads", "n_head")
    if grouped:
        return heads_of(read, sizes, *names, key_names=("num_kv_heads", "n_head_kv"), own_head_size=False)
    heads = heads_of(read, sizes, *names, key_names=(), own_head_size=False)
    return Heads("h", "") if read.flag("multi_query", default=True) else heads


def _norms(read: Reader, grouped: bool) -> Rows:
    """One norm a layer, or two; where there are two side by side they have names of their own."""
    side_by_side = read.flag("parallel_attn", default=True)
    if not side_by_side:
        return norm("input_layernorm", "1", bias=True) + norm("post_attention_layernorm", "2", bias=True)
    norms = read.size("num_ln_in_parallel_attn", default=2 if grouped else 1, most=2)
    if norms == 2:
        return norm("ln_attn", "1", bias=True) + norm("ln_mlp", "2", bias=True)
    return norm("input_layernorm", "1", bias=True)
