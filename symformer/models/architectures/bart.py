"""BART: an encoder and a decoder with learned positions after two unused rows, layer norm after each block."""

from __future__ import annotations

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, head_size, heads_of
from symformer.models.tasks import Head

MODEL_TYPE = "bart"
CLASSES = ("BartModel", "BartForConditionalGeneration", "BartForSequenceClassification", "BartForQuestionAnswering")


def describe(read: Reader) -> Architecture:
    """A BART of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Lewis et al. 2019, arXiv:1910.13461.
    """
    sizes = basic(read, width=("d_model", "hidden_size"), layers=("encoder_layers", "num_hidden_layers"))
    heads_of(read, sizes, "encoder_attention_heads", "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("encoder_ffn_dim"))
    sizes.set(at.n_ctx, read.size("max_position_embeddings", default=1024))
    head = _head(read, sizes)
    decoder = _decoder(read, sizes)
    outside = prefixed(head.prefix, _words(head) + _side("encoder.", "", "0") + _side("decoder.", "D", "D0"))
    encoder = Stack(at.L, "encoder.layers.{l}.", layer_rows("h c", "f"))
    stacks = tuple(Stack(stack.layers, head.prefix + stack.prefix, stack.rows) for stack in (encoder, decoder))
    return Architecture(head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, head.tied)


def _words(head: Head) -> Rows:
    """One embedding for both sides and the head, or, untied, one each."""
    shared = row("shared.weight", "v a", "embedding", E_S="v a")
    if head.is_tied:
        return (row("shared.weight", "v a", "embedding", E="v a"),)
    sides = (("encoder", "E"), ("decoder", "E_D"))
    return (shared, *(row(f"{side}.embed_tokens.weight", "v a", "embedding", **{symbol: "v a"}) for side, symbol in sides))


def _side(prefix: str, mark: str, number: str) -> Rows:
    """The positions of a side and the norm of its embedding."""
    positions = row("embed_positions.weight", "P a", "embedding", **{f"P{mark}": "P a"})
    return prefixed(prefix, (positions, *norm("layernorm_embedding", number, bias=True)))


def _decoder(read: Reader, sizes: Sizes) -> Stack:
    """The decoder; what equals its counterpart in the encoder has the same symbol."""
    layers = read.layers("decoder_layers")
    sizes.set(at.L_D, layers, at.L if layers == sizes.numbers[at.L] else None)
    heads, hidden = read.size("decoder_attention_heads"), read.size("decoder_ffn_dim")
    axes, letter = "h c", "f"
    if heads != sizes.numbers[at.H]:
        axes = "k D"
        sizes.set(at.H_D, heads)
        sizes.set(at.d_kD, head_size(read, "decoder_attention_heads", sizes.numbers[at.d], heads), at.d / at.H_D)
    if hidden != sizes.numbers[at.d_ff]:
        letter = "y"
        sizes.set(at.d_ffD, hidden)
    rows = layer_rows(axes, letter) + _attention("encoder_attn", axes, "x") + norm("encoder_attn_layer_norm", "x", bias=True)
    return Stack(at.L_D, "decoder.layers.{l}.", rows)


def layer_rows(heads: str, hidden: str) -> Rows:
    """The tensors of a layer of the encoder, and of a decoder's without its attention to the encoder."""
    return (
        *_attention("self_attn", heads, ""),
        *norm("self_attn_layer_norm", "1", bias=True),
        *feed_forward_rows("fc1", "fc2", bias=True, hidden=hidden),
        *norm("final_layer_norm", "2", bias=True),
    )


def _attention(prefix: str, heads: str, mark: str) -> Rows:
    head, inside = heads.split()
    rows: Rows = ()
    for name, kind in (("q_proj", "Q"), ("k_proj", "K"), ("v_proj", "V")):
        letters = f"a {head} {inside}"
        rows += linear(f"{prefix}.{name}", f"({heads})", "a", f"W_{kind}{mark}", letters, "attention", bias=f"b_{kind}{mark}")
    return rows + linear(
        f"{prefix}.out_proj", "a", f"({heads})", f"W_O{mark}", f"{heads} a", "attention", bias=f"b_O{mark}"
    )


def _head(read: Reader, sizes: Sizes) -> Head:
    found = read.model_class(CLASSES, "BartForConditionalGeneration")
    tied = read.flag("tie_word_embeddings", default=True)
    prefix = "" if found == "BartModel" else "model."
    shared = f"{prefix}shared.weight"
    names = {f"{prefix}{side}.embed_tokens.weight": shared for side in ("encoder", "decoder")} if tied else {}
    if found == "BartModel":
        return Head(found, tied=names)
    if found == "BartForConditionalGeneration":
        if tied:
            return Head(found, prefix, "words", (), {**names, "lm_head.weight": shared})
        return Head(found, prefix, "words", (row("lm_head.weight", "v a", "head", U="v a"),), names)
    classifies = found == "BartForSequenceClassification"
    sizes.set(at.n_C, read.labels() if "id2label" in read.data or not classifies else read.size("num_labels", default=3))
    rows = _classifier() if classifies else linear("qa_outputs", "l", "a", "W_C", "a l", "head", bias="b_C")
    return Head(found, prefix, "labels", rows, names, True)


def _classifier() -> Rows:
    return linear("classification_head.dense", "A", "a", "W_T", "a A", "head", bias="b_T") + linear(
        "classification_head.out_proj", "l", "a", "W_C", "a l", "head", bias="b_C"
    )
