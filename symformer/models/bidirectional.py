"""What BERT and RoBERTa share: an encoder with layer norm after each block, and its many heads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.places import Places
from symformer.models.rows import Heads, Rows, attention_rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of
from symformer.models.streams import Layers, formal, mask_of, memory, token_ids, top_of, whole_positions
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Tensor
from symformer.programs import Program, program


@dataclass(frozen=True)
class Plan:
    """Where the two differ.

    Attributes:
        family: what the names of their classes begin with; `Model` alone is the encoder and its pooler.
        prefix: what stands before the encoder's tensors under a head.
        pooled: the endings of the classes that have the pooler.
        words: those with a head over the vocabulary.
        labels: those with a head over labels, and their tensors.
        transform: what a hidden state goes through before the logits: a dense layer and a layer norm.
        decoder: the name of the logits' weight.
        bias: the name of the logits' bias.
        activation: of the dense layer before the logits; "" for that of the layers.
        padding: the padding's token where the configuration names none, if positions are counted without it.
    """

    family: str
    prefix: str
    pooled: tuple[str, ...]
    words: tuple[str, ...]
    labels: Mapping[str, Rows]
    transform: tuple[str, str]
    decoder: str
    bias: str
    activation: str = ""
    padding: int | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(dict.fromkeys(self.family + ending for ending in ("Model", *self.words, *self.labels)))


def label_rows(name: str) -> Rows:
    """A linear layer from the stream to the labels."""
    return linear(name, "l", "a", "W_C", "a l", "head", bias="b_C")


def describe_encoder(read: Reader, plan: Plan) -> Architecture:
    """The encoder under the head that its class names."""
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",))
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    sizes.set(at.n_ctx, read.size("max_position_embeddings", default=512))
    sizes.set(at.n_T, read.size("type_vocab_size", default=2))
    read.choice("position_embedding_type", among=("absolute",), default="absolute")
    head = _head(read, plan, sizes)
    ending = head.model_class.removeprefix(plan.family)
    outside = prefixed("embeddings.", embedding_rows())
    if ending in ("Model", *plan.pooled):
        outside += linear("pooler.dense", "A", "a", "W_P", "a A", "head", bias="b_P")
    cross = read.flag("add_cross_attention", default=False)
    causal = read.flag("is_decoder", default=False)
    stack = Stack(at.L, head.prefix + "encoder.layer.{l}.", layer_rows(heads, cross))
    eps = read.number("layer_norm_eps", default=1e-12)
    activation = read.choice("hidden_act", among=ACTIVATIONS, default="gelu")
    options = _Options(ending, heads, eps, activation, causal, plan.activation or activation)
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(write, head, outside, stack, options), head.tied,
        {at.L: ("K", "V")} if causal else {}, optional=frozenset({"W_P", "b_P"}) if ending == "Model" else frozenset(),
        places=_places(read, plan),
    )  # fmt: skip


def _places(read: Reader, plan: Plan) -> Places:
    """Positions from 0; or those after the padding's token, without the padding."""
    if plan.padding is None:
        return Places()
    padding = read.count("pad_token_id", default=plan.padding)
    return Places("ids", padding + 1, padding=padding)


class _Options(NamedTuple):
    """What the program depends on beside sizes."""

    ending: str
    heads: Heads
    eps: float
    activation: str
    causal: bool
    last_activation: str


def write(head: Head, outside: Rows, stack: Stack, given: _Options, *, cached: bool = False) -> Program:
    """The program: embedding, layers, and what the class puts on top."""
    top = top_of(outside, head)
    mask = mask_of(keys=at.m if cached else at.n)
    inner = formal(mask, "M", "mask")
    x = plus(
        "X_S",
        looked_up("X_W", token_ids(), top["E"]),
        looked_up("X_P", whole_positions(at.n_ctx), top["P"]),
        looked_up("X_T", token_ids("token_types", upper=at.n_T), top["T"]),
    )
    layers = Layers(stack, partial(_block, given, inner), shared={inner: mask}, cached=at.m if cached else None)
    x = layers(normed(top, "X_0", x, "0", eps=given.eps), "X_L")
    return program(*(found.tensor for found in _outputs(given, top, x)))


def _block(given: _Options, mask: Tensor, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each added to the stream and then normalised."""
    y = attend_to(own, x, x, given.heads, is_causal=given.causal, visible=mask)
    x = normed(own, "N_1", plus("X_1", x, y), "1", eps=given.eps)
    if "W_Q_x" in own:
        y = attend_to(own, x, memory(), given.heads, mark="_x")
        x = normed(own, "N_x", plus("X_x", x, y), "x", eps=given.eps)
    return normed(own, "N_2", plus("X_2", x, feed_forward(own, x, given.activation)), "2", eps=given.eps)


def _outputs(given: _Options, top: Parameters, x: Value) -> list[Value]:
    found = [_word_logits(given, top, x)] if "gamma_T" in top else []
    if "W_P" in top:
        first = through_dense(top, "pooled", at_first(x), "P")
        return [*found, top.linear("labels", first, "W_C", "b_C", "l") if "W_C" in top else first] + (
            [] if "W_C" in top else [x]
        )
    if "W_C" in top and "W_T" in top:
        return [top.linear("labels", through_dense(top, "x_T", at_first(x), "T"), "W_C", "b_C", "l")]
    return found + ([top.linear("labels", x, "W_C", "b_C", ". l")] if "W_C" in top else []) or [x]


def _word_logits(given: _Options, top: Parameters, x: Value) -> Value:
    """A dense layer, an activation, a norm, and scores over the vocabulary."""
    dense = top.linear("T_1", x, "W_T", "b_T", ". A")
    hidden = Value(named("T_2", dense.letters, ACTIVATIONS[given.last_activation](dense.entry)).tensor, (".", "a"))
    last = normed(top, "T_3", hidden, "T", eps=given.eps)
    return top.linear("logits", last, "U" if "U" in top else "E", "b_D" if "b_D" in top else "b_U", ". v")


def at_first(x: Value) -> Value:
    """The stream at the first position."""
    return named("x_1", "a", x.tensor[1, at.INDEX["a"]])


def labels_of_last(top: Parameters, x: Value) -> Value:
    """Labels of a sequence from the stream where it ends, through a dense layer and tanh."""
    last = named("x_n", "a", x.tensor[at.n, at.INDEX["a"]])
    return top.linear("labels", through_dense(top, "x_T", last, "T"), "W_C", "b_C", "l")


def through_dense(top: Parameters, name: str, x: Value, mark: str, activation: str = "tanh") -> Value:
    """A dense layer of one position, and its tanh or another activation."""
    weight = top[f"W_{mark}"]
    dense = top.linear(f"{name}_1", x, f"W_{mark}", f"b_{mark}", weight.letters[1])
    return Value(named(name, dense.letters, ACTIVATIONS[activation](dense.entry)).tensor, ("a",))


def embedding_rows() -> Rows:
    """Words, positions and token types, and the norm of their sum."""
    return (
        row("word_embeddings.weight", "v a", "embedding", E="v a"),
        row("position_embeddings.weight", "p a", "embedding", P="p a"),
        row("token_type_embeddings.weight", "t a", "embedding", T="t a"),
        *norm("LayerNorm", "0", bias=True),
    )


def layer_rows(heads: Heads, cross: bool) -> Rows:
    """The tensors of a layer; with `cross`, those of a decoder's attention to its encoder too."""
    rows = _attention("attention.", heads, "1", "")
    if cross:
        rows += _attention("crossattention.", heads, "x", "_x")
    return (
        rows
        + feed_forward_rows("intermediate.dense", "output.dense", bias=True)
        + norm("output.LayerNorm", "2", bias=True)
    )


def _attention(prefix: str, heads: Heads, number: str, mark: str) -> Rows:
    names = ("self.query", "self.key", "self.value", "output.dense")
    return attention_rows(prefix, heads, bias=True, out_bias=True, names=names, mark=mark) + norm(
        f"{prefix}output.LayerNorm", number, bias=True
    )


def _head(read: Reader, plan: Plan, sizes: Sizes) -> Head:
    found = read.model_class(plan.classes, plan.family + "Model")
    ending = found.removeprefix(plan.family)
    tied = read.flag("tie_word_embeddings", default=True)
    if ending == "Model":
        return Head(found)
    if ending in plan.labels:
        sizes.set(at.n_C, {"ForMultipleChoice": 1}.get(ending) or _labels(read, ending))
    rows, names = _word_head(plan, tied) if ending in plan.words else ((), {})
    kind = "words" if ending in plan.words else "labels"
    return Head(found, plan.prefix, kind, rows + plan.labels.get(ending, ()), names, True)


def _labels(read: Reader, ending: str) -> int:
    """Two where a pair of sentences is told apart, else as the configuration says."""
    return 2 if ending in ("ForPreTraining", "ForNextSentencePrediction") else read.labels()


def _word_head(plan: Plan, tied: bool) -> tuple[Rows, dict[str, str]]:
    dense, layer_norm = plan.transform
    rows = linear(dense, "A", "a", "W_T", "a A", "head", bias="b_T") + norm(layer_norm, "T", bias=True, part="head")
    rows += (row(plan.bias, "v", "head", b_U="v"),)
    if tied:
        embedding = plan.prefix + "embeddings.word_embeddings.weight"
        return rows, {f"{plan.decoder}.weight": embedding, f"{plan.decoder}.bias": plan.bias}
    own = linear(plan.decoder, "v", "a", "U", "v a", "head", bias="b_D")
    return rows + own, {}
