"""GPT-NeoX and Pythia: attention and feed-forward side by side, positions in a quarter of each head."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to, rotation, turned
from symformer.models.blocks import ACTIVATIONS, feed_forward, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rope import Rope, rope_of, rotate
from symformer.models.rows import Heads, Rows, feed_forward_rows, fused_rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of
from symformer.models.streams import decoder_program, last_norm, words
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import decoder_head
from symformer.notation import Tensor, tensor

MODEL_TYPE = "gpt_neox"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A GPT-NeoX of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Black et al. 2022, arXiv:2204.06745.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    heads = rotate(read, sizes, heads, "rotary_pct", factor=0.25)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    tied = read.flag("tie_word_embeddings", default=False)
    head = decoder_head(
        read, sizes, "GPTNeoX", prefix="gpt_neox.", embedding="embed_in.weight", tied=tied, name="embed_out",
        by_token="classifier",
    )  # fmt: skip
    outside = (row("embed_in.weight", "v a", "embedding", E="v a"), *norm("final_layer_norm", "f", bias=True))
    stack = Stack(at.L, head.prefix + "layers.{l}.", layer_rows(heads, read.flag("attention_bias", default=True)))
    eps = read.number("layer_norm_eps", default=1e-5)
    rope = rope_of(read, names=("rotary_emb_base", "rope_theta"))
    block = partial(_block, _Options(
        heads, eps, read.choice("hidden_act", among=ACTIVATIONS, default="gelu"), rope,
        read.flag("use_parallel_residual", default=True),
    ))  # fmt: skip
    read.ignore("max_position_embeddings")
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(decoder_program, head, outside, stack, words, block, partial(last_norm, eps)), head.tied,
        {at.L: ("K_rope", "K_N", "V") if len(heads.features) > 1 else ("K_rope", "V")}, rope=rope,
    )  # fmt: skip


class _Options(NamedTuple):
    """What a layer depends on beside sizes."""

    heads: Heads
    eps: float
    activation: str
    rope: Rope
    parallel: bool


def _block(options: _Options, mask: Tensor, own: Parameters, x: Value, *, given: bool = False) -> Value:
    """Attention and feed-forward side by side, each after its own norm, or one after the other."""
    first = normed(own, "N_1", x, "1", eps=options.eps)

    def prepared(parts: list[Value], kind: str) -> list[Value]:
        return turned(parts, tensor("positions", at.n), rotation(options.rope, given=given))

    y = attend_to(own, first, first, options.heads, inside=prepared, is_causal=True, visible=mask)
    if options.parallel:
        return plus("X_1", x, y, feed_forward(own, normed(own, "N_2", x, "2", eps=options.eps), options.activation))
    x = plus("X_1", x, y)
    return plus("X_2", x, feed_forward(own, normed(own, "N_2", x, "2", eps=options.eps), options.activation))


def layer_rows(heads: Heads, bias: bool) -> Rows:
    """The tensors of a layer; queries, keys and values stand together head by head."""
    return (
        *norm("input_layernorm", "1", bias=True),
        *norm("post_attention_layernorm", "2", bias=True),
        *fused_rows("attention.query_key_value", heads, bias=bias),
        *linear("attention.dense", "a", "(h c)", "W_O", "h c a", "attention", bias="b_O" if bias else ""),
        *feed_forward_rows("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias=True),
    )
