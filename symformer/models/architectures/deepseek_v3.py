"""DeepSeek-V3: keys and values from one small latent, a few dense layers, then many experts and a shared one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attention_of, put_together, remembered, turned
from symformer.models.blocks import gated, normed, plus
from symformer.models.config import Reader
from symformer.models.experts import (
    Routing,
    chosen_experts,
    expert_program,
    plainly,
    routed,
    router_logits,
    sigmoid_weights,
)
from symformer.models.keys import ConfigError
from symformer.models.layout import Stack, row
from symformer.models.rope import Rope, mscale
from symformer.models.rotary_decoder import PRE_NORMS, Block, Inside, Numbers, Plan, finish, numbers_of
from symformer.models.rows import Rows, gated_rows, linear, norm, prefixed, projection_rows
from symformer.models.sizes import Sizes, basic
from symformer.models.symbols import Parameters, Value
from symformer.notation import lift, sqrt

MODEL_TYPE = "deepseek_v3"
RUNS = True  # its outputs are held against the transformers library
PLAN = Plan("DeepseekV3")
CORRECTION = row("mlp.gate.e_score_correction_bias", "x", "router", b_E="x")  # added where experts are chosen
EXPERT_KEYS = (
    "moe_intermediate_size", "n_group", "n_routed_experts", "n_shared_experts", "norm_topk_prob", "num_experts_per_tok",
    "routed_scaling_factor", "topk_group", "num_local_experts", "scoring_func", "topk_method",
)  # fmt: skip
LATENT_EPS = 1e-6  # the norms of the latents have their library's default, whatever the others have


def describe(read: Reader) -> Architecture:
    """A DeepSeek-V3 of this configuration; its layers for predicting further tokens are not part of the model.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: DeepSeek-AI 2024, arXiv:2412.19437; latent attention: arXiv:2405.04434.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    sizes.set(at.H, read.size("num_attention_heads"))
    numbers = numbers_of(read, PLAN)
    rows = latent_rows(read, sizes)
    layers = sizes.numbers.pop(at.L)
    dense = min(read.count("first_k_dense_replace", default=3), layers)
    read.only("moe_layer_freq", 1)
    stacks: tuple[tuple[Stack, Rows, Block], ...] = ()
    routing, scale = None, _scale(numbers.rope)
    if dense:
        sizes.set(at.L_D, dense)
        sizes.set(at.d_ff, read.size("intermediate_size"))
        block = _layer(numbers, scale, partial(_dense, numbers.activation))
        stacks += ((Stack(at.L_D, "layers.{l}.", ()), rows + gated_rows("mlp."), block),)
    if dense < layers:
        sizes.set(at.L_X, layers - dense)
        experts = expert_rows(read, sizes)
        block = _layer(numbers, scale, partial(_experts, numbers.activation, *_router(read)))
        stacks += ((Stack(at.L_X, "layers.{l}.", (), dense, (CORRECTION,)), rows + experts, block),)
        routing = _routing(read, sizes, experts, numbers.activation)
    read.ignore("num_key_value_heads", "num_nextn_predict_layers", "num_mtp_layers", "head_dim", "qk_head_dim")
    read.ignore(*EXPERT_KEYS, "intermediate_size")  # where all layers are dense, or none
    return finish(read, PLAN, sizes, numbers, stacks, ("C_N", "K_rope"), routing=routing)


def _routing(read: Reader, sizes: Sizes, experts: Rows, activation: str) -> Routing:
    """How experts are chosen: by sigmoids and a correction, from the best groups alone.

    Raises:
        ConfigError: groups that do not divide the experts, or that hold fewer than are chosen.
    """
    number, top = sizes.numbers[at.n_X], sizes.numbers[at.k_X]
    groups = read.size("n_group", default=8)
    if number % groups:
        raise read.error("n_group", f"a divisor of the {number} experts", groups)
    kept = read.size("topk_group", default=4, most=groups)
    if kept * (number // groups) < top:
        raise read.error("topk_group", f"groups that hold the {top} experts of a token", kept)
    return Routing(expert_program(Parameters.of(experts), plainly(activation)), top, groups, kept, "b_E")


def _scale(rope: Rope) -> float:
    """What scores are multiplied by beside one over the root of their size, where frequencies are stretched."""
    weight, stretch = (rope.settings.get(name) for name in ("mscale_all_dim", "factor"))
    return mscale(stretch, weight) ** 2 if rope.kind != "default" and weight and stretch else 1.0


def _router(read: Reader) -> tuple[bool, float]:
    """Whether the weights of the chosen experts are made to sum to 1, and what they are multiplied by."""
    read.runs_with("scoring_func", "sigmoid")
    read.runs_with("topk_method", "noaux_tc")
    return read.flag("norm_topk_prob", default=True), read.number("routed_scaling_factor", default=2.5)


def _layer(numbers: Numbers, scale: float, feed: Callable[[Parameters, Value], Value]) -> Block:
    """A layer: latent attention, then a feed-forward block or experts, each after a norm and added to the stream."""

    def block(inside: Inside, own: Parameters, x: Value) -> Value:
        y = _attention(inside, scale, own, normed(own, "N_1", x, "1", eps=numbers.eps, rms=True))
        middle = plus("X_1", x, y)
        return plus("X_2", middle, feed(own, normed(own, "N_2", middle, "2", eps=numbers.eps, rms=True)))

    return block


def _attention(inside: Inside, scale: float, own: Parameters, x: Value) -> Value:
    """Latent attention: the latent and one turned key for all heads are all that decoding has to keep."""
    asks = x
    if "W_DQ" in own:
        asks = normed(own, "C_QN", own.linear("C_Q", x, "W_DQ", "b_DQ", ". q"), "DQ", eps=LATENT_EPS, rms=True)
    latent = normed(own, "C_N", own.linear("C", x, "W_DKV", "b_DKV", ". u"), "KV", eps=LATENT_EPS, rms=True)
    queries = [own.linear("Q_N", asks, "W_QN", "", "h . n"), own.linear("Q_R", asks, "W_QR", "", "h . K 2")]
    queries = turned(queries, inside.positions, inside.rotation)
    (key,) = turned([own.linear("K_R", x, "W_KR", "b_KR", ". K 2")], inside.positions, inside.rotation)
    rules: dict[str, Any] = {"is_causal": True, "visible": inside.mask}
    if own.cached is not None:
        latent, key = remembered(latent, own.cached), remembered(key, own.cached)
        rules["offset"] = own.cached - at.n
    keys = [own.linear("K_N", latent, "W_UK", "", "h . n"), key]
    values = own.linear("V", latent, "W_UV", "", "h . e")
    size = at.d_n + 2 * at.d_p
    if scale != 1:
        rules["scale"] = lift(scale) / sqrt(size)
    return put_together(own, attention_of(queries, keys, values, size=size, **rules))


def _dense(activation: str, own: Parameters, x: Value) -> Value:
    return gated(own, x, activation)


def _experts(activation: str, normalised: bool, factor: float, own: Parameters, x: Value) -> Value:
    """The chosen experts, and the shared ones that every token goes through."""
    chosen = chosen_experts()
    weights = sigmoid_weights(router_logits(own, x), chosen, normalised=normalised, factor=factor)
    found = routed(own, x, chosen, plainly(activation), weights)
    if "S_gate" not in own:
        return found
    return plus("F", found, gated(own, x, activation, kind="S", hidden="z", name="F_S"))


def latent_rows(read: Reader, sizes: Sizes) -> Rows:
    """Norms and latent attention: queries and keys of two parts, one without positions and one with."""
    for symbol, key in ((at.d_c, "kv_lora_rank"), (at.d_n, "qk_nope_head_dim"), (at.d_v, "v_head_dim")):
        sizes.set(symbol, read.size(key))
    turned = read.size("qk_rope_head_dim")
    if turned % 2:
        raise read.error("qk_rope_head_dim", "an even number", turned)
    sizes.set(at.d_p, turned // 2)
    pairs = "K 2" if read.flag("rope_interleave", default=True) else "2 K"
    bias = read.flag("attention_bias", default=False)
    rows = tuple(stored for name, number in PRE_NORMS for stored in norm(name, number, bias=False))
    rows += prefixed("self_attn.", _queries(read, sizes, bias, pairs))
    down = row("kv_a_proj_with_mqa.weight", "* a", "attention", W_DKV="a u", W_KR=f"a {pairs}")
    down_bias = row("kv_a_proj_with_mqa.bias", "*", "attention", b_DKV="u", b_KR=pairs)
    latent = (
        *((down, down_bias) if bias else (down,)),
        *norm("kv_a_layernorm", "KV", bias=False, letters="u", part="attention"),
        row("kv_b_proj.weight", "(h *) u", "attention", W_UK="u h n", W_UV="u h e"),
        *linear("o_proj", "a", "(h e)", "W_O", "h e a", "attention", bias="b_O" if bias else ""),
    )
    return rows + prefixed("self_attn.", latent)


def _queries(read: Reader, sizes: Sizes, bias: bool, pairs: str) -> Rows:
    """Queries from a latent of their own, or from the stream where its rank is null."""
    if "q_lora_rank" not in read.data:
        raise ConfigError(f"{read.source}: key 'q_lora_rank' is missing: expected a positive integer or null")
    rank = read.optional_size("q_lora_rank")
    if rank is None:
        return projection_rows("q_proj", "h", {"QN": "n", "QR": pairs}, bias=False)
    sizes.set(at.d_q, rank)
    return (
        *linear("q_a_proj", "q", "a", "W_DQ", "a q", "attention", bias="b_DQ" if bias else ""),
        *norm("q_a_layernorm", "DQ", bias=False, letters="q", part="attention"),
        *projection_rows("q_b_proj", "h", {"QN": "n", "QR": pairs}, bias=False, into="q"),
    )


def expert_rows(read: Reader, sizes: Sizes) -> Rows:
    """The router, the experts and those that every token goes through."""
    experts = sizes.set(at.n_X, read.size("n_routed_experts", "num_local_experts"))
    sizes.set(at.k_X, read.size("num_experts_per_tok", most=experts))
    width = sizes.set(at.d_X, read.size("moe_intermediate_size"))
    shared = read.count("n_shared_experts", default=1)
    rows = linear("mlp.gate", "x", "a", "W_R", "a x", "router")
    rows += gated_rows("mlp.experts.{x}.", kind="X", hidden="s", part="experts")
    if not shared:
        return rows
    sizes.set(at.d_S, shared * width, shared * at.d_X)
    return rows + gated_rows("mlp.shared_experts.", kind="S", hidden="z", part="experts")
