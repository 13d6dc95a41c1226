"""Phi: attention and feed-forward side by side after one layer norm, positions in half of each head."""

from __future__ import annotations

from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to, rotation, turned
from symformer.models.blocks import ACTIVATIONS, feed_forward, normed, normed_heads, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rope import Rope, rope_of, rotate
from symformer.models.rows import Heads, attention_rows, feed_forward_rows, head_norm_rows, norm, prefixed
from symformer.models.sizes import basic, heads_of
from symformer.models.streams import decoder_program, last_norm, words
from symformer.models.symbols import Parameters, Value
from symformer.models.tasks import decoder_head
from symformer.notation import Tensor, tensor

MODEL_TYPE = "phi"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """A Phi (1, 1.5 or 2) of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Li et al. 2023, arXiv:2309.05463.
    """
    sizes = basic(read, width=("hidden_size", "n_embd"), layers=("num_hidden_layers", "n_layer"))
    heads = heads_of(read, sizes, "num_attention_heads", "n_head", own_head_size=False)
    heads = rotate(read, sizes, heads, "partial_rotary_factor", factor=0.5)
    sizes.set(at.d_ff, read.size("intermediate_size", "n_inner"))
    tied = read.flag("tie_word_embeddings", default=False)
    head = decoder_head(read, sizes, "Phi", prefix="model.", embedding="embed_tokens.weight", tied=tied, bias=True)
    eps = read.number("layer_norm_eps", default=1e-5)
    rope = rope_of(read)
    block = partial(_block, heads, eps, read.choice("hidden_act", among=ACTIVATIONS, default="gelu_new"), rope)
    read.ignore("max_position_embeddings")
    rows = norm("input_layernorm", "1", bias=True)
    rows += attention_rows("self_attn.", heads, bias=True, out_bias=True, names=("q_proj", "k_proj", "v_proj", "dense"))
    rows += feed_forward_rows("mlp.fc1", "mlp.fc2", bias=True)
    normalised = read.flag("qk_layernorm", default=False)
    if normalised:
        rows += head_norm_rows("self_attn.q_layernorm", "self_attn.k_layernorm", heads, bias=True)
    outside = (row("embed_tokens.weight", "v a", "embedding", E="v a"), *norm("final_layernorm", "f", bias=True))
    stack = Stack(at.L, head.prefix + "layers.{l}.", rows)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(decoder_program, head, outside, stack, words, block, partial(last_norm, eps)), head.tied,
        {at.L: _cached(heads, normalised)}, rope=rope,
    )  # fmt: skip


def _cached(heads: Heads, normalised: bool) -> tuple[str, ...]:
    """What decoding keeps: keys as they meet queries, turned or normalised, and values."""
    if len(heads.features) == 1:
        return "K_rope", "V"
    return "K_rope", "K_N_hat" if normalised else "K_N", "V"


def _block(
    heads: Heads, eps: float, activation: str, rope: Rope, mask: Tensor, own: Parameters, x: Value, *,
    given: bool = False,
) -> Value:  # fmt: skip
    """Attention and feed-forward of the same normalised stream, both added to it."""
    first = normed(own, "N_1", x, "1", eps=eps)

    def prepared(parts: list[Value], kind: str) -> list[Value]:
        if f"gamma_{kind}{heads.features[0][0]}" in own:
            parts = normed_heads(own, parts, kind, eps=eps, rms=False)
        return turned(parts, tensor("positions", at.n), rotation(rope, given=given))

    y = attend_to(own, first, first, heads, inside=prepared, is_causal=True, visible=mask)
    return plus("X_1", x, y, feed_forward(own, first, activation))
