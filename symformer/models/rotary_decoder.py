"""What LLaMA and its descendants share: rotary positions, RMS norm, gated feed-forward blocks."""

from __future__ import annotations

from dataclasses import dataclass

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, attention_rows, gated_rows, head_norm_rows, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of, rotate
from symformer.models.tasks import decoder_head

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj")
PRE_NORMS = (("input_layernorm", "1"), ("post_attention_layernorm", "2"))


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
    """

    family: str
    bias: bool = False
    out_bias: bool = False
    head_norm: bool = False
    norms: tuple[tuple[str, str], ...] = PRE_NORMS
    tied: bool = False
    head_size: int | None = None
    key_heads: int | None = None


def start(read: Reader, plan: Plan) -> tuple[Sizes, Heads]:
    """The sizes of the stream and of attention."""
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(
        read, sizes, "num_attention_heads", key_default=plan.key_heads, head_default=plan.head_size
    )
    return sizes, rotate(read, sizes, heads)


def finish(read: Reader, plan: Plan, sizes: Sizes, stacks: tuple[tuple[Stack, Rows], ...]) -> Architecture:
    """The whole model around its layers; the rows of each stack go under its prefix."""
    tied = read.flag("tie_word_embeddings", default=plan.tied)
    head = decoder_head(read, sizes, plan.family, prefix="model.", embedding="embed_tokens.weight", tied=tied)
    outside = (row("embed_tokens.weight", "v a", "embedding", E="v a"), *norm("norm", "f", bias=False))
    layers = tuple(Stack(stack.layers, head.prefix + stack.prefix, rows, stack.first) for stack, rows in stacks)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, layers, head.tied
    )


def attention_part(plan: Plan, heads: Heads) -> Rows:
    """The tensors of attention and the norms of a layer."""
    norms = tuple(stored for name, number in plan.norms for stored in norm(name, number, bias=False))
    rows = attention_rows("self_attn.", heads, bias=plan.bias, out_bias=plan.out_bias, names=PROJECTIONS)
    if plan.head_norm:
        rows += head_norm_rows("self_attn.q_norm", "self_attn.k_norm", heads, bias=False)
    return norms + rows


def describe_gated(read: Reader, plan: Plan, *, bias: bool = False) -> Architecture:
    """A model whose layers all have a gated feed-forward block."""
    sizes, heads = start(read, plan)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    rows = attention_part(plan, heads) + gated_rows("mlp.", bias=bias)
    return finish(read, plan, sizes, ((Stack(at.L, "layers.{l}.", ()), rows),))
