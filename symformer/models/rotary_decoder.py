"""What LLaMA and its descendants share: rotary positions, RMS norm, gated feed-forward blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sympy import Expr

from symformer.models import letters as at
from symformer.models.architecture import STACK_MARKS, Architecture
from symformer.models.attention import Rotation, attend_to, rotation, turned
from symformer.models.blocks import ACTIVATIONS, gated, looked_up, normed, normed_from_one, normed_heads, plus
from symformer.models.config import Reader
from symformer.models.experts import chosen_experts
from symformer.models.layout import Stack, row
from symformer.models.rope import Rope, rope_of, rotate
from symformer.models.rows import Heads, Rows, attention_rows, gated_rows, head_norm_rows, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of
from symformer.models.streams import Layers, formal, headed, mask_of, token_ids, top_of
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head, decoder_head
from symformer.notation import Tensor, sqrt, tensor
from symformer.programs import Program

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj")
PRE_NORMS = (("input_layernorm", "1"), ("post_attention_layernorm", "2"))
WINDOW = tensor("window", kind="integer")
FeedForward = Callable[[Parameters, Value], Value]


@dataclass(frozen=True)
class Plan:
    """Where a descendant of LLaMA differs.

    Attributes:
        family: what the names of its classes begin with.
        bias: whether queries, keys and values have biases.
        out_bias: whether the projection after attention has one.
        head_norm: whether queries and keys are normalised head by head.
        norms: the norms of a layer and the number of each.
        tied: whether the head is the embedding, where the configuration does not say.
        head_size: the size of a head where the configuration does not say; None for d/H.
        key_heads: the heads of keys where the configuration does not say; None for one each.
        rope_base: the base of rotary positions where the configuration does not say.
        eps: the ε of norms where the configuration does not say.
        from_one: whether the scale of a norm is 1 + γ, and the embedding is scaled by √d.
        softcap: the cap on scores, or None.
        last_cap: the cap on logits, or None.
        scale: what scores are multiplied by, or None for one over the root of a head's size.
        rope: rotary positions, where the configuration has them in a way of its own.
        gelu_is_tanh: whether "gelu" means its tanh form: a slip in Gemma's first configurations, which its code mends.
        stretching: how rotary positions are stretched where the configuration does not say, or None for not at all.
    """

    family: str
    bias: bool = False
    out_bias: bool = False
    head_norm: bool = False
    norms: tuple[tuple[str, str], ...] = PRE_NORMS
    tied: bool = False
    head_size: int | None = None
    key_heads: int | None = None
    rope_base: float = 10000.0
    eps: float = 1e-6
    from_one: bool = False
    softcap: float | None = None
    last_cap: float | None = None
    scale: Expr | None = None
    rope: Rope | None = None
    gelu_is_tanh: bool = False
    stretching: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Numbers:
    """What the configuration says beside sizes.

    Attributes:
        eps: the ε of norms.
        rope: rotary positions.
        activation: of the feed-forward block.
        ropes: those of each layer, where layers differ in them.
        windows: for each layer how many keys a query sees at most, or None for all; empty for all everywhere.
    """

    eps: float
    rope: Rope
    activation: str
    windows: tuple[int | None, ...] = ()
    ropes: tuple[Rope, ...] = ()

    @property
    def window(self) -> int | None:
        """The window where all layers have the same."""
        return self.windows[0] if len(set(self.windows)) == 1 else None

    @property
    def mixed(self) -> bool:
        """Whether layers differ in their windows."""
        return len(set(self.windows)) > 1


def start(read: Reader, plan: Plan, *, activation: tuple[str, ...] = ("hidden_act",)) -> tuple[Sizes, Heads, Numbers]:
    """The sizes of the stream and of attention, and what else the configuration says."""
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_default=plan.key_heads, head_default=plan.head_size)
    return sizes, rotate(read, sizes, heads), numbers_of(read, plan, activation)


def numbers_of(read: Reader, plan: Plan, activation: tuple[str, ...] = ("hidden_act",)) -> Numbers:
    """What the configuration says beside sizes, without windows."""
    eps = read.number("rms_norm_eps", default=plan.eps)
    read.ignore("max_position_embeddings")  # rotary positions have no table
    usual = "gelu_pytorch_tanh" if plan.from_one else "silu"
    chosen = read.choice(read.first(*activation), among=ACTIVATIONS, default=usual)
    if plan.gelu_is_tanh and chosen == "gelu":
        chosen = usual
    return Numbers(eps, plan.rope or rope_of(read, base=plan.rope_base, usual=plan.stretching), chosen)


def finish(
    read: Reader, plan: Plan, sizes: Sizes, numbers: Numbers, stacks: tuple[tuple[Stack, Rows, Block], ...],
    cached: tuple[str, ...] = ("K_rope", "V"), **more: Any,
) -> Architecture:  # fmt: skip
    """The whole model around its layers; the rows of each stack go under its prefix, `more` into the description."""
    tied = read.flag("tie_word_embeddings", default=plan.tied)
    head = decoder_head(read, sizes, plan.family, prefix="model.", embedding="embed_tokens.weight", tied=tied)
    outside = (row("embed_tokens.weight", "v a", "embedding", E="v a"), *norm("norm", "f", bias=False))
    layers = tuple(replace(stack, prefix=head.prefix + stack.prefix, rows=rows) for stack, rows, _ in stacks)
    blocks = tuple(block for _, _, block in stacks)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, layers,
        partial(write, plan, numbers, head, outside, layers, blocks), head.tied,
        {stack.layers: cached for stack in layers}, numbers.windows, numbers.rope, **more,
    )  # fmt: skip


def write(
    plan: Plan, numbers: Numbers, head: Head, outside: Rows, stacks: tuple[Stack, ...], blocks: tuple[Block, ...],
    *, cached: bool = False, given: bool = False,
) -> Program:  # fmt: skip
    """The program: embedding, layers, a last norm, a head."""
    top = top_of(outside, head)
    x = looked_up("X_0", token_ids(), top["E"])
    if plan.from_one:
        x = named("X_00", x.letters, sqrt(at.d) * x.entry)
    mask = mask_of(keys=at.m if cached else at.n)
    turn = rotation(numbers.rope, given=given)
    frequency = tensor("frequency", at.d_p)
    if numbers.ropes:
        turn = Rotation(frequency, numbers.rope.factor)
    inside = Inside(formal(mask, "M", "mask"), tensor("positions", at.n), turn, _window(numbers))
    marks = STACK_MARKS if len(stacks) > 1 else ("",)
    for stack, block, mark in zip(stacks, blocks, marks, strict=True):
        each = {one: replace(one, name=f"{one.name}s{mark}", shape=(stack.layers, *one.shape))
                for one in (WINDOW, chosen_experts())}  # fmt: skip
        each[frequency] = tensor("frequencies", stack.layers, at.d_p)
        layers = Layers(stack, partial(block, inside), mark, shared={inside.mask: mask}, each=each,
                        cached=at.m if cached else None)  # fmt: skip
        x = layers(x, f"X_{stack.layers.name}")
    last = norm_of(plan, numbers, top, "X_f", x, "f")
    return headed(head, top, last, cap=plan.last_cap)


@dataclass(frozen=True)
class Inside:
    """What the layers see of the model beside the stream and their parameters."""

    mask: Tensor
    positions: Tensor
    rotation: Any
    window: Any


Block = Callable[[Inside, Parameters, Value], Value]


def _window(numbers: Numbers) -> Any:
    return WINDOW[()] if numbers.mixed else numbers.window


def norm_of(plan: Plan, numbers: Numbers, own: Parameters, name: str, x: Value, number: str) -> Value:
    """A norm of the kind that the model has."""
    if plan.from_one:
        return normed_from_one(own, name, x, number, eps=numbers.eps)
    return normed(own, name, x, number, eps=numbers.eps, rms=True)


def attention_part(plan: Plan, heads: Heads) -> Rows:
    """The tensors of attention and the norms of a layer."""
    norms = tuple(stored for name, number in plan.norms for stored in norm(name, number, bias=False))
    rows = attention_rows("self_attn.", heads, bias=plan.bias, out_bias=plan.out_bias, names=PROJECTIONS)
    if plan.head_norm:
        rows += head_norm_rows("self_attn.q_norm", "self_attn.k_norm", heads, bias=False)
    return norms + rows


def attend(plan: Plan, numbers: Numbers, heads: Heads, inside: Inside, own: Parameters, x: Value) -> Value:
    """Rotary causal attention of a normalised stream to itself."""

    def prepared(parts: list[Value], kind: str) -> list[Value]:
        if plan.head_norm:
            parts = normed_heads(own, parts, kind, eps=numbers.eps, rms=True, from_one=plan.from_one)
        return turned(parts, inside.positions, inside.rotation)

    rules: dict[str, Any] = {"scale": plan.scale} if plan.scale is not None else {}
    if "s_0" in own:
        rules["sink"] = own["s_0"].entry
    return attend_to(
        own, x, x, heads, inside=prepared, is_causal=True, visible=inside.mask, softcap=plan.softcap,
        window=inside.window, **rules,
    )  # fmt: skip


def layer(plan: Plan, numbers: Numbers, heads: Heads, feed: FeedForward) -> Block:
    """A layer: attention, then a feed-forward block, each after a norm and added to the stream."""
    four = len(plan.norms) == 4

    def block(inside: Inside, own: Parameters, x: Value) -> Value:
        norm_by = partial(norm_of, plan, numbers, own)
        y = attend(plan, numbers, heads, inside, own, norm_by("N_1", x, "1"))
        middle = plus("X_1", x, norm_by("N_2", y, "2") if four else y)
        f = feed(own, norm_by("N_3" if four else "N_2", middle, "3" if four else "2"))
        return plus("X_2", middle, norm_by("N_4", f, "4") if four else f)

    return block


def describe_gated(
    read: Reader, plan: Plan, *, bias: bool = False, activation: tuple[str, ...] = ("hidden_act",),
    windows: Callable[[Reader, int], tuple[int | None, ...]] | None = None,
) -> Architecture:  # fmt: skip
    """A model whose layers all have a gated feed-forward block."""
    sizes, heads, numbers = start(read, plan, activation=activation)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    if windows is not None:
        numbers = replace(numbers, windows=windows(read, sizes.numbers[at.L]))
    rows = attention_part(plan, heads) + gated_rows("mlp.", bias=bias)
    block = layer(plan, numbers, heads, partial(_feed, numbers.activation))
    return finish(read, plan, sizes, numbers, ((Stack(at.L, "layers.{l}.", ()), rows, block),))


def _feed(activation: str, own: Parameters, x: Value) -> Value:
    return gated(own, x, activation)
