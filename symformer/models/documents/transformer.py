"""Whole transformers as documents have them: an encoder, a decoder, or both, with one repeat for each stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr

from symformer import notation
from symformer.models import letters as at
from symformer.models.documents.blocks import feed_forward, layer_norm, multi_head
from symformer.models.documents.conventions import Conventions
from symformer.notation import Tensor, Written, exp, indices, sqrt, tensor
from symformer.ops import gelu, relu
from symformer.programs import Computed, Program, program, repeat

A, G, I, K, R, ELL = indices("a g i k r ell")
N, M, D, V, L = at.n, at.m, at.d, at.V, at.L
L_E, L_D = notation.sizes("L_enc L_dec")
# The base model of Vaswani et al. 2017, table 3.
VASWANI = {"d": 512, "d_k": 64, "d_v": 64, "d_ff": 2048, "H": 8, "L_enc": 6, "L_dec": 6}
ACTIVATIONS: Mapping[str, Callable[[Written], Any]] = {"relu": relu, "gelu": gelu}


@dataclass(frozen=True)
class Build:
    """What a whole transformer is made of.

    Attributes:
        style: the conventions.
        activation: "relu" or "gelu".
        scaled: whether embeddings are multiplied by √d.
        learned: whether positions are learned rows, or given as an encoding.
    """

    style: Conventions
    activation: str = "relu"
    scaled: bool = False
    learned: bool = True

    def embedded(self, ids: str, name: str, length: Expr, mark: str = "") -> Tensor:
        """Rows of the embedding by ids, and positions added."""
        style = self.style
        words, table = tensor(ids, length, kind="integer", upper=V), style.weight("W_E", V, D)
        if self.learned:
            places = tensor(f"positions{mark}", length, kind="integer", upper=at.n_ctx)
            where = style.through(style.weight("W_P", at.n_ctx, D), places[I], A)
        else:
            where = style.entry(style.stream(f"PE{mark}", D, length), A, I)
        token = style.through(table, words[I], A)
        return style.defined(name, A, I, (sqrt(D) * token if self.scaled else token) + where)

    def stack(self, start: Tensor, size: Any, mark: str, *, causal: bool, memory: Tensor | None = None) -> Computed:
        """A repeat of layers over the stream that begins with `start`."""
        parts = _Layer(self, mark, start.shape, causal=causal)
        after = parts.layer(memory)
        shared = {parts.memory: memory} if memory is not None else {}
        stacks = {one: replace(one, name=f"{one.name}_{mark}", shape=(size, *one.shape)) for one in parts.own}
        title = {"enc": "Encoder", "dec": "Decoder"}[mark]
        return repeat(after, (ELL, size), {parts.x: start}, stacks, shared, name=f"X_{mark}", title=title)

    def unembedded(self, x: Tensor) -> Computed:
        """Softmax over the vocabulary, for each token."""
        style = self.style
        table = style.weight("W_U", D, V)
        logits = style.defined("Z", R, I, style.linear(style.entry(x, A, I), style.through(table, A, R), A))
        total = notation.sum(exp(style.entry(logits, K, I)), K)
        return style.defined("P", R, I, exp(style.entry(logits, R, I)) / total)


class _Layer:
    """One layer of a stack, with its own parameters."""

    def __init__(self, build: Build, mark: str, shape: tuple[Any, ...], *, causal: bool) -> None:
        self.build, self.style, self.mark = build, build.style, mark
        self.x = Tensor("X", shape, tensor("X").domain)
        self.causal = causal
        self.memory = build.style.stream("memory", D, N)
        self.own: list[Tensor] = []

    def layer(self, memory: Tensor | None) -> Tensor:
        """The stream after attention, cross-attention where there is a memory, and a feed-forward block."""
        x: Tensor = self.residual(self.x, "1", lambda y: self.attend(y, y, "self", causal=self.causal))
        if memory is not None:
            x = self.residual(x, "2", lambda y: self.attend(y, self.memory, "cross", causal=False))
        return self.residual(x, "3" if memory is not None else "2", self.feed)

    def residual(self, x: Tensor, number: str, block: Callable[[Tensor], Tensor]) -> Tensor:
        """x plus what a block makes of it, normalised before or after."""
        if self.style.norm == "pre":
            return self.added(x, block(self.normed(x, number)), f"X_{number}")
        return self.normed(self.added(x, block(x), f"R_{number}"), number)

    def added(self, x: Tensor, y: Tensor, name: str) -> Tensor:
        """The sum of two streams."""
        return self.style.defined(name, A, I, self.style.entry(x, A, I) + self.style.entry(y, A, I))

    def normed(self, x: Tensor, number: str) -> Tensor:
        """Layer norm with parameters of its own."""
        gamma, beta = self.param(tensor(f"gamma_{number}", D)), self.param(tensor(f"beta_{number}", D))
        return norm_call(self.style, x, gamma, beta, f"N_{number}")

    def attend(self, x: Tensor, z: Tensor, kind: str, *, causal: bool) -> Tensor:
        """Multi-head attention with parameters of its own."""
        mark = {"self": "", "cross": "x"}[kind]
        attention = multi_head(self.style, causal=causal)
        weights = [self.param(Tensor(one.name + mark, one.shape, one.domain)) for one in attention.inputs[2:]]
        return attention(x, z, *weights, name=f"Y{mark}")

    def feed(self, x: Tensor) -> Tensor:
        """The feed-forward block with parameters of its own."""
        block = feed_forward(self.style, ACTIVATIONS[self.build.activation])
        return block(x, *(self.param(one) for one in block.inputs[1:]), name="F")

    def param(self, one: Tensor) -> Tensor:
        """A parameter that every layer has for itself."""
        self.own.append(one)
        return one


def norm_call(style: Conventions, x: Tensor, gamma: Tensor, beta: Tensor, name: str) -> Tensor:
    """Layer norm of a stream, called."""
    given = () if style.eps == "none" else (tensor("epsilon", kind="positive"),)
    return layer_norm(style)(x, gamma, beta, *given, name=name)


def transformer(
    conventions: Conventions | None = None, *, scaled: bool = True, learned: bool = False, activation: str = "relu"
) -> Program:
    """Encoder and decoder: token ids to probabilities of the next token; by default as Vaswani et al. have it.

    Args:
        conventions: by default tokens as rows and layer norm after each block.
        scaled: whether embeddings are multiplied by √d.
        learned: whether positions are learned; else PE is an input, whose formula is `sinusoidal`.
        activation: "relu" or "gelu".

    Source: Vaswani et al. 2017, arXiv:1706.03762; Phuong & Hutter 2022, arXiv:2207.09238, algorithm 8.
    """
    build = Build(conventions or Conventions(norm="post"), activation, scaled, learned)
    start = build.embedded("source_ids", "X_0", N, "_src")
    memory = build.stack(start, L_E, "enc", causal=False)
    begin = build.embedded("target_ids", "Z_0", M, "_tgt")
    after = build.stack(begin, L_D, "dec", causal=True, memory=memory)
    return program(build.unembedded(after))


def encoder(conventions: Conventions | None = None) -> Program:
    """An encoder such as BERT: GELU, a last linear layer with GELU and layer norm, softmax over the vocabulary.

    Source: Phuong & Hutter 2022, arXiv:2207.09238, algorithm 9.
    """
    style = conventions or Conventions(norm="post")
    build = Build(style, "gelu")
    x = build.stack(build.embedded("ids", "X_0", N), L_E, "enc", causal=False)
    w_f, b_f = style.weight("W_f", D, D), tensor("b_f", D)
    hidden = style.linear(style.entry(x, A, I), style.through(w_f, A, G), A, b_f[G])
    last = style.defined("X_f", G, I, gelu(hidden))
    return program(build.unembedded(norm_call(style, last, tensor("gamma_f", D), tensor("beta_f", D), "N_f")))


def decoder(conventions: Conventions | None = None) -> Program:
    """A decoder such as GPT: norm first, GELU, a last norm, softmax over the vocabulary.

    Source: Phuong & Hutter 2022, arXiv:2207.09238, algorithm 10.
    """
    style = conventions or Conventions(norm="pre")
    build = Build(style, "gelu")
    x = build.stack(build.embedded("ids", "X_0", N), L_D, "dec", causal=True)
    return program(build.unembedded(norm_call(style, x, tensor("gamma_f", D), tensor("beta_f", D), "N_f")))
