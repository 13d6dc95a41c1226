"""OLMo 2: LLaMA with norms after each block instead of before, and queries and keys normalised over all heads."""

from __future__ import annotations

from symformer import notation
from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to, turned
from symformer.models.blocks import gated, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, axis_size, row
from symformer.models.rotary_decoder import PROJECTIONS, Block, Inside, Numbers, Plan, finish, start
from symformer.models.rows import Heads, Rows, attention_rows, gated_rows, norm
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import lift

MODEL_TYPE = "olmo2"
RUNS = True  # its outputs are held against the transformers library


def describe(read: Reader) -> Architecture:
    """An OLMo 2 of this configuration.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: OLMo Team 2024, arXiv:2501.00656.
    """
    bias = read.flag("attention_bias", default=False)
    plan = Plan("Olmo2", bias=bias, out_bias=bias, eps=1e-5)
    sizes, heads, numbers = start(read, plan)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    block = _layer(numbers, heads)
    stacks = ((Stack(at.L, "layers.{l}.", ()), layer_rows(plan, heads), block),)
    return finish(read, plan, sizes, numbers, stacks)


def layer_rows(plan: Plan, heads: Heads) -> Rows:
    """The tensors of a layer."""
    norms: Rows = ()
    for kind, name, axes in (("Q", "q_norm", heads.query), ("K", "k_norm", heads.key)):
        inside = heads.features[0][1]
        letters = f"{axes} {inside}".strip()
        norms += (row(f"self_attn.{name}.weight", f"({letters})", "attention", **{f"gamma_{kind}": letters}),)
    return (
        *attention_rows("self_attn.", heads, bias=plan.bias, out_bias=plan.out_bias, names=PROJECTIONS),
        *norms,
        *norm("post_attention_layernorm", "1", bias=False),
        *norm("post_feedforward_layernorm", "2", bias=False),
        *gated_rows("mlp."),
    )


def _layer(numbers: Numbers, heads: Heads) -> Block:
    """Attention, then a feed-forward block, each normalised and added to the stream."""

    def block(inside: Inside, own: Parameters, x: Value) -> Value:
        def prepared(parts: list[Value], kind: str) -> list[Value]:
            found = [_normed(own, part, kind, numbers.eps) for part in parts]
            return turned(found, inside.positions, inside.rotation)

        y = attend_to(own, x, x, heads, inside=prepared, is_causal=True, visible=inside.mask, window=inside.window)
        middle = plus("X_1", x, normed(own, "N_1", y, "1", eps=numbers.eps, rms=True))
        f = gated(own, middle, numbers.activation)
        return plus("X_2", middle, normed(own, "N_2", f, "2", eps=numbers.eps, rms=True))

    return block


def _normed(own: Parameters, part: Value, kind: str, eps: float) -> Value:
    """Queries or keys over their root mean square, taken over the features of all heads together."""
    total, size = part.entry**2, lift(1)
    for letter in reversed(part.letters):
        if letter != ".":
            total, size = notation.sum(total, at.INDEX[letter]), size * axis_size(letter)
    spread = named(f"sigma_{kind}", ".", notation.sqrt(total / size + lift(eps)))
    body = part.entry / spread.entry * own[f"gamma_{kind}"].entry
    return named(f"{part.tensor.name}_hat", part.letters, body)
