"""What stands on top of the layers: a head over the vocabulary, over labels, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symformer.models import letters as at
from symformer.models.config import Reader
from symformer.models.rows import Rows, linear
from symformer.models.sizes import Sizes

Tied = Mapping[str, str]
LABELS = ("ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
# Kept by the library for files from before the prefix was renamed.
OWN_PREFIX = {f"{family}ForQuestionAnswering": "transformer." for family in ("Llama", "Qwen2", "Qwen3")}


@dataclass(frozen=True)
class Head:
    """The tensors of a head.

    Attributes:
        model_class: the class under `architectures`.
        prefix: what stands before the names of the model under the head.
        kind: "none", "words" (logits over the vocabulary) or "labels".
        rows: its own tensors.
        tied: its names for tensors of the model.
        bias: whether it adds a bias.
    """

    model_class: str
    prefix: str = ""
    kind: str = "none"
    rows: Rows = ()
    tied: Tied = field(default_factory=dict)
    bias: bool = False

    @property
    def is_tied(self) -> bool:
        """Whether its weight is the embedding."""
        return bool(self.tied)


def decoder_head(
    read: Reader, sizes: Sizes, family: str, *, prefix: str, embedding: str, tied: bool, causal: str = "ForCausalLM",
    name: str = "lm_head", bias: bool = False, inside: str = "a", by_token: str = "score",
) -> Head:  # fmt: skip
    """The head of a decoder, as its class says: none, over the vocabulary, or over labels.

    Args:
        family: what the names of its classes begin with.
        prefix: what stands before the names of the model's tensors where there is a head.
        embedding: the name of the word embedding, which a tied head shares.
        causal: how the class with a head over the vocabulary ends.
        name: the head over the vocabulary; `by_token` the one that labels tokens.
        inside: the axis that the head reads.

    Raises:
        ConfigError: `architectures` holds another class.
    """
    named = {"Model": "none", causal: "words", **dict.fromkeys(LABELS, "labels")}
    found = read.model_class([family + ending for ending in named], family + causal)
    kind = named[found.removeprefix(family)]
    if kind == "none":
        return Head(found)
    if kind == "words":
        weight = linear(name, "v", inside, "U", f"v {inside}", "head", bias="b_U" if bias else "")
        names = {f"{name}.weight": prefix + embedding}
        return Head(found, prefix, kind, weight[1:] if tied else weight, names if tied else {}, bias)
    return _labelled(read, sizes, Head(found, prefix, kind), by_token, inside)


def _labelled(read: Reader, sizes: Sizes, head: Head, by_token: str, inside: str) -> Head:
    """The head over labels: of a sequence without a bias, of tokens with one, of the two ends of an answer with one."""
    ending = next(one for one in LABELS if head.model_class.endswith(one))
    asks = ending == "ForQuestionAnswering"
    sizes.set(at.n_C, 2 if asks else read.labels())
    name = {"ForSequenceClassification": "score", "ForTokenClassification": by_token}.get(ending, "qa_outputs")
    bias = "" if ending == "ForSequenceClassification" else "b_C"
    rows = linear(name, "l", inside, "W_C", f"{inside} l", "head", bias=bias)
    prefix = OWN_PREFIX.get(head.model_class, head.prefix)
    return replace(head, prefix=prefix, rows=rows, bias=bool(bias))
