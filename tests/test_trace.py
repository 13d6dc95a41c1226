"""One head of a real model: its numbers against the whole model's, its page, its recomputation, the command."""

import json
import shutil
from pathlib import Path

import flint
import numpy as np
import pytest
from flint import arb
from safetensors.numpy import load_file, save_file

import symformer as sf
from symformer.cli.main import main
from symformer.evaluate import Interpreter
from symformer.proof.balls import BallField
from symformer.trace import drifts, trace, trace_page
from symformer.trace.products import Recomputation
from symformer.writers import terminal

MODELS = Path(__file__).parent / "fixtures" / "models"
IDS = [3, 1, 4, 1, 5]
CASES = (
    "bert",
    "bloom",
    "deepseek_v3",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "gpt_neox",
    "llama",
    "mixtral",
    "phi3",
)


def heads_of(model):
    """How many heads of queries a model has."""
    return next(number for size, number in model.sizes.items() if size.name == "H")


@pytest.mark.parametrize("case", CASES)
def test_every_heads_weights_are_those_of_the_model(case):
    model = sf.models.load(MODELS / case, dtype="float64")
    expected = model(IDS)["attentions"]
    for layer, head in ((0, heads_of(model) - 1), (1, 1)):
        found = trace(model, IDS, layer, head)
        np.testing.assert_allclose(found.numbers["P"], expected[layer][head], atol=1e-14)


@pytest.mark.parametrize("case", ["gpt2", "llama", "bert"])
def test_the_heads_of_a_layer_add_up_to_what_attention_adds(case):
    model = sf.models.load(MODELS / case, dtype="float64")
    traced = [trace(model, IDS, 0, head) for head in range(heads_of(model))]
    weights = load_file(MODELS / case / "model.safetensors")
    name = {"gpt2": "transformer.h.0.attn.c_proj", "bert": "encoder.layer.0.attention.output.dense"}
    stem = name.get(case, "model.layers.0.self_attn.o_proj")
    matrix = weights[f"{stem}.weight"].astype(np.float64)
    joined = np.concatenate([one.numbers["O"] for one in traced], axis=-1)
    expected = joined @ (matrix if case == "gpt2" else matrix.T)
    np.testing.assert_allclose(sum(one.numbers["Y"] for one in traced), expected, atol=1e-13)


@pytest.mark.parametrize("case", ["gpt2", "llama_linear", "mistral", "gemma2", "bert"])
def test_fifty_digits_agree_with_the_model_up_to_its_rounding(case):
    for dtype, most in (("float32", 1e-5), ("float64", 1e-13)):
        found = drifts(trace(sf.models.load(MODELS / case, dtype=dtype), IDS, 1, 0))
        assert [drift.name for drift in found] == ["S", "P", "O"]
        for drift in found:
            assert drift.passes and drift.digits >= 50 and drift.relative < most


def test_a_number_that_is_off_does_not_pass():
    traced = trace(sf.models.load(MODELS / "gpt2"), IDS, 0, 0)
    traced.numbers["P"][2, 1] += 0.01
    assert [drift.name for drift in drifts(traced) if not drift.passes] == ["P"]


@pytest.mark.parametrize("case", ["gpt2", "llama", "gemma2", "qwen3", "bert"])
def test_products_of_matrices_are_the_balls_that_term_by_term_gives(case):
    traced = trace(sf.models.load(MODELS / case), IDS, 1, 1)
    given = lambda tensor, place: arb(float(traced.numbers[tensor.name][tuple(k - 1 for k in place)]))  # noqa: E731
    with flint.ctx.workprec(256):
        again = Recomputation(traced.head.steps, traced.numbers, traced.sizes)
        plain = Interpreter(BallField(), traced.sizes, given)
        assert {"Q", "K", "V", "O"} <= {one.name for one in traced.head.steps if one.digest in again.contractions}
        for tensor in traced.head.steps.statements:
            for place in plain.array(tensor):
                one, two = again.entry(tensor, place), plain.entry(tensor, place)
                assert one.overlaps(two) and float(one.rad()) < 1e-70


def test_the_page_shows_the_models_numbers_and_computes_none_again():
    traced = trace(sf.models.load(MODELS / "gpt2"), IDS, 0, 0)
    traced.numbers["S"][1, 0] = 123.4567
    assert "123.4567" in terminal(trace_page(traced))


def test_the_page_has_symbols_numbers_pictures_and_top_logits():
    model = sf.models.load(MODELS / "gpt2")
    page = trace_page(trace(model, IDS, 1, 0))
    written = terminal(page)
    assert "S = (Q Kᵀ)/√d_k" in written
    first = model(IDS)["attentions"][1][0][1, 0]
    assert f"{first:.4f}" in written
    assert [title for title, _, _ in page.pictures] == [
        "Attention weights P: each row a query, each column a key", "Norms along the residual stream",
    ]  # fmt: skip
    best = int(np.argmax(model(IDS)["logits"][-1]))
    assert f"probabilities: {best}:" in page.notes[0][0]


def test_long_axes_are_cut_and_the_cut_is_stated():
    written = terminal(trace_page(trace(sf.models.load(MODELS / "gpt2"), [1] * 9, 0, 0)))
    assert "…" in written and "⋮" in written
    assert "of long axes the first six entries and the last are shown" in " ".join(written.split())


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_the_command_writes_every_format(form, tmp_path):
    out = tmp_path / "page"
    arguments = ["trace", str(MODELS / "llama"), "--ids", "1,2,3", "--layer", "1", "--head", "3", "--check"]
    assert main([*arguments, "--format", form, "-o", str(out)]) == 0
    written = out.read_text(encoding="utf-8")
    assert "Layer 1, head 3 of LlamaForCausalLM" in written
    assert "recomputed from the same inputs" in " ".join(written.split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--ids", "1,2", "--layer", "2"], "layer: expected 0..1, got 2"),
        (["--ids", "1,2", "--head", "-1"], "head: expected 0..1, got -1"),
        (["--ids", "1,99"], "ids: expected 0..10, for the vocabulary has 11 rows, got 99"),
        (["--ids", "one"], "expected whole numbers as 1,2,3, got 'one'"),
        (["--ids", "1", "--dtype", "int4"], "dtype: expected float16, float32, float64, got 'int4'"),
    ],
)
def test_bad_input_is_one_line(arguments, expected, capsys):
    assert main(["trace", str(MODELS / "gpt2"), *arguments]) == 2
    found = capsys.readouterr().err
    assert expected in found and found.count("\n") == 1


def test_a_folder_that_holds_no_model_is_one_line(tmp_path, capsys):
    assert main(["trace", str(tmp_path), "--ids", "1"]) == 2
    assert "config.json" in capsys.readouterr().err
    shutil.copytree(MODELS / "bert", tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").write_bytes(b"12345678")
    assert main(["trace", str(tmp_path), "--ids", "1"]) == 2
    assert "not a sound safetensors file" in capsys.readouterr().err


def test_a_window_of_one_leaves_each_token_to_itself(tmp_path):
    config = json.loads((MODELS / "mistral" / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"sliding_window": 1}))
    save_file(load_file(MODELS / "mistral" / "model.safetensors"), tmp_path / "model.safetensors")
    np.testing.assert_allclose(trace(sf.models.load(tmp_path), IDS, 0, 0).numbers["P"], np.eye(5), atol=1e-6)
