"""GPT-NeoX and Pythia: attention and feed-forward side by side, positions in a quarter of each head."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of, rotate
from symformer.models.tasks import decoder_head

MODEL_TYPE = "gpt_neox"


def describe(read: Reader) -> Architecture:
    """A GPT-NeoX of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Black et al. 2022, arXiv:2204.06745.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    heads = rotate(read, sizes, heads, "rotary_pct", factor=0.25)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    tied = read.flag("tie_word_embeddings", default=False)
    head = decoder_head(
        read, sizes, "GPTNeoX", prefix="gpt_neox.", embedding="embed_in.weight", tied=tied, name="embed_out",
        by_token="classifier",
    )  # fmt: skip
    outside = (row("embed_in.weight", "v a", "embedding", E="v a"), *norm("final_layer_norm", "f", bias=True))
    rows = layer_rows(heads, read.flag("attention_bias", default=True))
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows,
        (Stack(at.L, head.prefix + "layers.{l}.", rows),), head.tied,
    )  # fmt: skip


def layer_rows(heads: Heads, bias: bool) -> Rows:
    """The tensors of a layer; queries, keys and values stand together head by head."""
    return (
        *norm("input_layernorm", "1", bias=True),
        *norm("post_attention_layernorm", "2", bias=True),
        *fused_rows("attention.query_key_value", heads, bias=bias),
        *linear("attention.dense", "a", "(h c)", "W_O", "h c a", "attention", bias="b_O" if bias else ""),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=True),
    )
