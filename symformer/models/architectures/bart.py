"""BART: an encoder and a decoder with learned positions after two unused rows, layer norm after each block."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from sympy import Expr

from symformer.models import letters as at
from symformer.models.architecture import STACK_MARKS, Architecture
from symformer.models.attention import attend_to
from symformer.models.bidirectional import labels_of_last
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, head_size, heads_of, learned_positions
from symformer.models.streams import Layers, formal, headed, mask_of, stands_for, token_ids, top_of, whole_positions
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Tensor, Written, lift, sqrt
from symformer.programs import Program, program

MODEL_TYPE = "bart"
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
    decoder = _decoder(read, sizes)
    outside = prefixed(head.prefix, _words(head) + _side("encoder.", "", "0") + _side("decoder.", "D", "D0"))
    encoder = Stack(at.L, "encoder.layers.{l}.", layer_rows("h c", "f"))
    stacks = tuple(Stack(stack.layers, head.prefix + stack.prefix, stack.rows) for stack in (encoder, decoder))
    activation = read.choice("activation_function", among=ACTIVATIONS, default="gelu")
    scale = sqrt(at.d) if read.flag("scale_embedding", default=False) else lift(1)
    given = _Options(head, outside, stacks, _decoder_heads(sizes), activation, scale)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, outside + head.rows, stacks, partial(_write, given),
        head.tied, {at.L_D: ("K", "V", "Kx", "Vx")},
    )  # fmt: skip


class _Options(NamedTuple):
    """What the program depends on beside sizes."""

    head: Head
    outside: Rows
    stacks: tuple[Stack, ...]
    decoder_heads: Heads
    activation: str
    scale: Written


def _decoder_heads(sizes: Sizes) -> Heads:
    return Heads("k", "k", (("", "D"),)) if at.H_D in sizes.numbers else Heads("h", "h")


def _write(given: _Options) -> Program:
    """An encoder over m words, and a decoder over n that asks it."""
    top = top_of(given.outside, given.head)
    mask, seen = mask_of(rows=at.m, keys=at.m), mask_of(keys=at.m, matrix="M_X")
    inside = _Inside(formal(mask, "M", "mask"))
    block = partial(_encoder_block, given, inside)
    layers = Layers(given.stacks[0], block, STACK_MARKS[0], "Encoder", {inside.mask: mask})
    found = layers(_begin(given, top, "X", at.m, ("ids", "positions"), ("E", "P", "0")), "X_L")
    own = mask_of("decoder_mask", matrix="M_D")
    inside = _Inside(formal(own, "M", "mask"), formal(seen, "M_X", "mask"), formal(found.tensor, "memory"))
    shared = stands_for(inside, (own, seen, found.tensor))
    layers = Layers(given.stacks[1], partial(_decoder_block, given, inside), STACK_MARKS[1], "Decoder", shared)
    tables = ("E_D" if "E_D" in top else "E", "PD", "D0")
    return _headed(
        given, top, layers(_begin(given, top, "Y", at.n, ("decoder_ids", "decoder_positions"), tables), "Y_L")
    )


class _Inside(NamedTuple):
    """What a layer sees beside the stream and its parameters; the last two only in a decoder."""

    mask: Tensor
    seen: Tensor | None = None
    memory: Tensor | None = None


def _begin(
    given: _Options, top: Parameters, name: str, length: Expr, inputs: tuple[str, str], tables: tuple[str, str, str]
) -> Value:
    """Words, scaled or not, and positions, and the norm of their sum."""
    found = looked_up(f"{name}_W", token_ids(inputs[0], length), top[tables[0]])
    if given.scale != lift(1):
        found = named(f"{name}_S", found.letters, given.scale * found.entry)
    places = looked_up(f"{name}_P", whole_positions(at.n_r, inputs[1], length), top[tables[1]])
    return normed(top, f"{name}_0", plus(f"{name}_1", found, places), tables[2], eps=EPS)


def _encoder_block(given: _Options, inside: _Inside, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each added to the stream and then normalised."""
    x = normed(own, "N_1", plus("X_1", x, attend_to(own, x, x, Heads("h", "h"), visible=inside.mask)), "1", eps=EPS)
    return _fed(given, own, x)


def _decoder_block(given: _Options, inside: _Inside, own: Parameters, x: Value) -> Value:
    """The same, causal, with attention to the encoder between."""
    assert inside.memory is not None
    heads, size = given.decoder_heads, at.d_kD if given.decoder_heads.query == "k" else at.d_k
    y = attend_to(own, x, x, heads, size=size, is_causal=True, visible=inside.mask)
    x = normed(own, "N_1", plus("X_1", x, y), "1", eps=EPS)
    y = attend_to(own, x, Value(inside.memory, (".", "a")), heads, mark="_x", size=size, visible=inside.seen)
    return _fed(given, own, normed(own, "N_x", plus("X_x", x, y), "x", eps=EPS))


def _fed(given: _Options, own: Parameters, x: Value) -> Value:
    hidden = own["W_1"].letters[1]
    return normed(own, "N_2", plus("X_2", x, feed_forward(own, x, given.activation, hidden=hidden)), "2", eps=EPS)


def _headed(given: _Options, top: Parameters, x: Value) -> Program:
    if "W_T" not in top:
        return headed(given.head, top, x, weight="W_C" if "W_C" in top else "U" if "U" in top else "E")
    return program(labels_of_last(top, x).tensor)


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
    rows = (
        layer_rows(axes, letter)
        + _attention("encoder_attn", axes, "_x")
        + norm("encoder_attn_layer_norm", "x", bias=True)
    )
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
        rows += linear(
            f"{prefix}.{name}", f"({heads})", "a", f"W_{kind}{mark}", letters, "attention", bias=f"b_{kind}{mark}"
        )
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
    sizes.set(
        at.n_C, read.labels() if "id2label" in read.data or not classifies else read.size("num_labels", default=3)
    )
    rows = _classifier() if classifies else linear("qa_outputs", "l", "a", "W_C", "a l", "head", bias="b_C")
    return Head(found, prefix, "labels", rows, names, True)


def _classifier() -> Rows:
    return linear("classification_head.dense", "A", "a", "W_T", "a A", "head", bias="b_T") + linear(
        "classification_head.out_proj", "l", "a", "W_C", "a l", "head", bias="b_C"
    )
