"""Generation with a cache: every step is what the whole model computes without one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_inputs import waves

import symformer as sf

MODELS = Path(__file__).parent / "fixtures" / "models"
DECODERS = (
    "gpt2", "llama_tied_stretched", "llama_linear", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text", "phi",
    "gpt_neox", "opt", "bloom", "falcon_grouped", "mixtral", "qwen3_moe", "deepseek_v3", "gpt_oss", "olmo2", "phi3",
)  # fmt: skip
PROMPT = np.array([[3, 1, 4], [1, 5, 9]])


def plainly(model, ids, new):
    """Greedy decoding without a cache."""
    ids = np.array(ids)
    for _ in range(new):
        ids = np.concatenate([ids, model(ids)["logits"][:, -1].argmax(-1)[:, None]], axis=1)
    return ids


@pytest.mark.parametrize("case", DECODERS)
def test_a_step_with_the_cache_is_the_row_of_the_whole(case):
    model = sf.models.load(MODELS / case, dtype="float64")
    whole = np.array([[3, 1, 4, 1, 5, 9, 2], [2, 7, 1, 8, 2, 8, 1]])
    expected = model(whole)["logits"]
    cache = model.decoder.cache(7)
    for start, end in ((0, 3), (3, 4), (4, 6), (6, 7)):
        positions = np.arange(start, end)[None]
        found = model.decoder.step(whole[:, start:end], positions, np.ones((2, end), bool), cache, np.float64)
        np.testing.assert_allclose(found, expected[:, start:end], atol=1e-12)
    assert cache.length == 7


@pytest.mark.parametrize("case", ["gpt2", "mistral"])
def test_greedy_tokens_are_those_without_a_cache(case):
    model = sf.models.load(MODELS / case, dtype="float64")
    np.testing.assert_array_equal(model.generate(PROMPT, 5), plainly(model, PROMPT, 5))
    np.testing.assert_array_equal(model.generate(PROMPT[0], 5), plainly(model, PROMPT[:1], 5)[0])


def test_padding_on_the_left_changes_nothing():
    for case in ("gpt2", "llama"):
        model = sf.models.load(MODELS / case, dtype="float64")
        found = model.generate([[0, 0, 3, 1, 4]], 4, attention_mask=[[0, 0, 1, 1, 1]])
        np.testing.assert_array_equal(found[0, 2:], model.generate([3, 1, 4], 4))


def test_draws_follow_the_temperature_and_the_seed():
    model = sf.models.load(MODELS / "llama", dtype="float64")
    prompts = np.repeat(PROMPT[:1], 4000, axis=0)
    first, again, other = (model.generate(prompts, 1, temperature=1.5, seed=seed)[:, -1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    shares = np.exp(model(PROMPT[:1])["logits"][0, -1] / 1.5)
    np.testing.assert_allclose(np.bincount(first, minlength=11) / 4000, shares / shares.sum(), atol=0.03)
    cold = model.generate(PROMPT, 3, temperature=1e-6)
    np.testing.assert_array_equal(cold, model.generate(PROMPT, 3))


def test_after_the_stop_token_a_sequence_holds_nothing_else():
    model = sf.models.load(MODELS / "llama", dtype="float64")
    plain = model.generate(PROMPT, 6)
    stop = int(plain[0, 4])
    found = model.generate(PROMPT, 6, stop=stop)
    first = list(plain[0, 3:]).index(stop) + 3
    assert set(found[0, first:]) == {stop}
    np.testing.assert_array_equal(found[0, : first + 1], plain[0, : first + 1])


@pytest.mark.parametrize("case", ["t5", "bart"])
def test_a_decoder_that_asks_an_encoder_goes_on_as_it_does_without_a_cache(case):
    model = sf.models.load(MODELS / case, dtype="float64")
    ids, mask = [[3, 1, 4, 1], [6, 5, 0, 0]], [[1, 1, 1, 1], [1, 1, 0, 0]]
    found = model.generate(ids, 4, attention_mask=mask, decoder_input_ids=[[2, 7], [2, 8]])
    plain = np.array([[2, 7], [2, 8]])
    for _ in range(4):
        logits = model(ids, attention_mask=mask, decoder_input_ids=plain)["logits"]
        plain = np.concatenate([plain, logits[:, -1].argmax(-1)[:, None]], axis=1)
    np.testing.assert_array_equal(found, plain)
    assert case == "t5" or model.generate(ids[0], 1)[0] == 2


def test_a_decoder_that_asks_what_was_heard_goes_on_as_it_does_without_a_cache():
    model = sf.models.load(MODELS / "whisper", dtype="float64")
    frames = waves(2, 4, 10)
    found = model.generate(input_features=frames, new=4)
    plain = np.full((2, 1), 1)
    for _ in range(4):
        logits = model(input_features=frames, decoder_input_ids=plain)["logits"]
        plain = np.concatenate([plain, logits[:, -1].argmax(-1)[:, None]], axis=1)
    np.testing.assert_array_equal(found, plain)
    np.testing.assert_array_equal(model.generate(input_features=frames[1], new=4), plain[1])


def test_draws_are_of_the_most_likely_tokens_alone():
    model = sf.models.load(MODELS / "llama", dtype="float64")
    prompts = np.repeat(PROMPT[:1], 2000, axis=0)
    scores = model(PROMPT[:1])["logits"][0, -1]
    order = np.argsort(-scores)
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    drawn = model.generate(prompts, 1, temperature=1.0, top_k=3)[:, -1]
    assert set(drawn) == set(order[:3])
    fewest = int(np.searchsorted(np.cumsum(shares[order]), 0.6)) + 1
    assert set(model.generate(prompts, 1, temperature=1.0, top_p=0.6)[:, -1]) == set(order[:fewest])
    np.testing.assert_array_equal(model.generate(PROMPT, 3, temperature=1.0, top_k=1), model.generate(PROMPT, 3))


def test_each_of_several_tokens_stops_its_sequence():
    model = sf.models.load(MODELS / "llama", dtype="float64")
    plain = model.generate(PROMPT, 6)
    stops = [int(plain[0, 4]), int(plain[1, 5])]
    found = model.generate(PROMPT, 6, stop=stops)
    for row, whole in zip(found, plain, strict=True):
        first = next(place for place in range(3, len(row)) if row[place] in stops)
        np.testing.assert_array_equal(row[: first + 1], whole[: first + 1])
        assert set(row[first:]) == {row[first]}


@pytest.mark.parametrize(
    ("case", "arguments", "options", "expected"),
    [
        ("gpt2", ([[1, 2]], 9), {}, "new: expected at most 9 positions in all, for so many are learned, got 10"),
        ("gpt2", ([[1, 2]], 0), {}, "new: expected a whole number of at least 1, got 0"),
        ("gpt2", ([[1, 11]], 1), {}, "ids: expected 0..10"),
        ("gpt2", ([[1, 2]], 1), {"temperature": -1.0}, "temperature: expected a number, not negative, got -1.0"),
        ("gpt2", ([[1, 2]], 1), {"top_p": 0.0}, "top_p: expected a number above 0 and up to 1, got 0.0"),
        ("gpt2", ([[1, 2]], 1), {"top_k": -1}, "top_k: expected a whole number of at least 0, got -1"),
        ("t5", ([[1, 2]], 1), {}, "decoder_input_ids: expected token ids, for the configuration names no first token"),
        ("gpt2", ([[1, 2]], 1), {"attention_mask": [[1, 0]]}, "attention_mask: expected padding on the left alone"),
        ("gpt2_headless", ([[1, 2]], 1), {}, "GPT2Model: is no decoder with a head over the vocabulary"),
        ("bert_masked_lm", ([[1, 2]], 1), {}, "BertForMaskedLM: is no decoder with a head over the vocabulary"),
    ],
)
def test_what_cannot_go_on_is_named(case, arguments, options, expected):
    with pytest.raises(ValueError) as error:
        sf.models.load(MODELS / case).generate(*arguments, **options)
    assert expected in str(error.value)


def test_a_model_without_a_window_is_not_the_model_with_one(tmp_path):
    shutil.copytree(MODELS / "mistral", tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"sliding_window": None}))
    ids = [[3, 1, 4, 1, 5, 9]]
    off = sf.models.load(tmp_path)(ids)["logits"] - sf.models.load(MODELS / "mistral")(ids)["logits"]
    assert np.abs(off[0, :3]).max() < 1e-6 and np.abs(off[0, 3:]).max() > 1e-3
