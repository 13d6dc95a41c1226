"""GPT-2: learned positions, layer norm before each block, GELU, a tied head."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, linear, norm, prefixed
from symformer.models.sizes import basic, heads_of, hidden_size
from symformer.models.streams import DEPTH, decoder_program, last_norm, memory, token_ids, whole_positions
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import decoder_head
from symformer.notation import Tensor, lift, sqrt

MODEL_TYPE = "gpt2"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A GPT-2 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Radford et al. 2019, Language Models are Unsupervised Multitask Learners.
    """
    sizes = basic(read, width=("n_embd", "hidden_size"), layers=("n_layer", "num_hidden_layers"))
    heads = heads_of(read, sizes, "n_head", "num_attention_heads", key_names=(), own_head_size=False)
    hidden_size(read, sizes, "n_inner")
    positions = ("n_positions", "max_position_embeddings")
    sizes.set(
        at.n_ctx, read.size(*(positions if any(map(read.has, positions)) else ("n_positions", "n_ctx")), default=1024)
    )
    tied = read.flag("tie_word_embeddings", default=True)
    head = decoder_head(
        read,
        sizes,
        "GPT2",
        prefix="transformer.",
        embedding="wte.weight",
        tied=tied,
        causal="LMHeadModel",
        by_token="classifier",
    )
    outside = (
        row("wte.weight", "v a", "embedding", E="v a"),
        row("wpe.weight", "p a", "embedding", P="p a"),
        *norm("ln_f", "f", bias=True),
    )
    stack = Stack(at.L, head.prefix + "h.{l}.", layer_rows(cross=read.flag("add_cross_attention", default=False)))
    block = _block(read, heads)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(decoder_program, head, outside, stack, _begin, block, partial(last_norm, _eps(read))), head.tied,
        {at.L: ("K", "V")},
    )  # fmt: skip


def _eps(read: Reader) -> float:
    return read.number("layer_norm_epsilon", default=1e-5)


def _begin(top: Parameters) -> Value:
    """Words and positions."""
    words = looked_up("X_W", token_ids(), top["E"])
    return plus("X_0", words, looked_up("X_P", whole_positions(at.n_ctx), top["P"]))


def _block(read: Reader, heads: Heads) -> Callable[[Tensor, Parameters, Value], Value]:
    eps = _eps(read)
    activation = read.choice("activation_function", among=ACTIVATIONS, default="gelu_new")
    rules = _scale(read)

    def block(mask: Tensor, own: Parameters, x: Value) -> Value:
        first = normed(own, "N_1", x, "1", eps=eps)
        x = plus("X_1", x, attend_to(own, first, first, heads, is_causal=True, visible=mask, **rules))
        if "W_Q_x" in own:
            asks = normed(own, "N_x", x, "x", eps=eps)
            x = plus("X_x", x, attend_to(own, asks, memory(), heads, mark="_x", **rules))
        return plus("X_2", x, feed_forward(own, normed(own, "N_2", x, "2", eps=eps), activation))

    return block


def _scale(read: Reader) -> dict[str, Any]:
    """What scores are multiplied by: 1/√d_k or 1, over the number of the layer where the configuration asks for it."""
    scaled = read.flag("scale_attn_weights", default=True)
    if not read.flag("scale_attn_by_inverse_layer_idx", default=False):
        return {} if scaled else {"scale": lift(1)}
    return {"scale": 1 / (sqrt(at.d_k) * DEPTH[()]) if scaled else 1 / DEPTH[()]}


def layer_rows(cross: bool) -> Rows:
    """The tensors of a layer; weights are stored (in, out)."""
    self_attention = (
        row("attn.c_attn.weight", "a (* h c)", "attention", W_Q="a h c", W_K="a h c", W_V="a h c"),
        row("attn.c_attn.bias", "(* h c)", "attention", b_Q="h c", b_K="h c", b_V="h c"),
        *linear("attn.c_proj", "a", "(h c)", "W_O", "h c a", "attention", bias="b_O", transposed=True),
    )
    cross_attention = (
        row("crossattention.c_attn.weight", "a (* h c)", "attention", W_K_x="a h c", W_V_x="a h c"),
        row("crossattention.c_attn.bias", "(* h c)", "attention", b_K_x="h c", b_V_x="h c"),
        *linear("crossattention.q_attn", "(h c)", "a", "W_Q_x", "a h c", "attention", bias="b_Q_x", transposed=True),
        *linear("crossattention.c_proj", "a", "(h c)", "W_O_x", "h c a", "attention", bias="b_O_x", transposed=True),
        *norm("ln_cross_attn", "x", bias=True),
    )
    return (
        *norm("ln_1", "1", bias=True),
        *self_attention,
        *norm("ln_2", "2", bias=True),
        *(cross_attention if cross else ()),
        *linear("mlp.c_fc", "f", "a", "W_1", "a f", "feed_forward", bias="b_1", transposed=True),
        *linear("mlp.c_proj", "a", "f", "W_2", "f a", "feed_forward", bias="b_2", transposed=True),
    )
