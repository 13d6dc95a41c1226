"""What adds up to a logit, the circuits of heads, patches part by part, tokens as words, and the page of all heads."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_inputs import MODELS

import symformer as sf
from symformer.cli.main import main
from symformer.models import Patch
from symformer.trace import (
    TraceError,
    attribution,
    circuits,
    drifts,
    effects,
    explorer_page,
    trace_page,
    trace_part,
    words_of,
)
from symformer.writers import terminal

IDS = [3, 1, 4, 1, 5]
# Norms before blocks, after them, on both sides, of the embedding; no norm at the end; capped; experts; biases; narrow.
CASES = ("gpt2", "gemma2", "bloom_after")


@pytest.mark.parametrize("case", CASES)
def test_the_parts_add_up_to_the_logit(case):
    model = sf.models.load(MODELS / case)
    exact = sf.models.load(MODELS / case, dtype="float64")(IDS)["logits"]
    for options, place, token in (({}, 4, int(np.argmax(exact[-1]))), ({"token": 2, "position": 1}, 1, 2)):
        found = attribution(model, IDS, **options)
        assert (found.token, found.position) == (token, place) and found.off < 1e-10
        logit = 3 * np.tanh(found.logit / 3) if case == "gemma2" else found.logit  # the fixture's soft cap
        assert found.capped == (case == "gemma2") and abs(logit - exact[place, token]) < 1e-10
    heads = [name for name in found.parts if name.startswith("head ")]
    layers = len(model(IDS)["hidden_states"]) - 1
    assert len(heads) == layers * model(IDS)["attentions"][0].shape[0]
    assert [name for name in found.parts if name.startswith("mlp ")] == [f"mlp {layer}" for layer in range(layers)]


def test_a_heads_part_is_what_plain_arrays_give():
    model, tensors = sf.models.load(MODELS / "gpt2", dtype="float64"), load_file(MODELS / "gpt2" / "model.safetensors")
    at = {name.removeprefix("transformer."): array.astype(np.float64) for name, array in tensors.items()}
    out = model(IDS, parts=True)
    own = [out["heads"][1][head] @ at["h.1.attn.c_proj.weight"][4 * head : 4 * head + 4] for head in range(2)]
    last = out["hidden_states"][1] + sum(own) + at["h.1.attn.c_proj.bias"] + out["mlps"][1]
    divisor = np.sqrt(last[-1].var() + 1e-5)
    found = attribution(model, IDS, token=7)
    for name, part in (("head 1.1", own[1]), ("mlp 1", out["mlps"][1])):
        normed = (part[-1] - part[-1].mean()) / divisor * at["ln_f.weight"]
        assert found.parts[name] == pytest.approx(normed @ at["wte.weight"][7], abs=1e-12)
    assert found.held == ("X_f",)


def test_circuits_are_products_of_the_heads_matrices():
    model, tensors = sf.models.load(MODELS / "gpt2"), load_file(MODELS / "gpt2" / "model.safetensors")
    at = {name.removeprefix("transformer."): array.astype(np.float64) for name, array in tensors.items()}
    asks, answers, values = np.split(at["h.1.attn.c_attn.weight"], 3, axis=1)
    found = circuits(model, [4, 1], 1, 1, top=3)
    np.testing.assert_allclose(found.qk, asks[:, 4:] @ answers[:, 4:].T)
    np.testing.assert_allclose(found.ov, values[:, 4:] @ at["h.1.attn.c_proj.weight"][4:])
    rows = (at["wte.weight"] - at["wte.weight"].mean(-1, keepdims=True)) * at["h.1.ln_1.weight"]
    table = rows[[1, 4]] @ found.qk @ rows.T
    assert [one.value for one in found.asks] == pytest.approx(sorted(table.ravel(), reverse=True)[:3])
    first = found.asks[0]
    assert first.value == pytest.approx(rows[first.source] @ found.qk @ rows[first.target])


def test_circuits_of_grouped_and_turned_heads_are_those_of_their_group():
    model, tensors = sf.models.load(MODELS / "llama"), load_file(MODELS / "llama" / "model.safetensors")
    at = {name: array.astype(np.float64) for name, array in tensors.items()}
    stem = "model.layers.0.self_attn"
    asks, answers = at[f"{stem}.q_proj.weight"][6:8].T, at[f"{stem}.k_proj.weight"][2:4].T
    np.testing.assert_allclose(circuits(model, [1], 0, 3).qk, asks @ answers.T)
    with pytest.raises(TraceError, match="values come from a latent"):
        circuits(sf.models.load(MODELS / "deepseek_v3"), [1], 0, 0)


def test_effects_are_those_of_single_patches():
    model = sf.models.load(MODELS / "gpt2", dtype="float64")
    found = {one.part: one for one in effects(model, IDS, 7, "mean")}
    assert list(found) == ["head 0.0", "head 0.1", "mlp 0", "head 1.0", "head 1.1", "mlp 1"]
    by = model(IDS, patch=Patch(1, "mean", head=1))["logits"][-1] - model(IDS)["logits"][-1]
    assert found["head 1.1"].moved == pytest.approx(by[7])
    assert found["head 1.1"].most[0] == np.argmax(np.abs(by))


@pytest.mark.parametrize(("case", "part"), [("gpt2", "mlp"), ("llama", "N_1")])
def test_a_block_and_a_norm_have_pages_of_their_own(case, part):
    model = sf.models.load(MODELS / case, dtype="float64")
    traced = trace_part(model, IDS, 1, part)
    if part == "mlp":
        np.testing.assert_allclose(traced.numbers["F"], model(IDS, parts=True)["mlps"][1], atol=1e-13)
    assert all(drift.passes and drift.relative < 1e-13 for drift in drifts(traced))
    written = terminal(trace_page(traced))
    assert ("feed-forward block" if part == "mlp" else f"norm {part}") in written.splitlines()[0]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("tokenizer.json", {"model": {"vocab": {"Ġthe": 3, "a": 1}}, "added_tokens": [{"id": 2, "content": "<s>"}]},
         ["0", "'a'", "'<s>'", "' the'"]),
        ("tokenizer.json", {"model": {"vocab": [["<unk>", 0], ["▁the", -1.5]]}}, ["'<unk>'", "' the'", "2", "3"]),
        ("vocab.json", {"Ã¤": 0, "Ċ": 1}, ["'ä'", "'\\n'", "2", "3"]),
    ],
)  # fmt: skip
def test_tokens_are_words_where_a_tokenizer_lies_beside(tmp_path, name, content, expected):
    (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert list(map(words_of(tmp_path), range(4))) == expected
    assert words_of(None)(7) == "7"


def test_a_file_that_is_no_tokenizers_is_named(tmp_path):
    (tmp_path / "tokenizer.json").write_text("[]")
    with pytest.raises(TraceError, match=r"tokenizer\.json: expected 'model', an object with 'vocab', found none"):
        words_of(tmp_path)


def test_the_command_shows_words_parts_circuits_and_patches(tmp_path):
    shutil.copytree(MODELS / "gpt2", tmp_path, dirs_exist_ok=True)
    (tmp_path / "vocab.json").write_text(json.dumps({f"Ġw{number}": number for number in range(11)}))
    out = tmp_path / "page.txt"
    assert main(["trace", str(tmp_path), "--ids", "3,1", "--patch", "1,3", "-o", str(out)]) == 0
    written = " ".join(out.read_text().split())
    for words in ("the tokens ' w3', ' w1'", "QK circuit, largest entries", "OV circuit", "parts,", "X_f", "for 1,3"):
        assert words in written
    for option in (["--mlp"], ["--norm", "N_2"]):
        assert main(["trace", str(tmp_path), "--ids", "3,1", *option, "--format", "html", "-o", str(out)]) == 0


def test_the_page_of_all_heads_loads_nothing_and_has_controls():
    page = explorer_page(sf.models.load(MODELS / "llama"), IDS, patch=("zero", "zero"))
    assert page.count('<section class="chosen"') == 8 and page.count('<figure data-layer="1"') == 4
    assert '<select id="layer">' in page and '<select id="head">' in page and page.count('class="patch"') == 10
    assert "src=" not in page and "href=" not in page


@pytest.mark.parametrize(
    ("case", "arguments", "expected"),
    [
        ("gpt2", ["--norm", "N_9"], "norm: expected N_1, N_2, got 'N_9'"),
        ("mixtral", ["--mlp"], "experts are chosen in its feed-forward block"),
        ("gpt2", ["--patch", "one"], "--patch: expected zero, mean or ids as 1,2,3, got 'one'"),
        ("gpt2", ["--patch", "1,2"], "--patch: expected 1 ids, as many as --ids, got 2"),
        ("bert", ["--patch", "zero"], "--patch: BertModel has no logits over words that parts add up to"),
        ("t5", ["--all"], "t5: expected a model of one stream over words"),
    ],
)
def test_what_does_not_fit_is_one_line(case, arguments, expected, capsys):
    assert main(["trace", str(MODELS / case), "--ids", "1", *arguments]) == 2
    found = capsys.readouterr().err
    assert expected in found and found.count("\n") == 1
