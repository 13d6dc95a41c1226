"""What the tiny models of tests/fixtures/models are given, and where their outputs are those of tokens, not padding."""

import json
import math
from pathlib import Path

import numpy as np

MODELS = Path(__file__).parent / "fixtures" / "models"
CASES = sorted(path.name for path in MODELS.iterdir())
IDS = np.array([[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 5, 8, 0, 0]])
MASK = np.array([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0]])
TYPES = np.array([[0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 0, 0]])
DECODER_IDS = np.array([[2, 7, 1, 8], [2, 8, 0, 5]])
ENDED = np.array([[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 8, 2, 0, 0]])
REAL = MASK.astype(bool)
PAIRS = ("t5", "bart")  # an encoder and a decoder over words


def config_of(case):
    """The configuration of a case."""
    return json.loads((MODELS / case / "config.json").read_text())


def waves(*shape):
    """Numbers of a shape."""
    return np.sin(np.arange(math.prod(shape))).reshape(shape)


def run(model, case="", **options):
    """The outputs of a model for the inputs of its case."""
    config = config_of(case) if case else {"model_type": model.model_type, "architectures": [""]}
    kind, name = config["model_type"], config["architectures"][0]
    if kind == "vit":
        size = config["image_size"]
        return model(
            waves(2, config.get("num_channels", 3), *(size if isinstance(size, list) else (size, size))), **options
        )
    if kind == "whisper":
        frames = waves(2, config["num_mel_bins"], 2 * config["max_source_positions"])
        return model(input_features=frames, decoder_input_ids=DECODER_IDS, **options)
    ended = name in ("BartForSequenceClassification", "T5ForSequenceClassification")
    more = {"token_type_ids": TYPES} if kind == "bert" else {}
    if kind in PAIRS and name not in ("T5EncoderModel", "BartForSequenceClassification"):
        more["decoder_input_ids"] = ENDED if ended else DECODER_IDS
    return model(ENDED if ended else IDS, attention_mask=MASK, **more, **options)


def worst(name, found, expected):
    """The largest error where tokens are no padding."""
    found = np.stack(found[: len(expected)]) if isinstance(found, tuple) else found
    off = np.abs(np.asarray(found, np.float64) - expected)
    assert off.shape == expected.shape, name
    if "attentions" in name:
        off = off.transpose(0, 1, 3, 2, 4)
    layered = "hidden_states" in name or "attentions" in name
    rows = off if layered else off[None]
    return (rows[:, REAL] if rows.shape[1:3] == REAL.shape else rows).max()
