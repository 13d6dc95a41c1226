"""Patches: a part's output set to zero, to its mean, to another run's; held against other weights and other inputs."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_inputs import IDS, MASK, MODELS, REAL, run

import symformer as sf
from symformer.models import Patch

OTHER = np.array([[2, 7, 1, 8, 2, 8, 1], [1, 4, 1, 4, 2, 1, 3]])


def loaded(case):
    """A fixture's model in float64."""
    return sf.models.load(MODELS / case, dtype="float64")


def with_zeros(case, folder, name, part=()):
    """The model of a fixture, of whose tensor some part is zero."""
    shutil.copytree(MODELS / case, folder, dirs_exist_ok=True)
    tensors = {key: value.copy() for key, value in load_file(folder / "model.safetensors").items()}
    tensors[name][part] = 0
    save_file(tensors, folder / "model.safetensors")
    return sf.models.load(folder, dtype="float64")


@pytest.mark.parametrize(
    ("case", "patch", "name", "part"),
    [
        ("gpt2", {"head": 1}, "transformer.h.1.attn.c_proj.weight", np.s_[4:8]),
        ("falcon", {"head": 2}, "transformer.h.1.self_attention.dense.weight", np.s_[:, 8:12]),
        ("gemma2", {"mlp": True}, "model.layers.1.mlp.down_proj.weight", np.s_[:]),
    ],
)
def test_a_part_set_to_zero_is_a_model_whose_weights_behind_it_are_zero(tmp_path, case, patch, name, part):
    expected = run(with_zeros(case, tmp_path, name, part), case)["logits"]
    model = loaded(case)
    found = run(model, case, patch={"layer": 1, "to": "zero", **patch})["logits"]
    np.testing.assert_allclose(found[REAL], expected[REAL], atol=1e-12)
    assert np.abs(found - run(model, case)["logits"])[REAL].max() > 1e-4


def test_experts_set_to_zero_leave_the_stream_as_attention_left_it():
    model = loaded("mixtral")
    found = run(model, patch=Patch(1, mlp=True), parts=True)
    np.testing.assert_array_equal(found["mlps"][1], 0)
    again = run(model, patch=[Patch(1, mlp=True), Patch(1, head=0, to=found)])
    np.testing.assert_allclose(again["logits"], found["logits"], atol=1e-13)


@pytest.mark.parametrize("case", ["mixtral", "t5"])
def test_what_a_run_gave_put_in_its_own_place_changes_nothing(case):
    model = loaded(case)
    plain = run(model, case, parts=True)
    name = "logits" if "logits" in plain else "last_hidden_state"
    patches = [{"layer": 0, "head": 1, "to": plain}, {"layer": 0, "mlp": True, "to": plain}, {"layer": 0, "to": plain}]
    if case in ("t5", "whisper"):
        patches += [
            {"layer": 0, "head": 0, "attention": "cross", "to": plain},
            {"layer": 1, "head": 0, "side": "encoder", "to": plain},
        ]
    np.testing.assert_allclose(run(model, case, patch=patches)[name], plain[name], atol=1e-12)


def test_the_stream_of_another_run_gives_its_logits_and_one_position_of_it_moves_none_before():
    model = loaded("gpt2")
    other, plain = model(OTHER, parts=True), model(IDS)
    np.testing.assert_allclose(model(IDS, patch=Patch(1, to=other))["logits"], other["logits"], atol=1e-13)
    one = model(IDS, patch=Patch(1, to=other, position=4))["logits"]
    np.testing.assert_array_equal(one[:, :4], plain["logits"][:, :4])
    np.testing.assert_allclose(one[:, 4:], model(IDS, patch=Patch(1, to=other, position=[4]))["logits"][:, 4:])
    assert np.abs(one - plain["logits"])[:, 4:].min(axis=-1).max() > 1e-6


def test_a_head_of_another_run_is_what_its_output_is_there():
    model = loaded("llama")
    other = model(OTHER, parts=True)
    found = model(IDS, parts=True, patch=Patch(0, head=2, to=other, position=[1, 3]))
    plain = model(IDS, parts=True)
    np.testing.assert_array_equal(found["heads"][0][:, 2, [1, 3]], other["heads"][0][:, 2, [1, 3]])
    np.testing.assert_array_equal(found["heads"][0][:, 2, [0, 2, 4, 5, 6]], plain["heads"][0][:, 2, [0, 2, 4, 5, 6]])
    np.testing.assert_array_equal(found["heads"][0][:, [0, 1, 3]], plain["heads"][0][:, [0, 1, 3]])


def test_a_mean_is_over_the_tokens_that_are_no_padding():
    model = loaded("llama")
    plain = model(IDS, attention_mask=MASK, parts=True)
    found = model(IDS, attention_mask=MASK, parts=True, patch=[Patch(1, "mean", head=0), Patch(1, "mean", mlp=True)])
    mean = plain["heads"][1][:, 0][REAL].mean(0)
    np.testing.assert_allclose(found["heads"][1][:, 0], np.broadcast_to(mean, found["heads"][1][:, 0].shape))
    assert np.ptp(found["mlps"][1], axis=(0, 1)).max() == 0


def test_an_array_stands_where_a_part_was():
    model = loaded("gpt2")
    given = np.arange(4.0)
    np.testing.assert_array_equal(
        model(IDS[0], parts=True, patch=Patch(1, given, head=1))["heads"][1][1], np.tile(given, (7, 1))
    )


@pytest.mark.parametrize(
    ("case", "patch", "expected"),
    [
        ("gpt2", {"layer": 2}, "patch: layer: expected 0..1, got 2"),
        ("gpt2", {"layer": 0, "head": 2}, "patch: head: expected 0..1, got 2"),
        (
            "gpt2",
            {"layer": 0, "to": "one"},
            "patch: to: expected zero or mean, an array, or what a call gave, got 'one'",
        ),
        ("gpt2", {"layer": 0, "position": 7}, "patch: position: expected 0..6, got 7"),
        ("gpt2", {"layer": 0, "head": 0, "mlp": True}, "patch: expected a head or mlp=True, got both"),
        ("gpt2", {"layer": 0, "to": np.zeros(3)}, "patch: to: expected numbers of shape (2, 7, 8), got (3,)"),
        ("gpt2", {"layer": 0, "mlp": True, "to": {}}, "with 'mlps', as with parts=True, got none"),
        ("gpt2", {"layer": 0, "side": "encoder"}, "patch: side: expected decoder, got 'encoder'"),
        ("gpt2", {"layer": 0, "head": 0, "attention": "cross"}, "patch: expected self, mlp or the stream, got 'cross'"),
        ("gpt2", {"head": 1}, "patch: expected objects with a layer and some of"),
    ],
)
def test_a_patch_that_does_not_fit_is_named(case, patch, expected):
    with pytest.raises(sf.models.InputError) as error:
        sf.models.load(MODELS / case)(IDS, patch=patch)
    assert expected in str(error.value) and "\n" not in str(error.value)
