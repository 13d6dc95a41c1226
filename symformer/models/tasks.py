"""What stands on top of the layers: a head over the vocabulary, over labels, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symformer.models import letters as at
from symformer.models.config import Reader
from symformer.models.rows import Rows, linear
from symformer.models.sizes import Sizes

Tied = Mapping[str, str]


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
    classes = [family + ending for ending in ("Model", causal, "ForSequenceClassification", "ForTokenClassification")]
    found = read.model_class(classes, family + causal)
    if found == classes[0]:
        return Head(found)
    if found == classes[1]:
        weight = linear(name, "v", inside, "U", f"v {inside}", "head", bias="b_U" if bias else "")
        names = {f"{name}.weight": prefix + embedding}
        return Head(found, prefix, "words", weight[1:] if tied else weight, names if tied else {}, bias)
    sizes.set(at.n_C, read.labels())
    per_token = found == classes[3]
    rows = linear(
        by_token if per_token else "score", "l", inside, "W_C", f"{inside} l", "head", bias="b_C" if per_token else ""
    )
    return Head(found, prefix, "labels", rows, bias=per_token)
