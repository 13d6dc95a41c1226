"""T5: an encoder and a decoder with relative positions in buckets, RMS norm before each block, no biases."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.blocks import ACTIVATIONS, feed_forward, gated, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.encoder_decoder import CACHED, Inside, Plan, Side, head_of, sequence_label_rows, write
from symformer.models.layout import Stack, row
from symformer.models.places import Buckets
from symformer.models.rows import Heads, Rows, attention_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic
from symformer.models.streams import token_ids
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Tensor, indices, lift, sqrt, tensor
from symformer.programs import define

MODEL_TYPE = "t5"
RUNS = True  # its outputs are held against the transformers library
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
    number = sizes.set(at.n_B, read.size("relative_attention_num_buckets", default=32))
    buckets = Buckets(number, read.size("relative_attention_max_distance", default=128))
    known = [prefix + name for prefix in ("", "gated-") for name in ACTIVATIONS]
    feed = read.choice("feed_forward_proj", among=known, default="relu")
    has_gate = feed.startswith("gated-")
    read.ignore("n_positions", "is_gated_act", "dense_act_fn")
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
    tied = read.flag("tie_word_embeddings", default=True)
    scaled = read.flag("scale_decoder_outputs", default=tied) and head.kind == "words"
    options = _Options(eps, has_gate, _activation(feed), scaled)
    plan = Plan(head, outside, stacks, _begin, partial(_block, options), partial(_end, options),
                partial(_scaled, options), _bias)  # fmt: skip
    both = len(stacks) == 2
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, partial(write, plan),
        head.tied, {at.L_D: CACHED} if both else {}, memory="X_f", last="Y_f" if both else "", buckets=buckets,
        tokens={"padding": 0, "end": 1},
        instead={"lm_head.weight": "shared.weight"} if head.kind == "words" else {},
    )  # fmt: skip


def _activation(feed: str) -> str:
    """The activation of a feed-forward block; gated GELU is the tanh form."""
    return "gelu_new" if feed == "gated-gelu" else feed.removeprefix("gated-")


class _Options(NamedTuple):
    """What the program depends on beside sizes."""

    eps: float
    has_gate: bool
    activation: str
    scaled: bool


def _begin(top: Parameters, side: Side) -> Value:
    """Words alone."""
    return looked_up(f"{side.stream}_0", token_ids(f"{side.inputs}ids", side.length), top["E"])


def _bias(top: Parameters, side: Side) -> Tensor:
    """A bias for the distance of query and key, by the bucket that it falls into."""
    h, i, j = indices("h i j")
    bucket = tensor(f"{side.inputs}buckets", side.length, side.keys, kind="integer", upper=at.n_B)
    return define(f"R_B{side.mark}", (h, i, j), top[f"B{side.mark}"].tensor[bucket[i, j], h])


def _end(options: _Options, top: Parameters, side: Side, x: Value) -> Value:
    return normed(top, f"{side.stream}_f", x, f"{side.mark}f", eps=options.eps, rms=True)


def _scaled(options: _Options, top: Parameters, x: Value) -> Value:
    """The stream over √d where the head over words is the embedding, or the configuration asks for it."""
    return named("Y_S", x.letters, x.entry / sqrt(at.d)) if options.scaled else x


def _block(options: _Options, inside: Inside, own: Parameters, x: Value) -> Value:
    """Attention without a scale, then a feed-forward block, each after a norm and added to the stream.

    In a decoder the first is causal, and attention to the encoder stands between.
    """
    decodes, norm_by = inside.memory is not None, partial(normed, own, eps=options.eps, rms=True)
    first = norm_by("N_1", x, "1")
    rules: dict[str, Any] = {"visible": inside.mask, "bias": inside.bias, "is_causal": decodes, "scale": lift(1)}
    x = plus("X_1", x, attend_to(own, first, first, HEADS, **rules))
    if decodes:
        asks = norm_by("N_x", x, "x")
        y = attend_to(own, asks, inside.found, HEADS, mark="_x", visible=inside.seen, scale=lift(1))
        x = plus("X_x", x, y)
    block = gated if options.has_gate else feed_forward
    return plus("X_2", x, block(own, norm_by("N_2", x, "2"), options.activation))


def _head(read: Reader, sizes: Sizes) -> Head:
    found = read.model_class(("T5Model", "T5EncoderModel", *WORDS, *LABELS), WORDS[0])
    prefix = "transformer." if found in LABELS[:2] else ""
    sides = ("encoder",) if found in ENCODERS else ("encoder", "decoder")
    labels: Rows = ()
    if found in LABELS:
        sizes.set(at.n_C, read.labels())
        labels = _label_rows(found)
    return head_of(read, found, prefix, words=found in WORDS, sides=sides, labels=labels)


def _label_rows(model_class: str) -> Rows:
    if model_class == "T5ForSequenceClassification":
        return sequence_label_rows()
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
