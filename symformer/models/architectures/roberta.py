"""RoBERTa: BERT with one token type and positions that begin after the padding's."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.bidirectional import Plan, describe_encoder, label_rows
from symformer.models.config import Reader
from symformer.models.rows import linear

MODEL_TYPE = "roberta"
RUNS = True  # its outputs are held against the transformers library
CLASSIFIER = linear("classifier.dense", "A", "a", "W_T", "a A", "head", bias="b_T") + label_rows("classifier.out_proj")
PLAN = Plan(
    family="Roberta",
    prefix="roberta.",
    pooled=("ForMultipleChoice",),
    words=("ForMaskedLM", "ForCausalLM"),
    labels={
        "ForSequenceClassification": CLASSIFIER,
        "ForMultipleChoice": label_rows("classifier"),
        "ForTokenClassification": label_rows("classifier"),
        "ForQuestionAnswering": label_rows("qa_outputs"),
    },
    transform=("lm_head.dense", "lm_head.layer_norm"),
    decoder="lm_head.decoder",
    bias="lm_head.bias",
    activation="gelu",
    padding=1,
)


def describe(read: Reader) -> Architecture:
    """A RoBERTa of this configuration, with the head that its class names; by default the encoder and its pooler.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Liu et al. 2019, arXiv:1907.11692.
    """
    return describe_encoder(read, PLAN)
