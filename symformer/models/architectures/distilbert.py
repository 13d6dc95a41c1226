"""DistilBERT: BERT without token types and without a pooler, its tensors under names of their own."""

from __future__ import annotations

from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.bidirectional import at_first
from symformer.models.blocks import ACTIVATIONS, feed_forward, looked_up, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, attention_rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of
from symformer.models.streams import Layers, formal, mask_of, token_ids, top_of, whole_positions
from symformer.models.symbols import Parameters, Value, named
from symformer.models.tasks import Head
from symformer.notation import Tensor
from symformer.programs import Program, program

MODEL_TYPE = "distilbert"
RUNS = True  # its outputs are held against the transformers library
EPS = 1e-12
LABELS = {
    "ForSequenceClassification": "classifier",
    "ForMultipleChoice": "classifier",
    "ForTokenClassification": "classifier",
    "ForQuestionAnswering": "qa_outputs",
}


def describe(read: Reader) -> Architecture:
    """A DistilBERT of this configuration, with the head that its class names.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Sanh et al. 2019, arXiv:1910.01108.
    """
    sizes = basic(read, width=("dim", "hidden_size"), layers=("n_layers", "num_hidden_layers"))
    heads = heads_of(read, sizes, "n_heads", "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("hidden_dim", default=4 * sizes.numbers[at.d]))
    sizes.set(at.n_ctx, read.size("max_position_embeddings", default=512))
    read.ignore("sinusoidal_pos_embds", "tie_weights_", "qa_dropout", "seq_classif_dropout")
    head = _head(read, sizes)
    outside = prefixed("embeddings.", embedding_rows())
    stack = Stack(at.L, head.prefix + "transformer.layer.{l}.", layer_rows(heads))
    activation = read.choice("activation", among=ACTIVATIONS, default="gelu")
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside) + head.rows, (stack,),
        partial(_write, head, outside, stack, partial(_block, heads, activation), activation), head.tied,
    )  # fmt: skip


def _write(head: Head, outside: Rows, stack: Stack, block: partial[Value], activation: str) -> Program:
    """Embedding, layers, and what the class puts on top."""
    top = top_of(outside, head)
    mask = mask_of()
    inner = formal(mask, "M", "mask")
    words = looked_up("X_W", token_ids(), top["E"])
    start = plus("X_S", words, looked_up("X_P", whole_positions(at.n_ctx), top["P"]))
    x = Layers(stack, partial(block, inner), shared={inner: mask})(normed(top, "X_0", start, "0", eps=EPS), "X_L")
    return program(_headed(top, x, activation).tensor)


def _headed(top: Parameters, x: Value, activation: str) -> Value:
    """Scores over words after a dense layer and a norm; labels of the first position after a dense layer, or of all."""
    if "gamma_T" in top:
        hidden = normed(top, "T_3", _dense(top, x, "T_1", activation), "T", eps=EPS)
        return top.linear("logits", hidden, "U" if "U" in top else "E", "b_U", ". v")
    if "W_T" in top:
        return top.linear("labels", _dense(top, at_first(x), "T_1", "relu"), "W_C", "b_C", "l")
    return top.linear("labels", x, "W_C", "b_C", ". l") if "W_C" in top else x


def _dense(top: Parameters, x: Value, name: str, activation: str) -> Value:
    letters = tuple("A" if letter == "a" else letter for letter in x.letters)
    dense = top.linear(name, x, "W_T", "b_T", " ".join(letters))
    return Value(named("T_2", letters, ACTIVATIONS[activation](dense.entry)).tensor, x.letters)


def _block(heads: Heads, activation: str, mask: Tensor, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each added to the stream and then normalised."""
    x = normed(own, "N_1", plus("X_1", x, attend_to(own, x, x, heads, visible=mask)), "1", eps=EPS)
    return normed(own, "N_2", plus("X_2", x, feed_forward(own, x, activation)), "2", eps=EPS)


def embedding_rows() -> Rows:
    """Words and positions, and the norm of their sum."""
    return (
        row("word_embeddings.weight", "v a", "embedding", E="v a"),
        row("position_embeddings.weight", "p a", "embedding", P="p a"),
        *norm("LayerNorm", "0", bias=True),
    )


def layer_rows(heads: Heads) -> Rows:
    """The tensors of a layer."""
    names = ("q_lin", "k_lin", "v_lin", "out_lin")
    return (
        *attention_rows("attention.", heads, bias=True, out_bias=True, names=names),
        *norm("sa_layer_norm", "1", bias=True),
        *feed_forward_rows("ffn.lin1", "ffn.lin2", bias=True),
        *norm("output_layer_norm", "2", bias=True),
    )


def _head(read: Reader, sizes: Sizes) -> Head:
    known = ("DistilBertModel", "DistilBertForMaskedLM", *(f"DistilBert{ending}" for ending in LABELS))
    found = read.model_class(known, "DistilBertModel")
    ending = found.removeprefix("DistilBert")
    tied = read.flag("tie_word_embeddings", default=True)
    if ending == "Model":
        return Head(found)
    if ending == "ForMaskedLM":
        return _word_head(found, tied)
    sizes.set(at.n_C, {"ForMultipleChoice": 1, "ForQuestionAnswering": 2}.get(ending) or read.labels())
    rows = linear(LABELS[ending], "l", "a", "W_C", "a l", "head", bias="b_C")
    if ending in ("ForSequenceClassification", "ForMultipleChoice"):
        rows = linear("pre_classifier", "A", "a", "W_T", "a A", "head", bias="b_T") + rows
    return Head(found, "distilbert.", "labels", rows, bias=True)


def _word_head(model_class: str, tied: bool) -> Head:
    rows = linear("vocab_transform", "A", "a", "W_T", "a A", "head", bias="b_T")
    rows += norm("vocab_layer_norm", "T", bias=True, part="head")
    last = linear("vocab_projector", "v", "a", "U", "v a", "head", bias="b_U")
    names = {"vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight"} if tied else {}
    return Head(model_class, "distilbert.", "words", rows + (last[1:] if tied else last), names, True)
