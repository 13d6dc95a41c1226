"""BLOOM: ALiBi, a layer norm after the embedding, a tied head."""

from __future__ import annotations

from functools import partial
from typing import Any

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to, distances
from symformer.models.blocks import feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of
from symformer.models.streams import decoder_program, formal, last_norm, token_ids
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import Head, decoder_head
from symformer.notation import Tensor
from symformer.programs import Program

MODEL_TYPE = "bloom"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A BLOOM of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: BigScience Workshop 2022, arXiv:2211.05100.
    """
    sizes = basic(read, width=("hidden_size", "n_embed"), layers=("n_layer", "num_hidden_layers"))
    heads = heads_of(read, sizes, "n_head", "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, 4 * sizes.numbers[at.d], 4 * at.d)
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read, sizes, "Bloom", prefix="transformer.", embedding="word_embeddings.weight", tied=tied,
        by_token="classifier",
    )  # fmt: skip
    outside = (
        row("word_embeddings.weight", "v a", "embedding", E="v a"),
        *norm("word_embeddings_layernorm", "0", bias=True),
        *norm("ln_f", "f", bias=True),
    )
    read.only("n_inner", 4 * sizes.numbers[at.d])
    if read.count("pretraining_tp", default=1) > 1:
        read.runs_with("slow_but_exact", False)  # the published code then leaves biases out
    eps = read.number("layer_norm_epsilon", default=1e-5)
    after = read.flag("apply_residual_connection_post_layernorm", default=False)
    rows = (
        *norm("input_layernorm", "1", bias=True),
        *fused_rows("self_attention.query_key_value", heads, bias=True),
        *linear("self_attention.dense", "a", "(h c)", "W_O", "h c a", "attention", bias="b_O"),
        *norm("post_attention_layernorm", "2", bias=True),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=True),
    )
    stack = Stack(at.L, head.prefix + "h.{l}.", rows)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(_write, head, outside, stack, partial(_block, heads, eps, after), eps, sizes.numbers[at.H]), head.tied,
        {at.L: ("K", "V")}, tokens={"padding": 3},
    )  # fmt: skip


def _write(
    head: Head, outside: Rows, stack: Stack, block: Any, eps: float, heads: int, *, cached: bool = False
) -> Program:
    bias = distances(at.H, heads, keys=at.m if cached else at.n)
    inner = formal(bias, "B")

    def begin(top: Parameters) -> Value:
        return normed(top, "X_0", looked_up("X_W", token_ids(), top["E"]), "0", eps=eps)

    end = partial(last_norm, eps)
    return decoder_program(head, outside, stack, begin, partial(block, inner), end, {inner: bias}, cached=cached)


def _block(heads: Heads, eps: float, after: bool, bias: Tensor, mask: Tensor, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block; what is added to them is the stream, or, `after`, its norm."""
    first = normed(own, "N_1", x, "1", eps=eps)
    y = attend_to(own, first, first, heads, is_causal=True, visible=mask, bias=bias)
    middle = plus("X_1", first if after else x, y)
    second = normed(own, "N_2", middle, "2", eps=eps)
    return plus("X_2", second if after else middle, feed_forward(own, second, "gelu_bloom"))
