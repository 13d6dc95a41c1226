"""BLOOM: ALiBi, a layer norm after the embedding, a tied head."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of
from symformer.models.tasks import decoder_head

MODEL_TYPE = "bloom"


def describe(read: Reader) -> Architecture:
    """A BLOOM of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: BigScience Workshop 2022, arXiv:2211.05100.
    """
    sizes = basic(read, width=("hidden_size", "n_embed"), layers=("n_layer", "num_hidden_layers"))
    heads = heads_of(read, sizes, "n_head", "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, 4 * sizes.numbers[at.d], 4 * at.d)
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read, sizes, "Bloom", prefix="transformer.", embedding="word_embeddings.weight", tied=tied,
        by_token="classifier",
    )  # fmt: skip
    outside = (
        row("word_embeddings.weight", "v a", "embedding", E="v a"),
        *norm("word_embeddings_layernorm", "0", bias=True),
        *norm("ln_f", "f", bias=True),
    )
    rows = (
        *norm("input_layernorm", "1", bias=True),
        *fused_rows("self_attention.query_key_value", heads, bias=True),
        *linear("self_attention.dense", "a", "(h c)", "W_O", "h c a", "attention", bias="b_O"),
        *norm("post_attention_layernorm", "2", bias=True),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=True),
    )
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows,
        (Stack(at.L, head.prefix + "h.{l}.", rows),), head.tied,
    )  # fmt: skip
