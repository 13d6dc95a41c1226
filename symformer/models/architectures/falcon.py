"""Falcon: one head of keys for all queries, or groups of them; attention and feed-forward side by side."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to, distances, rotation, turned
from symformer.models.blocks import ACTIVATIONS, feed_forward, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rope import Rope, rope_of, rotate
from symformer.models.rows import Heads, Rows, feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of, hidden_size
from symformer.models.streams import decoder_program, formal, last_norm, words
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import Head, decoder_head
from symformer.notation import Tensor, sqrt, tensor
from symformer.programs import Program

MODEL_TYPE = "falcon"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Falcon of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Almazrouei et al. 2023, arXiv:2311.16867.
    """
    sizes = basic(read, width=("hidden_size", "n_embed"), layers=("num_hidden_layers", "n_layer"))
    grouped = read.flag("new_decoder_architecture", default=False)
    heads = _heads(read, sizes, grouped)
    alibi = read.flag("alibi", default=False)
    if not alibi:
        heads = rotate(read, sizes, heads)
    read.ignore("max_position_embeddings", "rope_parameters", "rope_theta", "rope_scaling")
    hidden_size(read, sizes, "ffn_hidden_size")
    bias = read.flag("bias", default=False)
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read, sizes, "Falcon", prefix="transformer.", embedding="word_embeddings.weight", tied=tied,
        by_token="classifier",
    )  # fmt: skip
    outside = (row("word_embeddings.weight", "v a", "embedding", E="v a"), *norm("ln_f", "f", bias=True))
    stack = Stack(at.L, head.prefix + "h.{l}.", _norms(read, grouped) + _layer_rows(heads, bias))
    eps = read.number("layer_norm_epsilon", default=1e-5)
    activation = read.choice("activation", among=ACTIVATIONS, default="gelu")
    given = _Options(
        heads, eps, activation, None if alibi else rope_of(read, context=2048), read.flag("parallel_attn", default=True)
    )
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(_write, head, outside, stack, given, sizes.numbers[at.H]), head.tied,
        {at.L: ("K" if alibi else "K_rope", "V")}, rope=given.rope,
    )  # fmt: skip


def _layer_rows(heads: Heads, bias: bool) -> Rows:
    """The tensors of a layer beside its norms."""
    own = f"{heads.query} c"
    return (
        *fused_rows("self_attention.query_key_value", heads, bias=bias),
        *linear("self_attention.dense", "a", f"({own})", "W_O", f"{own} a", "attention", bias="b_O" if bias else ""),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=bias),
    )


class _Options(NamedTuple):
    """What a layer depends on beside sizes."""

    heads: Heads
    eps: float
    activation: str
    rope: Rope | None
    parallel: bool


def _write(
    head: Head, outside: Rows, stack: Stack, options: _Options, heads: int, *, cached: bool = False, **more: Any
) -> Program:
    end = partial(last_norm, options.eps)
    if options.rope is not None:
        block = partial(_block, options, None)
        return decoder_program(head, outside, stack, words, block, end, cached=cached, **more)
    groups = at.R if options.heads.query == "g r" else None
    bias = distances(at.H, heads, over=sqrt(at.d_k), keys=at.m if cached else at.n, grouped=groups)
    inner = formal(bias, "B")
    block = partial(_block, options, inner)
    return decoder_program(head, outside, stack, words, block, end, {inner: bias}, cached=cached)


def _block(
    options: _Options, bias: Tensor | None, mask: Tensor, own: Parameters, x: Value, *, given: bool = False
) -> Value:
    """Attention and feed-forward side by side, after one norm or two, or one after the other."""
    first = normed(own, "N_1", x, "1", eps=options.eps)

    def prepared(parts: list[Value], kind: str) -> list[Value]:
        if options.rope is None:
            return parts
        return turned(parts, tensor("positions", at.n), rotation(options.rope, given=given))

    y = attend_to(own, first, first, options.heads, inside=prepared, is_causal=True, visible=mask, bias=bias)
    if options.parallel:
        second = normed(own, "N_2", x, "2", eps=options.eps) if "gamma_2" in own else first
        return plus("X_1", x, y, feed_forward(own, second, options.activation))
    x = plus("X_1", x, y)
    return plus("X_2", x, feed_forward(own, normed(own, "N_2", x, "2", eps=options.eps), options.activation))


def _heads(read: Reader, sizes: Sizes, grouped: bool) -> Heads:
    names = ("num_attention_heads", "n_head")
    read.ignore("multi_query", "apply_residual_connection_post_layernorm", "num_kv_heads", "n_head_kv")
    read.ignore("num_ln_in_parallel_attn")
    if grouped:
        return heads_of(read, sizes, *names, key_names=("num_kv_heads", "n_head_kv"), own_head_size=False)
    heads = heads_of(read, sizes, *names, key_names=(), own_head_size=False)
    return Heads("h", "") if read.flag("multi_query", default=True) else heads


def _norms(read: Reader, grouped: bool) -> Rows:
    """One norm a layer, or two; where there are two side by side they have names of their own."""
    side_by_side = read.flag("parallel_attn", default=True)
    if not side_by_side:
        return norm("input_layernorm", "1", bias=True) + norm("post_attention_layernorm", "2", bias=True)
    norms = read.size("num_ln_in_parallel_attn", default=2 if grouped else 1, most=2)
    if norms == 2:
        return norm("ln_attn", "1", bias=True) + norm("ln_mlp", "2", bias=True)
    return norm("input_layernorm", "1", bias=True)
