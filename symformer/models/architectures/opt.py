"""OPT: learned positions after two unused rows, ReLU; its 350M sibling has a narrow embedding and norms after blocks."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Rows, attention_rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of
from symformer.models.tasks import decoder_head

MODEL_TYPE = "opt"


def describe(read: Reader) -> Architecture:
    """An OPT of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Zhang et al. 2022, arXiv:2205.01068.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("ffn_dim"))
    sizes.set(at.n_ctx, read.size("max_position_embeddings", default=2048))
    inside = _embedding_axis(read, sizes)
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read, sizes, "OPT", prefix="model.", embedding="decoder.embed_tokens.weight", tied=tied, inside=inside
    )
    bias = read.flag("enable_bias", default=True)
    affine = read.flag("layer_norm_elementwise_affine", default=True)
    rows = attention_rows(
        "self_attn.", heads, bias=bias, out_bias=bias, names=("q_proj", "k_proj", "v_proj", "out_proj")
    )
    rows += _norm("self_attn_layer_norm", "1", affine)
    rows += feed_forward_rows("fc1", "fc2", bias=bias) + _norm("final_layer_norm", "2", affine)
    outside = prefixed("decoder.", _outside(read, inside, affine))
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows,
        (Stack(at.L, head.prefix + "decoder.layers.{l}.", rows),), head.tied,
    )  # fmt: skip


def _embedding_axis(read: Reader, sizes: Sizes) -> str:
    """The axis of the embedding: of the stream, or narrower."""
    narrow = read.size("word_embed_proj_dim", default=sizes.numbers[at.d])
    if narrow == sizes.numbers[at.d]:
        return "a"
    sizes.set(at.d_E, narrow)
    return "b"


def _norm(name: str, number: str, affine: bool) -> Rows:
    return norm(name, number, bias=True) if affine else ()


def _outside(read: Reader, inside: str, affine: bool) -> Rows:
    rows: Rows = (
        row("embed_tokens.weight", f"v {inside}", "embedding", E=f"v {inside}"),
        row("embed_positions.weight", "P a", "embedding", P="P a"),
    )
    if inside == "b":
        rows += linear("project_in", "a", "b", "W_in", "b a", "embedding")
        rows += linear("project_out", "b", "a", "W_out", "a b", "head")
    before = read.flag("do_layer_norm_before", default=True)
    final = before and not read.flag("_remove_final_layer_norm", default=False)
    return rows + (_norm("final_layer_norm", "f", affine) if final else ())
