"""T5: an encoder and a decoder with relative positions in buckets, RMS norm before each block, no biases."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from sympy import Expr

from symformer.models import letters as at
from symformer.models.architecture import STACK_MARKS, Architecture
from symformer.models.attention import attend_to
from symformer.models.bidirectional import labels_of_last
from symformer.models.blocks import ACTIVATIONS, feed_forward, gated, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, attention_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic
from symformer.models.streams import Layers, formal, headed, mask_of, stands_for, token_ids, top_of
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Tensor, indices, lift, sqrt, tensor
from symformer.programs import Program, define, program

MODEL_TYPE = "t5"
WORDS = ("T5ForConditionalGeneration", "T5WithLMHeadModel")  # the second is the older name
LABELS = ("T5ForSequenceClassification", "T5ForTokenClassification", "T5ForQuestionAnswering")
ENCODERS = ("T5EncoderModel", "T5ForTokenClassification")
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
    feed = read.choice("feed_forward_proj", among=known, default="relu")
    has_gate = feed.startswith("gated-")
    read.ignore("n_positions", "relative_attention_max_distance", "is_gated_act", "dense_act_fn")
    eps = read.number("layer_norm_epsilon", default=1e-6)
    head = _head(read, sizes)
    outside: Rows = (row("shared.weight", "v a", "embedding", E="v a"), *_relative("encoder", ""))
    outside += norm("encoder.final_layer_norm", "f", bias=False)
    stacks: tuple[Stack, ...] = (Stack(at.L, "encoder.block.{l}.layer.", encoder_rows(has_gate)),)
    if head.model_class not in ENCODERS:
        outside += _relative("decoder", "D") + norm("decoder.final_layer_norm", "Df", bias=False)
        stacks += (_decoder(read, sizes, has_gate),)
    outside = prefixed(head.prefix, outside)
    stacks = tuple(replace(stack, prefix=head.prefix + stack.prefix) for stack in stacks)
    given = _Options(head, outside, stacks, eps, has_gate, _activation(feed))
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, partial(_write, given),
        head.tied, {at.L_D: ("K", "V", "Kx", "Vx")} if len(stacks) == 2 else {},
    )  # fmt: skip


def _activation(feed: str) -> str:
    """The activation of a feed-forward block; gated GELU is the tanh form."""
    return "gelu_new" if feed == "gated-gelu" else feed.removeprefix("gated-")


class _Options(NamedTuple):
    """What the program depends on beside sizes."""

    head: Head
    outside: Rows
    stacks: tuple[Stack, ...]
    eps: float
    has_gate: bool
    activation: str


def _write(given: _Options) -> Program:
    """An encoder over m words, and a decoder over n that asks it."""
    top = top_of(given.outside, given.head)
    both = len(given.stacks) == 2
    length = at.m if both else at.n
    mask, bias = mask_of(rows=length, keys=length), _bias(top, "B", "buckets", length)
    inside = _Inside(formal(mask, "M", "mask"), formal(bias, "B"))
    layers = Layers(
        given.stacks[0], partial(_encoder_block, given, inside), STACK_MARKS[0] if both else "", "Encoder",
        {inside.mask: mask, inside.bias: bias},
    )  # fmt: skip
    x = layers(_words(top, "ids", "X_0", length), "X_L")
    found = normed(top, "X_f", x, "f", eps=given.eps, rms=True)
    return _decoded(given, top, found) if both else headed(given.head, top, found)


class _Inside(NamedTuple):
    """What a layer sees beside the stream and its parameters; the last two only in a decoder."""

    mask: Tensor
    bias: Tensor
    seen: Tensor | None = None
    memory: Tensor | None = None


def _decoded(given: _Options, top: Parameters, found: Value) -> Program:
    mask, bias = mask_of("decoder_mask", matrix="M_D"), _bias(top, "BD", "decoder_buckets", at.n)
    seen = mask_of(keys=at.m, matrix="M_X")
    inside = _Inside(
        formal(mask, "M", "mask"), formal(bias, "B"), formal(seen, "M_X", "mask"), formal(found.tensor, "memory")
    )
    shared = stands_for(inside, (mask, bias, seen, found.tensor))
    layers = Layers(given.stacks[1], partial(_decoder_block, given, inside), STACK_MARKS[1], "Decoder", shared)
    x = layers(_words(top, "decoder_ids", "Y_0", at.n), "Y_L")
    last = normed(top, "Y_f", x, "Df", eps=given.eps, rms=True)
    if given.head.kind == "words" and "U" not in top:
        last = named("Y_S", last.letters, last.entry / sqrt(at.d))
    if "W_T" in top:
        return program(labels_of_last(top, last).tensor)
    weight = "W_C" if given.head.kind == "labels" else "U" if "U" in top else "E"
    return headed(given.head, top, last, weight=weight)


def _words(top: Parameters, ids: str, name: str, length: Expr) -> Value:
    return looked_up(name, token_ids(ids, length), top["E"])


def _bias(top: Parameters, symbol: str, buckets: str, length: Expr) -> Tensor:
    """A bias for the distance of query and key, by the bucket that it falls into."""
    h, i, j = indices("h i j")
    bucket = tensor(buckets, length, length, kind="integer", upper=at.n_B)
    return define(f"R_{symbol}", (h, i, j), top[symbol].tensor[bucket[i, j], h])


def _encoder_block(given: _Options, inside: _Inside, own: Parameters, x: Value) -> Value:
    """Attention without a scale, then a feed-forward block, each after a norm and added to the stream."""
    return _fed(given, own, _asked_itself(given, inside, own, x, is_causal=False))


def _decoder_block(given: _Options, inside: _Inside, own: Parameters, x: Value) -> Value:
    """The same, causal, with attention to the encoder between."""
    assert inside.memory is not None
    x = _asked_itself(given, inside, own, x, is_causal=True)
    asks = normed(own, "N_x", x, "x", eps=given.eps, rms=True)
    found = Value(inside.memory, (".", "a"))
    y = attend_to(own, asks, found, HEADS, mark="_x", visible=inside.seen, scale=lift(1))
    return _fed(given, own, plus("X_x", x, y))


def _asked_itself(given: _Options, inside: _Inside, own: Parameters, x: Value, *, is_causal: bool) -> Value:
    first = normed(own, "N_1", x, "1", eps=given.eps, rms=True)
    y = attend_to(own, first, first, HEADS, visible=inside.mask, bias=inside.bias, is_causal=is_causal, scale=lift(1))
    return plus("X_1", x, y)


def _fed(given: _Options, own: Parameters, x: Value) -> Value:
    second = normed(own, "N_2", x, "2", eps=given.eps, rms=True)
    block = gated if given.has_gate else feed_forward
    return plus("X_2", x, block(own, second, given.activation))


def _head(read: Reader, sizes: Sizes) -> Head:
    found = read.model_class(("T5Model", "T5EncoderModel", *WORDS, *LABELS), WORDS[0])
    prefix = "transformer." if found in LABELS[:2] else ""
    sides = ("encoder",) if found in ENCODERS else ("encoder", "decoder")
    shared = f"{prefix}shared.weight"
    names = {f"{prefix}{side}.embed_tokens.weight": shared for side in sides}
    tied = read.flag("tie_word_embeddings", default=True)
    if found in WORDS and tied:
        return Head(found, prefix, "words", (), {**names, "lm_head.weight": shared})
    if found in WORDS:
        return Head(found, prefix, "words", (row("lm_head.weight", "v a", "head", U="v a"),), names)
    if found not in LABELS:
        return Head(found, prefix, tied=names)
    sizes.set(at.n_C, read.labels())
    return Head(found, prefix, "labels", _label_rows(found), names, True)


def _label_rows(model_class: str) -> Rows:
    if model_class == "T5ForSequenceClassification":
        dense = linear("classification_head.dense", "A", "a", "W_T", "a A", "head", bias="b_T")
        return dense + linear("classification_head.out_proj", "l", "a", "W_C", "a l", "head", bias="b_C")
    name = "classifier" if model_class == "T5ForTokenClassification" else "qa_outputs"
    return linear(name, "l", "a", "W_C", "a l", "head", bias="b_C")


def _decoder(read: Reader, sizes: Sizes, has_gate: bool) -> Stack:
    layers = read.layers("num_decoder_layers", default=sizes.numbers[at.L])
    same = layers == sizes.numbers[at.L]
    sizes.set(at.L_D, layers, at.L if same else None)
    return Stack(at.L_D, "decoder.block.{l}.layer.", decoder_rows(has_gate))


def _relative(side: str, mark: str) -> Rows:
    """The bias for the distance of a query and a key, which the first layer holds for all."""
    name = f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    return (row(name, "d h", "attention", **{f"B{mark}": "d h"}),)


def _attention(prefix: str, mark: str = "") -> Rows:
    return attention_rows(prefix, HEADS, bias=False, out_bias=False, names=("q", "k", "v", "o"), mark=mark)


def _feed_forward(prefix: str, has_gate: bool) -> Rows:
    into = (("wi_0", "W_gate"), ("wi_1", "W_up")) if has_gate else (("wi", "W_1"),)
    rows: Rows = ()
    for name, symbol in into:
        rows += linear(prefix + name, "f", "a", symbol, "a f", "feed_forward")
    return rows + linear(prefix + "wo", "a", "f", "W_down" if has_gate else "W_2", "f a", "feed_forward")


def encoder_rows(has_gate: bool) -> Rows:
    """The tensors of a layer of the encoder."""
    return (
        *_attention("0.SelfAttention."),
        *norm("0.layer_norm", "1", bias=False),
        *_feed_forward("1.DenseReluDense.", has_gate),
        *norm("1.layer_norm", "2", bias=False),
    )


def decoder_rows(has_gate: bool) -> Rows:
    """The tensors of a layer of the decoder."""
    return (
        *_attention("0.SelfAttention."),
        *norm("0.layer_norm", "1", bias=False),
        *_attention("1.EncDecAttention.", "_x"),
        *norm("1.layer_norm", "x", bias=False),
        *_feed_forward("2.DenseReluDense.", has_gate),
        *norm("2.layer_norm", "2", bias=False),
    )
