"""BERT: an encoder with layer norm after each block, learned positions and token types."""

from __future__ import annotations

from symformer.models.architecture import Architecture
from symformer.models.bidirectional import Plan, describe_encoder, label_rows
from symformer.models.config import Reader

MODEL_TYPE = "bert"
RUNS = True  # its outputs are held against the transformers library
PLAN = Plan(
    family="Bert",
    prefix="bert.",
    pooled=("ForPreTraining", "ForNextSentencePrediction", "ForSequenceClassification", "ForMultipleChoice"),
    words=("ForMaskedLM", "LMHeadModel", "ForPreTraining"),
    labels={
        "ForPreTraining": label_rows("cls.seq_relationship"),
        "ForNextSentencePrediction": label_rows("cls.seq_relationship"),
        "ForSequenceClassification": label_rows("classifier"),
        "ForMultipleChoice": label_rows("classifier"),
        "ForTokenClassification": label_rows("classifier"),
        "ForQuestionAnswering": label_rows("qa_outputs"),
    },
    transform=("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm"),
    decoder="cls.predictions.decoder",
    bias="cls.predictions.bias",
)


def describe(read: Reader) -> Architecture:
    """A BERT of this configuration, with the head that its class names; by default the encoder and its pooler.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Devlin et al. 2018, arXiv:1810.04805.
    """
    return describe_encoder(read, PLAN)
