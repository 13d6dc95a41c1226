"""Configurations and weights, hostile: each is one line with file, key, expected and found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import symformer as sf
from attacks.conftest import json_file, safetensors_file, stored

MODELS = Path(__file__).parents[1] / "fixtures" / "models"
GPT2 = json.loads((MODELS / "gpt2" / "config.json").read_text())
LLAMA = json.loads((MODELS / "llama" / "config.json").read_text())
ROPE = {"rope_type": "linear", "rope_theta": 10000.0}


def changed(config, **values):
    """The text of a configuration with other values, which may be no JSON that Python writes."""
    raw = {key: f"@{key}@" if isinstance(value, bytes) else value for key, value in values.items()}
    text = json.dumps({**config, **raw})
    for key, value in values.items():
        if isinstance(value, bytes):
            text = text.replace(f'"@{key}@"', value.decode())
    return text


CONFIGS = {
    "10^400 as ε": (changed(GPT2, layer_norm_epsilon=10**400), "layer_norm_epsilon"),
    "1e400 as ε": (changed(GPT2, layer_norm_epsilon=b"1e400"), "layer_norm_epsilon"),
    "NaN as ε": (changed(GPT2, layer_norm_epsilon=b"NaN"), "layer_norm_epsilon"),
    "true as a size": (changed(GPT2, n_embd=True), "n_embd"),
    "a text as a size": (changed(GPT2, n_embd="\u0661"), "n_embd"),
    "5,000 digits": (changed(GPT2, n_embd=b"9" * 5000), "n_embd"),
    "a million layers": (changed(GPT2, n_layer=10**6), "n_layer"),
    "a fraction of a layer": (changed(GPT2, n_layer=1.5), "n_layer"),
    "a key twice": ('{"n_embd": 1, "n_embd": 2}', "n_embd: stands twice"),
    "20,000 times a key": ("{" + ", ".join('"x": 1' for _ in range(20000)) + "}", "x: stands twice"),
    "a list": ("[]", "expected a JSON object"),
    "too deep": ("[" * 100000, "too deep"),
    "no UTF-8": (b"\xff", "not UTF-8"),
    "an unknown type": (changed(GPT2, model_type="\x1b[2J" * 100), "model_type"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_configurations(refused, tmp_path, name):
    text, words = CONFIGS[name]
    err = refused("cost", json_file(tmp_path / "config.json", text))
    assert "config.json" in err and words in err


@pytest.mark.parametrize("factor", [b"NaN", b"Infinity", b"1e400", -1, 0, True, "2", None, 10**400, b"9" * 5000])
def test_factors_of_rotary_positions(refused, tmp_path, factor):
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "llama", folder)
    others = {key: value for key, value in LLAMA.items() if not key.startswith("rope")}
    json_file(folder / "config.json", changed(others, rope_parameters=changed(ROPE, factor=factor).encode()))
    assert "factor" in refused("trace", folder, "--ids", "1,2")


EXTRA = {"101 axes": stored("F32", [1] * 101, 0, 4), "F8 of two axes": stored("F8_E4M3", [2, 2], 0, 4)}


@pytest.mark.parametrize("name", EXTRA)
def test_a_tensor_that_nobody_reads_ends_nothing(tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "gpt2", folder)
    header, content = {"unused": EXTRA[name]}, b"\0" * 4
    for key, array in load_file(folder / "model.safetensors").items():
        stop = len(content) + array.nbytes
        header[key] = stored("F64" if array.dtype == np.float64 else "F32", list(array.shape), len(content), stop)
        content += array.tobytes()
    safetensors_file(folder / "model.safetensors", header, content)
    with pytest.warns(UserWarning, match="unused"):
        model = sf.models.load(folder)
    assert model([[3, 1, 4]])["logits"].shape == (1, 3, 11)


def test_a_configuration_without_a_length_is_named_with_the_keys_and_the_option(refused, tmp_path):
    bare = {key: value for key, value in GPT2.items() if key not in ("n_positions", "n_ctx")}
    err = refused("cost", json_file(tmp_path / "mine.json", json.dumps(bare)))
    assert all(words in err for words in ("mine.json", "n_positions", "--seq"))
