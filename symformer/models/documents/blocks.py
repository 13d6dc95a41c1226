"""Blocks that documents share, each a program that others call: layer norm, attention, feed-forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symformer import notation
from symformer.models import letters as at
from symformer.models.documents.conventions import Conventions
from symformer.notation import Tensor, Written, indicator, indices, lift, sizes, sqrt, tensor
from symformer.programs import Program, define, program

N, M, D, D_K, D_V, H, D_FF = at.n, at.m, at.d, at.d_k, at.d_v, at.H, at.d_ff
A, C, F, G, I, J = indices("a c f g i j")
HEAD = indices("h")


def layer_norm(style: Conventions) -> Program:
    """(x − mean) / deviation · γ + β, for each token."""
    x = style.stream("X", D, N)
    gamma, beta, epsilon = tensor("gamma", D), tensor("beta", D), tensor("epsilon", kind="positive")
    mean = define("m", I, notation.sum(style.entry(x, G, I), G) / D)
    variance = define("v", I, style.variance(notation.sum((style.entry(x, G, I) - mean[I]) ** 2, G), D))
    spread = style.spread(variance[I], epsilon[()])
    body = (style.entry(x, A, I) - mean[I]) / spread * gamma[A] + beta[A]
    given = (x, gamma, beta) if style.eps == "none" else (x, gamma, beta, epsilon)
    return program(style.defined("LayerNorm", A, I, body), inputs=given)


def multi_head(style: Conventions, *, causal: bool = False, masked: bool = False) -> Program:
    """Heads of attention from X to Z, and the sum of their outputs.

    Its inputs are X, Z, the weights and biases of queries, keys, values and output, and if masked a mask of the scores:
    1 where a token of X attends to one of Z.
    """
    x, z = style.stream("X", D, N), style.stream("Z", D, M)
    w_q, w_k, w_v = (style.weight(name, D, size, H) for name, size in (("W_Q", D_K), ("W_K", D_K), ("W_V", D_V)))
    b_q, b_k, b_v = tensor("b_Q", H, D_K), tensor("b_K", H, D_K), tensor("b_V", H, D_V)
    w_o, b_o = style.weight("W_O", D_V, D, H), tensor("b_O", D)
    mask = tensor("mask", *style.scores_order(N, M), kind="mask")

    def projected(name: str, source: Tensor, weight: Tensor, bias: Tensor, token: Any, feature: Any) -> Tensor:
        found = style.through(weight, A, feature, HEAD)
        body = style.linear(style.entry(source, A, token), found, A, bias[HEAD, feature])
        return style.defined(name, feature, token, body, HEAD)

    q, k = projected("Q", x, w_q, b_q, I, C), projected("K", z, w_k, b_k, J, C)
    v = projected("V", z, w_v, b_v, J, F)
    dot = notation.sum(style.entry(q, C, I, HEAD) * style.entry(k, C, J, HEAD), C)
    scores = define("S", (HEAD, *style.scores_order(I, J)), dot / sqrt(D_K))
    p = style.weights("P", scores, I, J, _seen(style, causal, mask if masked else None), HEAD)
    weighed = p[(HEAD, *style.scores_order(I, J))] * style.entry(v, F, J, HEAD)
    o = style.defined("O", F, I, notation.sum(weighed, J), HEAD)
    joined = style.linear(style.entry(o, F, I, HEAD), style.through(w_o, F, G, HEAD), F)
    out = style.defined("CausalMHAttention" if causal else "MHAttention", G, I, notation.sum(joined, HEAD) + b_o[G])
    given = (x, z, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)
    return program(out, inputs=(*given, mask) if masked else given)


def _seen(style: Conventions, causal: bool, mask: Tensor | None) -> Callable[[Any], Written] | None:
    """Which keys the query of row i sees."""
    if causal:
        return lambda key: indicator(key, "≤", I)
    return None if mask is None else lambda key: mask[style.scores_order(I, key)]


def feed_forward(style: Conventions, activation: Callable[[Written], Any]) -> Program:
    """Two linear layers with an activation between."""
    x = style.stream("X", D, N)
    w_1, b_1, w_2, b_2 = (
        style.weight("W_1", D, D_FF),
        tensor("b_1", D_FF),
        style.weight("W_2", D_FF, D),
        tensor("b_2", D),
    )
    hidden = style.linear(style.entry(x, A, I), style.through(w_1, A, F), A, b_1[F])
    u = style.defined("U", F, I, activation(hidden))
    body = style.linear(style.entry(u, F, I), style.through(w_2, F, G), F, b_2[G])
    return program(style.defined("FFN", G, I, body), inputs=(x, w_1, b_1, w_2, b_2))


def sinusoidal(style: Conventions) -> Program:
    """Sines and cosines of the position: pair p has the frequency 10000^(−2p/d), or with the raw index another."""
    pairs = sizes("d_p")
    p, t = indices("p t")
    first = lift(2) * (p - 1) / (2 * pairs)
    raw = (lift(2) * (p - 1) + t - 1) / (2 * pairs)
    angle = (lift(I) - 1) * lift(10000) ** (-(first if style.positions == "pair" else raw))
    value = notation.delta(t, 1) * notation.sin(angle) + notation.delta(t, 2) * notation.cos(angle)
    return program(define("PE", ((I, N), (p, pairs), (t, 2)), value), inputs=())
