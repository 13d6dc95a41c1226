"""OPT: learned positions after two unused rows, ReLU; one of its sizes has a narrow embedding and later norms."""

from __future__ import annotations

from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.places import Places
from symformer.models.rows import Heads, Rows, attention_rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of, learned_positions
from symformer.models.streams import decoder_program, token_ids, whole_positions
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import decoder_head
from symformer.notation import Tensor

MODEL_TYPE = "opt"
RUNS = True  # its outputs are held against the transformers library
EPS = 1e-5


def describe(read: Reader) -> Architecture:
    """An OPT of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Zhang et al. 2022, arXiv:2205.01068.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("ffn_dim"))
    learned_positions(read, sizes, 2048)
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
    before = read.flag("do_layer_norm_before", default=True)
    removed = read.flag("_remove_final_layer_norm", default=False)
    final = before and not removed
    outside = prefixed("decoder.", _outside(inside, affine and final))
    stack = Stack(at.L, head.prefix + "decoder.layers.{l}.", rows)
    activation = read.choice("activation_function", among=ACTIVATIONS, default="relu")
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(decoder_program, head, outside, stack, _begin, partial(_block, heads, activation, before),
                partial(_end, final)),
        head.tied, {at.L: ("K", "V")}, last="X_out" if inside == "b" else "",
        places=Places(by="mask", offset=2), tokens={"padding": 1},
    )  # fmt: skip


def _begin(top: Parameters) -> Value:
    """Words, made as wide as the stream, and positions."""
    found = looked_up("X_W", token_ids(), top["E"])
    found = top.linear("X_E", found, "W_in", "", ". a") if "W_in" in top else found
    return plus("X_0", found, looked_up("X_P", whole_positions(at.n_r), top["P"]))


def _end(final: bool, top: Parameters, x: Value) -> Value:
    x = normed(top, "X_f", x, "f", eps=EPS) if final else x
    return top.linear("X_out", x, "W_out", "", ". b") if "W_out" in top else x


def _block(heads: Heads, activation: str, before: bool, mask: Tensor, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block; a norm before each, or after."""
    first = normed(own, "N_1", x, "1", eps=EPS) if before else x
    x = plus("X_1", x, attend_to(own, first, first, heads, is_causal=True, visible=mask))
    x = x if before else normed(own, "N_1", x, "1", eps=EPS)
    second = normed(own, "N_2", x, "2", eps=EPS) if before else x
    x = plus("X_2", x, feed_forward(own, second, activation))
    return x if before else normed(own, "N_2", x, "2", eps=EPS)


def _embedding_axis(read: Reader, sizes: Sizes) -> str:
    """The axis of the embedding: of the stream, or narrower."""
    narrow = read.size("word_embed_proj_dim", default=sizes.numbers[at.d])
    if narrow == sizes.numbers[at.d]:
        return "a"
    sizes.set(at.d_E, narrow)
    return "b"


def _norm(name: str, number: str, affine: bool) -> Rows:
    return norm(name, number, bias=True) if affine else ()


def _outside(inside: str, final: bool) -> Rows:
    rows: Rows = (
        row("embed_tokens.weight", f"v {inside}", "embedding", E=f"v {inside}"),
        row("embed_positions.weight", "P a", "embedding", P="P a"),
    )
    if inside == "b":
        rows += linear("project_in", "a", "b", "W_in", "b a", "embedding")
        rows += linear("project_out", "b", "a", "W_out", "a b", "head")
    return rows + _norm("final_layer_norm", "f", final)
