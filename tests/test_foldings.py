"""Foldings: other weights, the same logits; what is folded, and what is kept and why."""

import numpy as np
import pytest
from tiny_inputs import IDS, MODELS, run, worst

import symformer as sf

# Each kind of norm, stream, head and attention; a fixture each.
CASES = ("gpt2", "falcon_alibi", "gemma2", "deepseek_v3", "t5")
ALL = ("norms", "centring", "value_biases", "circuits")


def loaded(case):
    """A fixture's model in float64."""
    return sf.models.load(MODELS / case, dtype="float64")


def told(model, *foldings, **options):
    """What foldings changed and kept, by folding and place."""
    return {(one.folding, one.place): one.what for one in sf.models.folded(model, *foldings, **options).changes}


@pytest.mark.parametrize("case", CASES)
def test_the_outputs_are_the_same(case):
    model = loaded(case)
    plain = run(model, case, attentions=False)
    found = run(sf.models.folded(model, *ALL, untie=True), case, attentions=False)
    name = "logits" if "logits" in plain else "last_hidden_state"
    assert worst(name, found[name], plain[name]) < 1e-12


def test_the_model_that_is_folded_stays_as_it_is_and_the_folded_one_goes_on_as_it_does():
    model = loaded("gpt2")
    before = model(IDS)["logits"]
    found = sf.models.folded(model, *ALL)
    np.testing.assert_array_equal(model(IDS)["logits"], before)
    np.testing.assert_array_equal(found.generate(IDS[:1, :3], 4), model.generate(IDS[:1, :3], 4))


def test_folded_norms_have_neither_scale_nor_shift():
    for case, neutral in (("gpt2", 1), ("gemma2", 0)):
        found = sf.models.folded(loaded(case), "norms", untie=True).weights
        stack = loaded(case).architecture.stacks[0]
        for number in range(2):
            assert (found.layer(stack, number, np.float64)["gamma_1"] == neutral).all()
        assert (found.outside(np.float64)["gamma_f"] == neutral).all()
        assert not found.outside(np.float64).get("beta_f", np.zeros(1)).any()


def test_what_is_written_into_a_stream_of_layer_norms_has_no_mean():
    found = sf.models.folded(loaded("gpt2"), "norms", "centring", untie=True)
    states = found(IDS)["hidden_states"]
    assert np.abs(loaded("gpt2")(IDS)["hidden_states"][0].mean(-1)).max() > 0.1
    assert max(np.abs(state.mean(-1)).max() for state in states[:2]) < 1e-12
    assert np.abs(found.weights.outside(np.float64)["U"].mean(-1)).max() < 1e-15


def test_the_bias_of_values_is_gone():
    found = sf.models.folded(loaded("qwen2"), "value_biases")
    own = found.weights.layer(found.architecture.stacks[0], 0, np.float64)
    assert not own["b_V"].any() and own["b_O"].any()  # Qwen2 has no bias there of its own


def test_joined_matrices_are_the_products_of_the_two():
    model = loaded("gpt2")
    stack = model.architecture.stacks[0]
    plain = model.weights.layer(stack, 1, np.float64)
    found = sf.models.folded(model, "circuits").weights.layer(stack, 1, np.float64)
    for head in range(2):
        np.testing.assert_allclose(found["W_V"][:, head], np.eye(8))
        np.testing.assert_allclose(found["W_O"][head], plain["W_V"][:, head] @ plain["W_O"][head])
        asks = plain["W_Q"][:, head] @ plain["W_K"][:, head].T
        np.testing.assert_allclose(found["W_Q"][:, head], asks * np.sqrt(8 / 4))  # scores are over √8 now, not √4


@pytest.mark.parametrize(
    ("case", "folding", "place", "expected"),
    [
        ("gpt2", "norms", "outside the layers: X_f", "kept: E is tied: X_W reads it too"),
        ("gpt2", "centring", "the stream", "kept: E is tied: logits reads it too"),
        ("bert_decoder", "norms", "bert.encoder.layer.{l}: N_1", "kept: N_1 is read by X_2, which is no product"),
        ("llama", "centring", "the stream", "kept: X_f reads the stream and keeps its mean"),
        ("llama", "circuits", "model.layers.{l}: W_Q W_Kᵀ", "kept: what W_Q gives is turned by positions"),
        ("falcon_alibi", "circuits", "transformer.h.{l}: W_Q W_Kᵀ", "kept: B depends on the size of heads"),
        ("gpt_oss", "value_biases", "model.layers.{l}: b_V", "kept: a sink takes some of each row"),
    ],
)
def test_what_forbids_a_folding_is_said(case, folding, place, expected):
    assert told(loaded(case), folding)[folding, place].startswith(expected)


def test_an_unknown_folding_is_named():
    with pytest.raises(
        sf.models.ConfigError, match="folded: expected norms, centring, value_biases, circuits, got 'ln'"
    ):
        sf.models.folded(loaded("gpt2"), "ln")
