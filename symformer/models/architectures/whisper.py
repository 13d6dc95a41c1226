"""Whisper: an encoder over log-mel frames, halved in number by two convolutions, and a decoder over words."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.encoder_decoder import (
    CACHED,
    Inside,
    Plan,
    Side,
    decoder_heads,
    decoder_stack,
    layer_rows,
    write,
)
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of
from symformer.models.streams import token_ids, whole_positions
from symformer.models.symbols import Parameters, Value, given, named
from symformer.models.tasks import Head
from symformer.notation import delta, lift, sum
from symformer.ops import gelu
from symformer.programs import define

MODEL_TYPE = "whisper"
RUNS = True  # its outputs are held against the transformers library
EPS = 1e-5
CLASSES = ("WhisperForConditionalGeneration", "WhisperModel")


def describe(read: Reader) -> Architecture:
    """A Whisper of this configuration; its encoder reads twice as many log-mel frames as it has positions.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Radford et al. 2022, arXiv:2212.04356.
    """
    sizes = basic(read, width=("d_model", "hidden_size"), layers=("encoder_layers", "num_hidden_layers"))
    heads_of(read, sizes, "encoder_attention_heads", "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("encoder_ffn_dim"))
    sizes.set(at.C, read.size("num_mel_bins", default=80))
    heard = sizes.set(at.n_S, read.size("max_source_positions", default=1500))
    sizes.set(at.n_ctx, read.size("max_target_positions", default=448))
    head = _head(read)
    encoder = Stack(at.L, "encoder.layers.{l}.", layer_rows("h c", "f", key_bias=False))
    both = (encoder, decoder_stack(read, sizes, key_bias=False))
    stacks = tuple(Stack(stack.layers, head.prefix + stack.prefix, stack.rows) for stack in both)
    options = _Options(decoder_heads(sizes), read.choice("activation_function", among=ACTIVATIONS, default="gelu"))
    outside = prefixed(head.prefix, _encoder_rows() + _decoder_rows())
    read.ignore("scale_embedding")  # the published code reads it and scales nothing
    plan = Plan(head, outside, stacks, _begin, partial(_block, options), _end, masked=False)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, partial(write, plan),
        head.tied, {at.L_D: CACHED}, memory="X_f", last="Y_f", frames=2 * heard,
        tokens={"padding": 50256, "end": 50256, "start": 50257},
    )  # fmt: skip


class _Options(NamedTuple):
    """What a layer depends on beside sizes."""

    decoder_heads: Heads
    activation: str


def _begin(top: Parameters, side: Side) -> Value:
    """Frames through two convolutions, or words; each with positions."""
    if side.mark:
        found = looked_up(f"{side.stream}_W", token_ids(f"{side.inputs}ids", side.length), top["E"])
        positions = whole_positions(at.n_ctx, f"{side.inputs}positions", side.length)
    else:
        found = _halved(top, _first_convolution(top))
        positions = whole_positions(at.n_S, "positions", side.length)
    places = looked_up(f"{side.stream}_P", positions, top[f"P{side.mark}"])
    return plus(f"{side.stream}_0", found, places)


def _first_convolution(top: Parameters) -> Value:
    """Each frame with those beside it: two frames at each later position."""
    seen = given("frames", "m 2 I 3")
    return _activated("C_1", top.linear("U_1", seen, "W_C1", "b_C1", "m 2 a"))


def _halved(top: Parameters, frames: Value) -> Value:
    """Every second frame with those beside it; before the first stands a frame of zeros."""
    i, j, a, b = at.INDEX["m"], at.INDEX[":"], at.INDEX["a"], at.INDEX["A"]
    before = define("C_0", ((i, at.m), b), sum(delta(i, lift(j) + 1) * frames.tensor[j, 2, b], j))
    seen = (before[i, b], frames.tensor[i, 1, b], frames.tensor[i, 2, b])
    weight = top["W_C2"].tensor
    total = sum(seen[0] * weight[b, 1, a], b) + sum(seen[1] * weight[b, 2, a], b) + sum(seen[2] * weight[b, 3, a], b)
    found = _activated("C_2", named("U_2", "m a", total + top["b_C2"].entry))
    return Value(found.tensor, (".", "a"))


def _activated(name: str, x: Value) -> Value:
    return named(name, x.letters, gelu(x.entry))


def _end(top: Parameters, side: Side, x: Value) -> Value:
    return normed(top, f"{side.stream}_f", x, f"{side.mark}f", eps=EPS)


def _block(options: _Options, inside: Inside, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each after a norm and added to the stream.

    In a decoder the first is causal, and attention to the encoder stands between.
    """
    decodes = inside.memory is not None
    heads = options.decoder_heads if decodes else Heads("h", "h")
    size = at.d_kD if heads.query == "k" else at.d_k
    first = normed(own, "N_1", x, "1", eps=EPS)
    x = plus("X_1", x, attend_to(own, first, first, heads, size=size, is_causal=decodes, visible=inside.mask))
    if decodes:
        asks = normed(own, "N_x", x, "x", eps=EPS)
        x = plus("X_x", x, attend_to(own, asks, inside.found, heads, mark="_x", size=size))
    fed = feed_forward(own, normed(own, "N_2", x, "2", eps=EPS), options.activation, hidden=own["W_1"].letters[1])
    return plus("X_2", x, fed)


def _encoder_rows() -> Rows:
    """The two convolutions, the positions of what they leave, and the last norm."""
    return prefixed("encoder.", (
        row("conv1.weight", "a I 3", "embedding", W_C1="I 3 a"),
        row("conv1.bias", "a", "embedding", b_C1="a"),
        row("conv2.weight", "a A 3", "embedding", W_C2="A 3 a"),
        row("conv2.bias", "a", "embedding", b_C2="a"),
        row("embed_positions.weight", "S a", "embedding", P="S a"),
        *norm("layer_norm", "f", bias=True),
    ))  # fmt: skip


def _decoder_rows() -> Rows:
    """Words, their positions, and the last norm."""
    return prefixed("decoder.", (
        row("embed_tokens.weight", "v a", "embedding", E="v a"),
        row("embed_positions.weight", "p a", "embedding", PD="p a"),
        *norm("layer_norm", "Df", bias=True),
    ))  # fmt: skip


def _head(read: Reader) -> Head:
    found = read.model_class(CLASSES, CLASSES[0])
    tied = read.flag("tie_word_embeddings", default=True)
    read.ignore("classifier_proj_size", "use_weighted_layer_sum")
    if found == "WhisperModel":
        return Head(found)
    if tied:
        return Head(found, "model.", "words", (), {"proj_out.weight": "model.decoder.embed_tokens.weight"})
    return Head(found, "model.", "words", linear("proj_out", "v", "a", "U", "v a", "head"))
