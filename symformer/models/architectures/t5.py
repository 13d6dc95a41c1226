"""T5: an encoder and a decoder with relative positions in buckets, RMS norm before each block, no biases."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, attention_rows, linear, norm
from symformer.models.sizes import Sizes, basic
from symformer.models.tasks import Head

MODEL_TYPE = "t5"
CLASSES = ("T5Model", "T5ForConditionalGeneration", "T5EncoderModel")
ACTIVATIONS = ("relu", "gelu", "gelu_new", "silu")
HEADS = Heads("h", "h")


def describe(read: Reader) -> Architecture:
    """A T5 of this configuration; `tie_word_embeddings: false` gives it a head of its own, as T5 v1.1 has.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Raffel et al. 2020, arXiv:1910.10683; for v1.1: Shazeer 2020, arXiv:2002.05202.
    """
    sizes = basic(read, width=("d_model", "hidden_size"), layers=("num_layers", "num_hidden_layers"))
    sizes.set(at.H, read.size("num_heads", "num_attention_heads"))
    sizes.set(at.d_k, read.size("d_kv", "head_dim"))
    sizes.set(at.d_ff, read.size("d_ff"))
    sizes.set(at.n_B, read.size("relative_attention_num_buckets", default=32))
    known = [prefix + name for prefix in ("", "gated-") for name in ACTIVATIONS]
    gated = read.choice("feed_forward_proj", among=known, default="relu").startswith("gated-")
    head = _head(read)
    outside: Rows = (row("shared.weight", "v a", "embedding", E="v a"), *_relative("encoder", ""))
    outside += norm("encoder.final_layer_norm", "f", bias=False)
    stacks: tuple[Stack, ...] = (Stack(at.L, "encoder.block.{l}.layer.", encoder_rows(gated)),)
    if head.model_class != "T5EncoderModel":
        outside += _relative("decoder", "D") + norm("decoder.final_layer_norm", "Df", bias=False)
        stacks += (_decoder(read, sizes, gated),)
    return Architecture(head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, head.tied)


def _head(read: Reader) -> Head:
    found = read.model_class(CLASSES, "T5ForConditionalGeneration")
    tied = read.flag("tie_word_embeddings", default=True)
    names = {"encoder.embed_tokens.weight": "shared.weight"}
    if found != "T5EncoderModel":
        names["decoder.embed_tokens.weight"] = "shared.weight"
    if found != "T5ForConditionalGeneration":
        return Head(found, tied=names)
    if tied:
        return Head(found, "", "words", (), {**names, "lm_head.weight": "shared.weight"})
    return Head(found, "", "words", (row("lm_head.weight", "v a", "head", U="v a"),), names)


def _decoder(read: Reader, sizes: Sizes, gated: bool) -> Stack:
    layers = read.layers("num_decoder_layers", default=sizes.numbers[at.L])
    same = layers == sizes.numbers[at.L]
    sizes.set(at.L_D, layers, at.L if same else None)
    return Stack(at.L_D, "decoder.block.{l}.layer.", decoder_rows(gated))


def _relative(side: str, mark: str) -> Rows:
    """The bias for the distance of a query and a key, which the first layer holds for all."""
    name = f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    return (row(name, "d h", "attention", **{f"B{mark}": "d h"}),)


def _attention(prefix: str, mark: str = "") -> Rows:
    return attention_rows(prefix, HEADS, bias=False, out_bias=False, names=("q", "k", "v", "o"), mark=mark)


def _feed_forward(prefix: str, gated: bool) -> Rows:
    into = (("wi_0", "W_gate"), ("wi_1", "W_up")) if gated else (("wi", "W_1"),)
    rows: Rows = ()
    for name, symbol in into:
        rows += linear(prefix + name, "f", "a", symbol, "a f", "feed_forward")
    return rows + linear(prefix + "wo", "a", "f", "W_down" if gated else "W_2", "f a", "feed_forward")


def encoder_rows(gated: bool) -> Rows:
    """The tensors of a layer of the encoder."""
    return (
        *_attention("0.SelfAttention."),
        *norm("0.layer_norm", "1", bias=False),
        *_feed_forward("1.DenseReluDense.", gated),
        *norm("1.layer_norm", "2", bias=False),
    )


def decoder_rows(gated: bool) -> Rows:
    """The tensors of a layer of the decoder."""
    return (
        *_attention("0.SelfAttention."),
        *norm("0.layer_norm", "1", bias=False),
        *_attention("1.EncDecAttention.", "x"),
        *norm("1.layer_norm", "x", bias=False),
        *_feed_forward("2.DenseReluDense.", gated),
        *norm("2.layer_norm", "2", bias=False),
    )
