"""The Formal Algorithms for Transformers of Phuong & Hutter, each a program in the conventions of one's choice."""

from __future__ import annotations

from collections.abc import Callable

from symformer import notation
from symformer.models import letters as at
from symformer.models.documents.blocks import layer_norm, multi_head
from symformer.models.documents.conventions import Conventions
from symformer.models.documents.transformer import decoder, encoder, transformer
from symformer.models.keys import ConfigError
from symformer.notation import exp, indices, lift, sqrt, tensor
from symformer.programs import Program, define, program

A, C, F, I, J, K, R, T = indices("a c f i j k r t")
N, M, D, V, D_K, D_V = at.n, at.m, at.d, at.V, at.d_k, at.d_v


def token_embedding(style: Conventions) -> Program:
    """Algorithm 1: e = W_e[:, v]."""
    ids, table = tensor("v", kind="integer", upper=V), style.weight("W_e", V, D)
    return program(define("e", A, style.through(table, ids[()], A)))


def positional_embedding(style: Conventions) -> Program:
    """Algorithm 2: e = W_p[:, l]."""
    place, table = tensor("l", kind="integer", upper=at.n_ctx), style.weight("W_p", at.n_ctx, D)
    return program(define("e_p", A, style.through(table, place[()], A)))


def single_query(style: Conventions) -> Program:
    """Algorithm 3: basic single-query attention, with biases."""
    e, z = tensor("e", D), style.stream("E", D, N)
    w_q, w_k, w_v = (style.weight(name, D, size) for name, size in (("W_q", D_K), ("W_k", D_K), ("W_v", D_V)))
    b_q, b_k, b_v = tensor("b_q", D_K), tensor("b_k", D_K), tensor("b_v", D_V)
    q = define("q", C, style.linear(e[A], style.through(w_q, A, C), A, b_q[C]))
    k = style.defined("k", C, T, style.linear(style.entry(z, A, T), style.through(w_k, A, C), A, b_k[C]))
    v = style.defined("v", F, T, style.linear(style.entry(z, A, T), style.through(w_v, A, F), A, b_v[F]))
    s = define("s", T, notation.sum(q[C] * style.entry(k, C, T), C) / sqrt(D_K))
    alpha = define("alpha", T, exp(s[T]) / notation.sum(exp(s[J]), J))
    return program(define("o", F, notation.sum(alpha[T] * style.entry(v, F, T), T)))


def attention(style: Conventions) -> Program:
    """Algorithm 4: every token of X attends to those of Z that the mask leaves."""
    x, z = style.stream("X", D, N), style.stream("Z", D, M)
    mask = tensor("mask", *style.scores_order(N, M), kind="mask")
    w_q, w_k, w_v = (style.weight(name, D, size) for name, size in (("W_q", D_K), ("W_k", D_K), ("W_v", D_V)))
    b_q, b_k, b_v = tensor("b_q", D_K), tensor("b_k", D_K), tensor("b_v", D_V)
    q = style.defined("Q", C, I, style.linear(style.entry(x, A, I), style.through(w_q, A, C), A, b_q[C]))
    k = style.defined("K", C, J, style.linear(style.entry(z, A, J), style.through(w_k, A, C), A, b_k[C]))
    v = style.defined("V", F, J, style.linear(style.entry(z, A, J), style.through(w_v, A, F), A, b_v[F]))
    dot = notation.sum(style.entry(q, C, I) * style.entry(k, C, J), C)
    scores = define("S", style.scores_order(I, J), dot / sqrt(D_K))
    p = style.weights("P", scores, I, J, lambda key: mask[style.scores_order(I, key)])
    return program(style.defined("O", F, I, notation.sum(p[style.scores_order(I, J)] * style.entry(v, F, J), J)))


def unembedding(style: Conventions) -> Program:
    """Algorithm 7: p = softmax(W_u e)."""
    e, table = tensor("e", D), style.weight("W_u", D, V)
    z = define("z", R, style.linear(e[A], style.through(table, A, R), A))
    return program(define("p", R, exp(z[R]) / notation.sum(exp(z[K]), K)))


def inference(style: Conventions) -> Program:
    """Algorithm 14, one step: the probabilities of the last token, at a temperature, from which the next is drawn."""
    p, tau = style.stream("P", V, N, kind="positive"), tensor("tau", kind="positive")
    last = define("p", R, style.entry(p, R, N))
    power = lift(1) / tau[()]
    return program(define("q", R, last[R] ** power / notation.sum(last[K] ** power, K)))


ALGORITHMS: dict[int, tuple[str, Callable[[Conventions], Program]]] = {
    1: ("Token embedding", token_embedding),
    2: ("Positional embedding", positional_embedding),
    3: ("Basic single-query attention", single_query),
    4: ("Attention", attention),
    5: ("Multi-head attention", lambda style: multi_head(style, masked=True)),
    6: ("Layer norm", layer_norm),
    7: ("Unembedding", unembedding),
    8: ("Encoder-decoder transformer", lambda style: transformer(style, scaled=False, learned=True)),
    9: ("Encoder-only transformer", encoder),
    10: ("Decoder-only transformer", decoder),
    14: ("Prompting a trained model", inference),
}


def algorithm(number: int, conventions: Conventions | None = None) -> Program:
    """One of the Formal Algorithms: 1 to 10 and 14.

    Args:
        number: its number in the paper.
        conventions: by default the paper's own: tokens as columns, layer norm without ε, after each block in
            algorithms 8 and 9, before it in 10.

    Raises:
        ConfigError: there is no such number here.

    Source: Phuong & Hutter 2022, arXiv:2207.09238.
    """
    if number not in ALGORITHMS:
        raise ConfigError(f"algorithm: expected one of {', '.join(map(str, ALGORITHMS))}, got {number!r}")
    own = Conventions(layout="column", eps="none", norm="pre" if number == 10 else "post")
    return ALGORITHMS[number][1](conventions or own)
