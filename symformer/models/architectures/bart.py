"""BART: an encoder and a decoder with learned positions after two unused rows, layer norm after each block."""

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
    head_of,
    layer_rows,
    sequence_label_rows,
    write,
)
from symformer.models.layout import Stack, row
from symformer.models.places import Places
from symformer.models.rows import Heads, Rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of, learned_positions
from symformer.models.streams import token_ids, whole_positions
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Written, lift, sqrt

MODEL_TYPE = "bart"
RUNS = True  # its outputs are held against the transformers library
EPS = 1e-5
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
    learned_positions(read, sizes, 1024)
    head = _head(read, sizes)
    decoder = decoder_stack(read, sizes)
    outside = prefixed(head.prefix, _words(head) + _side("encoder.", "", "0") + _side("decoder.", "D", "D0"))
    encoder = Stack(at.L, "encoder.layers.{l}.", layer_rows("h c", "f"))
    stacks = tuple(Stack(stack.layers, head.prefix + stack.prefix, stack.rows) for stack in (encoder, decoder))
    activation = read.choice("activation_function", among=ACTIVATIONS, default="gelu")
    scale = sqrt(at.d) if read.flag("scale_embedding", default=False) else lift(1)
    options = _Options(decoder_heads(sizes), activation, scale)
    plan = Plan(head, outside, stacks, partial(_begin, options), partial(_block, options))
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, partial(write, plan),
        head.tied, {at.L_D: CACHED}, memory="X_L", last="Y_L", places=Places(offset=2),
        tokens={"padding": 1, "end": 2, "start": 2},
    )  # fmt: skip


class _Options(NamedTuple):
    """What the program depends on beside sizes."""

    decoder_heads: Heads
    activation: str
    scale: Written


def _begin(options: _Options, top: Parameters, side: Side) -> Value:
    """Words, scaled or not, and positions, and the norm of their sum."""
    table = "E_D" if side.mark and "E_D" in top else "E"
    found = looked_up(f"{side.stream}_W", token_ids(f"{side.inputs}ids", side.length), top[table])
    if options.scale != lift(1):
        found = named(f"{side.stream}_S", found.letters, options.scale * found.entry)
    positions = whole_positions(at.n_r, f"{side.inputs}positions", side.length)
    places = looked_up(f"{side.stream}_P", positions, top[f"P{side.mark}"])
    return normed(top, f"{side.stream}_0", plus(f"{side.stream}_1", found, places), f"{side.mark}0", eps=EPS)


def _block(options: _Options, inside: Inside, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each added to the stream and then normalised.

    In a decoder the first is causal, and attention to the encoder stands between.
    """
    decodes = inside.memory is not None
    heads = options.decoder_heads if decodes else Heads("h", "h")
    size = at.d_kD if heads.query == "k" else at.d_k
    y = attend_to(own, x, x, heads, size=size, is_causal=decodes, visible=inside.mask)
    x = normed(own, "N_1", plus("X_1", x, y), "1", eps=EPS)
    if decodes:
        y = attend_to(own, x, inside.found, heads, mark="_x", size=size, visible=inside.seen)
        x = normed(own, "N_x", plus("X_x", x, y), "x", eps=EPS)
    fed = feed_forward(own, x, options.activation, hidden=own["W_1"].letters[1])
    return normed(own, "N_2", plus("X_2", x, fed), "2", eps=EPS)


def _words(head: Head) -> Rows:
    """One embedding for both sides and the head, or, untied, one each."""
    shared = row("shared.weight", "v a", "embedding", E_S="v a")
    if head.is_tied:
        return (row("shared.weight", "v a", "embedding", E="v a"),)
    sides = (("encoder", "E"), ("decoder", "E_D"))
    return (
        shared,
        *(row(f"{side}.embed_tokens.weight", "v a", "embedding", **{symbol: "v a"}) for side, symbol in sides),
    )


def _side(prefix: str, mark: str, number: str) -> Rows:
    """The positions of a side and the norm of its embedding."""
    positions = row("embed_positions.weight", "P a", "embedding", **{f"P{mark}": "P a"})
    return prefixed(prefix, (positions, *norm("layernorm_embedding", number, bias=True)))


def _head(read: Reader, sizes: Sizes) -> Head:
    found = read.model_class(CLASSES, "BartForConditionalGeneration")
    words, labels = found == "BartForConditionalGeneration", found not in CLASSES[:2]
    prefix = "" if found == "BartModel" else "model."
    sides = ("encoder", "decoder") if read.flag("tie_word_embeddings", default=True) else ()
    if not labels:
        return head_of(read, found, prefix, words=words, sides=sides)
    classifies = found == "BartForSequenceClassification"
    sizes.set(at.n_C, _labels(read) if classifies else 2)  # the two ends of an answer
    rows = sequence_label_rows() if classifies else linear("qa_outputs", "l", "a", "W_C", "a l", "head", bias="b_C")
    return head_of(read, found, prefix, words=False, sides=sides, labels=rows)


def _labels(read: Reader) -> int:
    """The labels of sequences; three where the configuration does not say."""
    return read.labels() if "id2label" in read.data else read.size("num_labels", default=3)
