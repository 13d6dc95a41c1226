"""What models of an encoder and a decoder share: two stacks, what the second sees of the first, and their heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sympy import Expr

from symformer.models import letters as at
from symformer.models.architecture import STACK_MARKS
from symformer.models.bidirectional import labels_of_last
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, feed_forward_rows, linear, norm
from symformer.models.sizes import Sizes, head_size
from symformer.models.streams import Layers, formal, headed, mask_of, memory, stands_for, top_of
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import Head
from symformer.notation import Tensor
from symformer.programs import Program, program

CACHED = ("K", "V", "K_x", "V_x")  # what decoding keeps of a layer


class Side(NamedTuple):
    """One of the two stacks.

    Attributes:
        stream: what its stream is called.
        inputs: what stands before the names of its inputs.
        length: how many positions it has.
        keys: how many of them its attention to itself sees.
        mark: what its symbols outside the layers are called by.
    """

    stream: str
    inputs: str
    length: Expr
    keys: Expr
    mark: str


ALONE = Side("X", "", at.n, at.n, "")
ENCODER = Side("X", "", at.m, at.m, "")
DECODER = Side("Y", "decoder_", at.n, at.n, "D")


class Inside(NamedTuple):
    """What a layer sees beside the stream and its parameters; the last two only in a decoder."""

    mask: Tensor | None = None
    bias: Tensor | None = None
    seen: Tensor | None = None
    memory: Tensor | None = None

    @property
    def found(self) -> Value:
        """What the encoder found."""
        assert self.memory is not None
        return Value(self.memory, (".", "a"))


@dataclass(frozen=True)
class Plan:
    """Where models of an encoder and a decoder differ.

    Attributes:
        head: what stands on top.
        outside: the tensors outside the layers.
        stacks: the encoder's layers and the decoder's, or one of an encoder alone.
        begin: the stream before the first layer of a side.
        block: what a layer does to the stream; in a decoder it sees a memory.
        end: the stream after the last layer of a side, normalised or not.
        scaled: what happens to it before the head.
        bias: what is added to the scores of a side, or None.
        masked: whether what an encoder reads may have padding.
    """

    head: Head
    outside: Rows
    stacks: tuple[Stack, ...]
    begin: Callable[[Parameters, Side], Value]
    block: Callable[[Inside, Parameters, Value], Value]
    end: Callable[[Parameters, Side, Value], Value] = lambda top, side, x: x
    scaled: Callable[[Parameters, Value], Value] = lambda top, x: x
    bias: Callable[[Parameters, Side], Tensor] | None = None
    masked: bool = True


def write(plan: Plan, *, cached: bool = False) -> Program:
    """The encoder over m positions and the decoder over n that asks it; `cached` is the decoder alone.

    The decoder then reads keys and values of its own positions so far, and of the encoder's, from a cache.
    """
    top = top_of(plan.outside, plan.head)
    if len(plan.stacks) == 1:
        return headed(plan.head, top, _encoded(plan, top, ALONE))
    found = memory() if cached else _encoded(plan, top, ENCODER)
    side = DECODER._replace(keys=at.n_K) if cached else DECODER
    return _headed(plan, top, plan.scaled(top, _decoded(plan, top, side, found)))


def _encoded(plan: Plan, top: Parameters, side: Side) -> Value:
    """What the encoder finds."""
    mask = mask_of(rows=side.length, keys=side.length) if plan.masked else None
    bias = plan.bias(top, side) if plan.bias is not None else None
    inside = Inside(mask and formal(mask, "M", "mask"), bias and formal(bias, "B"))
    mark = STACK_MARKS[0] if len(plan.stacks) > 1 else ""
    layers = _layers(plan, plan.stacks[0], inside, (mask, bias), mark, "Encoder", None)
    return plan.end(top, side, layers(plan.begin(top, side), f"{side.stream}_L"))


def _decoded(plan: Plan, top: Parameters, side: Side, found: Value) -> Value:
    """What the decoder makes of its own positions and of what the encoder found."""
    mask = mask_of("decoder_mask", keys=side.keys, matrix="M_D")
    seen = mask_of(keys=at.m, matrix="M_X") if plan.masked else None
    bias = plan.bias(top, side) if plan.bias is not None else None
    inside = Inside(formal(mask, "M", "mask"), bias and formal(bias, "B"), seen and formal(seen, "M_X", "mask"),
                    formal(found.tensor, "memory"))  # fmt: skip
    cached = side.keys if side.keys != side.length else None
    outside = (mask, bias, seen, found.tensor)
    layers = _layers(plan, plan.stacks[1], inside, outside, STACK_MARKS[1], "Decoder", cached)
    return plan.end(top, side, layers(plan.begin(top, side), f"{side.stream}_L"))


def _layers(
    plan: Plan, stack: Stack, inside: Inside, outside: tuple[Tensor | None, ...], mark: str, title: str,
    cached: Expr | None,
) -> Layers:  # fmt: skip
    shared = stands_for(inside[: len(outside)], outside)

    def block(own: Parameters, x: Value) -> Value:
        return plan.block(inside, own, x)

    return Layers(stack, block, mark, title, shared, cached=cached)


def _headed(plan: Plan, top: Parameters, x: Value) -> Program:
    """Scores over words or labels; labels of a sequence are read off where it ends."""
    if "W_T" in top:
        return program(labels_of_last(top, x).tensor)
    return headed(plan.head, top, x, weight="W_C" if "W_C" in top else "U" if "U" in top else "E")


def head_of(
    read: Reader, model_class: str, prefix: str, *, words: bool, sides: tuple[str, ...], labels: Rows = (),
    weight: str = "lm_head.weight",
) -> Head:  # fmt: skip
    """The head of a class: over words, tied to the embedding that both sides share or not, over labels, or none."""
    tied = read.flag("tie_word_embeddings", default=True)
    shared = f"{prefix}shared.weight"
    names = {f"{prefix}{side}.embed_tokens.weight": shared for side in sides}
    if words and tied:
        return Head(model_class, prefix, "words", (), {**names, weight: shared})
    if words:
        return Head(model_class, prefix, "words", (row(weight, "v a", "head", U="v a"),), names)
    if labels:
        return Head(model_class, prefix, "labels", labels, names, True)
    return Head(model_class, prefix, tied=names)


def sequence_label_rows() -> Rows:
    """A dense layer and the labels of a sequence."""
    return linear("classification_head.dense", "A", "a", "W_T", "a A", "head", bias="b_T") + linear(
        "classification_head.out_proj", "l", "a", "W_C", "a l", "head", bias="b_C"
    )


def attention_to(prefix: str, heads: str, mark: str, *, key_bias: bool = True) -> Rows:
    """The projections of an attention that has biases; `heads` are the letters of heads and of their features."""
    rows: Rows = ()
    for name, kind in (("q_proj", "Q"), ("k_proj", "K"), ("v_proj", "V")):
        bias = f"b_{kind}{mark}" if key_bias or kind != "K" else ""
        rows += linear(f"{prefix}.{name}", f"({heads})", "a", f"W_{kind}{mark}", f"a {heads}", "attention", bias=bias)
    return rows + linear(
        f"{prefix}.out_proj", "a", f"({heads})", f"W_O{mark}", f"{heads} a", "attention", bias=f"b_O{mark}"
    )


def decoder_heads(sizes: Sizes) -> Heads:
    """The axes of a decoder's heads, which have letters of their own where they differ from the encoder's."""
    return Heads("k", "k", (("", "D"),)) if at.H_D in sizes.numbers else Heads("h", "h")


def decoder_stack(read: Reader, sizes: Sizes, *, key_bias: bool = True) -> Stack:
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
        layer_rows(axes, letter, key_bias=key_bias)
        + attention_to("encoder_attn", axes, "_x", key_bias=key_bias)
        + norm("encoder_attn_layer_norm", "x", bias=True)
    )
    return Stack(at.L_D, "decoder.layers.{l}.", rows)


def layer_rows(heads: str, hidden: str, *, key_bias: bool = True) -> Rows:
    """The tensors of a layer of the encoder, and of a decoder's without its attention to the encoder."""
    return (
        *attention_to("self_attn", heads, "", key_bias=key_bias),
        *norm("self_attn_layer_norm", "1", bias=True),
        *feed_forward_rows("fc1", "fc2", bias=True, hidden=hidden),
        *norm("final_layer_norm", "2", bias=True),
    )
