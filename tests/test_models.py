"""Real models: tiny checkpoints of each architecture against the transformers library, and what does not fit."""

import json
import shutil
import struct
import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_inputs import CASES, IDS, MODELS, config_of, run, worst

import symformer as sf
from symformer.models.rope import Rope
from symformer.models.running.checkpoint import widened
from symformer.models.running.loading import RUNS
from symformer.models.running.rotary import frequencies
from symformer.system import EIGHT_BITS
from symformer.values.files import read_file


def copied(name, folder, config=None, **tensors):
    """A fixture's folder, with other keys of its configuration or other tensors; None takes one out."""
    shutil.copytree(MODELS / name, folder, dirs_exist_ok=True)
    data = json.loads((folder / "config.json").read_text()) | (config or {})
    (folder / "config.json").write_text(json.dumps({key: value for key, value in data.items() if value is not None}))
    if tensors:
        kept = load_file(folder / "model.safetensors") | {
            key.replace("__", "."): value for key, value in tensors.items()
        }
        save_file({key: value for key, value in kept.items() if value is not None}, folder / "model.safetensors")
    return folder


def message(error):
    """The text of an error, which is one line."""
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("case", CASES)
def test_a_model_computes_what_the_library_computes_and_in_single_precision_the_same(case):
    model = sf.models.load(MODELS / case)
    exact, single = run(model, case, dtype="float64"), run(model, case)
    for name, expected in load_file(MODELS / case / "expected.safetensors").items():
        assert worst(name, exact[name], expected) < 1e-10, name
        assert np.asarray(single[name][0]).dtype == np.float32
        assert worst(name, single[name], expected) < 1e-4 * max(1, np.abs(expected).max()), name


def test_every_architecture_has_a_fixture():
    assert {config_of(case)["model_type"] for case in CASES} == set(RUNS) == set(sf.models.MODEL_TYPES)


def test_one_sequence_alone_is_the_same_as_in_a_batch_with_padding():
    model = sf.models.load(MODELS / "llama", dtype="float64")
    alone = model(IDS[1, :5])
    np.testing.assert_allclose(alone["logits"], run(model)["logits"][1, :5], atol=1e-13)
    assert alone["attentions"][0].shape == (4, 5, 5)


def test_padding_on_the_left_changes_nothing_where_positions_are_told():
    model = sf.models.load(MODELS / "gpt2", dtype="float64")
    plain = model([[3, 1, 4]])["logits"]
    ids, mask, positions = [[0, 0, 3, 1, 4]], [[0, 0, 1, 1, 1]], [[0, 0, 0, 1, 2]]
    np.testing.assert_allclose(
        model(ids, attention_mask=mask, position_ids=positions)["logits"][:, 2:], plain, atol=1e-13
    )


def test_without_attention_weights_the_rest_is_the_same():
    model = sf.models.load(MODELS / "mistral")
    with_them, without = run(model), run(model, attentions=False)
    assert "attentions" not in without
    np.testing.assert_allclose(with_them["logits"], without["logits"], atol=1e-6)


def test_attention_weights_of_a_row_sum_to_one():
    for one in run(sf.models.load(MODELS / "gemma2", dtype="float64"))["attentions"]:
        np.testing.assert_allclose(one.sum(-1), 1)


def test_shards_are_read_through_their_index(tmp_path):
    copied("qwen2", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    names = sorted(tensors)
    shards = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, listed in shards.items():
        save_file({name: tensors[name] for name in listed}, tmp_path / file)
    (tmp_path / "model.safetensors").unlink()
    index = {"weight_map": {name: file for file, listed in shards.items() for name in listed}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    np.testing.assert_array_equal(
        run(sf.models.load(tmp_path))["logits"], run(sf.models.load(MODELS / "qwen2"))["logits"]
    )
    index["weight_map"][names[0]] = "../a.safetensors"
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(sf.models.CheckpointError, match=r"shard '\.\./a\.safetensors': expected a file beside"):
        sf.models.load(tmp_path)


def test_weights_stay_in_their_file():
    model = sf.models.load(MODELS / "llama")
    for mapped in model.weights.found.values():
        assert not mapped.array.flags.owndata and not mapped.array.flags.writeable
    stack = model.architecture.stacks[0]
    held = model.weights.found["model.layers.1.self_attn.q_proj.weight"].array
    assert np.shares_memory(model.weights.layer(stack, 1, np.float32)["W_Q"], held)


def test_bfloat16_is_computed_in_float32(tmp_path):
    copied("llama", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    rounded = {name: array.view(np.uint32) & 0xFFFF0000 for name, array in tensors.items()}
    save_file({name: bits.view(np.float32) for name, bits in rounded.items()}, tmp_path / "model.safetensors")
    expected = run(sf.models.load(tmp_path))["logits"]
    save_halves(
        {name: (bits >> 16).astype(np.uint16) for name, bits in rounded.items()}, tmp_path / "model.safetensors"
    )
    found = run(sf.models.load(tmp_path))["logits"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def save_halves(tensors, path):
    """A file of bfloat16 numbers, given as their bits."""
    header, start = {}, 0
    for name, bits in tensors.items():
        header[name] = {"dtype": "BF16", "shape": list(bits.shape), "data_offsets": [start, start + bits.nbytes]}
        start += bits.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(bits.tobytes() for bits in tensors.values()))


def test_every_number_of_eight_bits_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    numbers = np.arange(256, dtype=np.uint8)
    for name, dtype in (
        ("F8_E4M3", torch.float8_e4m3fn),
        ("F8_E5M2", torch.float8_e5m2),
        ("F8_E8M0", torch.float8_e8m0fnu),
    ):
        expected = torch.arange(256, dtype=torch.uint8).view(dtype).float().numpy()
        np.testing.assert_array_equal(EIGHT_BITS[name], expected)
        if name == "F8_E4M3":
            np.testing.assert_array_equal(widened(numbers, np.float32), expected)


def test_values_of_eight_bits_are_read_by_at(tmp_path):
    header = json.dumps({"x": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [0, 3]}}).encode()
    path = tmp_path / "values.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes([0x38, 0x40, 0xC0]))
    np.testing.assert_array_equal(read_file(path)["x"], np.array([1, 2, -2], np.float32))


def test_weights_with_scales_of_their_own_are_refused(tmp_path):
    copied("llama", tmp_path, model__layers__0__self_attn__q_proj__weight_scale_inv=np.ones(1, np.float32))
    with pytest.raises(sf.models.CheckpointError, match="weights stored with scales of their own are not run"):
        sf.models.load(tmp_path)


def test_float16_weights_give_float16_results(tmp_path):
    copied("bert", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    save_file(
        {name: value.astype(np.float16) if value.dtype == np.float32 else value for name, value in tensors.items()},
        tmp_path / "model.safetensors",
    )
    found = run(sf.models.load(tmp_path))["last_hidden_state"]
    assert found.dtype == np.float16
    expected = load_file(MODELS / "bert" / "expected.safetensors")["last_hidden_state"]
    assert worst("last_hidden_state", found, expected) < 0.02


def test_a_pooler_that_is_not_there_is_not_computed(tmp_path):
    copied("bert", tmp_path, pooler__dense__weight=None, pooler__dense__bias=None)
    out = run(sf.models.load(tmp_path, dtype="float64"))
    assert "pooler_output" not in out
    expected = load_file(MODELS / "bert" / "expected.safetensors")["last_hidden_state"]
    assert worst("last_hidden_state", out["last_hidden_state"], expected) < 1e-10


def test_known_buffers_are_ignored_and_other_tensors_reported(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sf.models.load(MODELS / "bert").weights.unused == ()
        assert sf.models.load(MODELS / "gpt2_bare").weights.unused == ()
    copied("bert", tmp_path, adapter__weight=np.zeros(3, np.float32))
    with pytest.warns(UserWarning, match="1 tensors have no place in BertModel: adapter.weight"):
        assert sf.models.load(tmp_path).weights.unused == ("adapter.weight",)


@pytest.mark.parametrize(
    ("tensors", "expected"),
    [
        ({"model__norm__weight": None}, "tensor 'model.norm.weight' is missing: expected shape (8,)"),
        (
            {"model__norm__weight": np.zeros(9, np.float32)},
            "tensor 'model.norm.weight': expected shape (8,), found (9,)",
        ),
        (
            {"model__norm__weight": np.zeros(8, np.int32)},
            "'model.norm.weight': expected one of F64, F32, F16, BF16, F8_E4M3, found I32",
        ),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(tmp_path, tensors, expected):
    with pytest.raises(sf.models.CheckpointError) as error:
        sf.models.load(copied("llama", tmp_path, **tensors))
    assert expected in message(error)


def test_a_tied_head_that_differs_is_an_error(tmp_path):
    copied("gpt2", tmp_path, lm_head__weight=np.ones((11, 8), np.float32))
    with pytest.raises(
        sf.models.CheckpointError, match=r"'lm_head.weight': expected the numbers of 'transformer.wte.weight'"
    ):
        sf.models.load(tmp_path)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "mamba"}, "key 'model_type': expected one of"),
        ({"hidden_act": "mish"}, "key 'hidden_act': expected one of"),
        ({"rms_norm_eps": float("nan")}, "key 'rms_norm_eps': expected a number, not negative, got NaN"),
        ({"rope_parameters": {"rope_theta": 7.0}}, "key 'rope_theta': expected 7.0 as in rope_parameters, got 500.0"),
        (
            {"rope_scaling": {"rope_type": "longrope", "factor": 2.0, "short_factor": [1.0]}},
            "config.json: key 'long_factor': expected 1 numbers, one a pair, got",
        ),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 2.0}}, "key 'low_freq_factor': expected a positive number"),
        ({"quantization_config": {"bits": 4}}, "key 'quantization_config'"),
        ({"auto_map": {"AutoModel": "modeling.Model"}}, "key 'auto_map'"),
        ({"num_hidden_layers": 3}, "tensor 'model.layers.2.input_layernorm.weight' is missing"),
    ],
)
def test_an_option_that_is_not_run_is_named(tmp_path, config, expected):
    with pytest.raises(sf.models.ConfigError) as error:
        sf.models.load(copied("llama", tmp_path, config))
    assert expected in message(error)


@pytest.mark.parametrize(
    ("case", "config", "expected"),
    [
        ("bloom", {"slow_but_exact": True, "pretraining_tp": 2}, "key 'slow_but_exact': expected false"),
        ("gemma", {"use_bidirectional_attention": True}, "key 'use_bidirectional_attention': expected false"),
        ("gemma", {"hidden_activation": "relu"}, "key 'hidden_activation': expected \"gelu_pytorch_tanh\""),
        ("llama", {"clip_qkv": 8.0}, "key 'clip_qkv': expected that it is left out"),
        ("qwen2", {"residual_multiplier": 0.2}, "key 'residual_multiplier': expected that it is left out"),
        ("gpt_oss", {"hidden_act": "relu"}, "key 'hidden_act': expected \"silu\""),
    ],
)
def test_an_option_that_changes_what_is_computed_stops_running_and_not_counting(tmp_path, case, config, expected):
    copied(case, tmp_path, config)
    assert sf.models.from_config(tmp_path).parameter_count == sf.models.load(MODELS / case).parameter_count
    with pytest.raises(sf.models.ConfigError) as error:
        sf.models.load(tmp_path)
    assert expected in message(error)


@pytest.mark.parametrize("neutral", [{"clip_qkv": None}, {"residual_multiplier": 1.0}, {"use_qk_norm": False}])
def test_an_option_at_its_neutral_value_stops_nothing(tmp_path, neutral):
    data = json.loads((copied("llama", tmp_path) / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(data | neutral))
    sf.models.load(tmp_path)


def test_what_a_configuration_leaves_out_is_as_the_library_has_it():
    sizes = {"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "intermediate_size": 4, "head_dim": 4}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "sliding_window": 3}
    plain = {"model_type": "gpt_oss", **sizes, **heads}
    rope = sf.models.from_config(plain).architecture.rope
    assert (rope.kind, rope.settings["factor"], rope.settings["truncate"]) == ("yarn", 32.0, False)
    assert sf.models.from_config({**plain, "rope_theta": 7.0}).architecture.rope.base == 7.0
    told = {"model_type": "phi3", "rope_scaling": {"type": "su", "short_factor": [1.0], "long_factor": [1.0]}}
    assert sf.models.from_config(
        config_of("phi3_longrope") | {"rope_parameters": None, **told}
    ).architecture.rope.kind == ("longrope")


def test_gelu_is_its_tanh_form_in_gemma_alone(tmp_path):
    logits = {}
    for case, key in (("gemma", "hidden_act"), ("gemma2", "hidden_activation")):
        for word in ("gelu", "gelu_pytorch_tanh"):
            folder = copied(case, tmp_path / f"{case}-{word}", {key: word})
            logits[case, word] = run(sf.models.load(folder, dtype="float64"), case, attentions=False)["logits"]
    np.testing.assert_array_equal(logits["gemma", "gelu"], logits["gemma", "gelu_pytorch_tanh"])
    assert np.abs(logits["gemma2", "gelu"] - logits["gemma2", "gelu_pytorch_tanh"]).max() > 1e-6


def test_cross_attention_without_a_memory_is_refused(tmp_path):
    with pytest.raises(sf.models.ConfigError, match="input 'memory' cannot be given"):
        sf.models.load(copied("gpt2", tmp_path, {"add_cross_attention": True}))


def test_pickled_weights_are_refused(tmp_path):
    shutil.copy(MODELS / "bert" / "config.json", tmp_path)
    with pytest.raises(sf.models.CheckpointError, match=r"expected model\.safetensors or"):
        sf.models.load(tmp_path)
    for name in ("pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "consolidated.00.pth", "model.pt"):
        (tmp_path / name).write_bytes(b"never opened")
        with pytest.raises(
            sf.models.CheckpointError, match=rf"{name}: pickled weights are refused, for unpickling runs"
        ):
            sf.models.load(tmp_path)
        (tmp_path / name).unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-5],
        lambda data: data[:6],
        lambda data: b"",
        lambda data: b"\xff" * 8 + data[8:],
        lambda data: struct.pack("<Q", 3) + b"{}}" + data,
        lambda data: data.replace(b'"data_offsets":[0,', b'"data_offsets":[9,', 1),
    ],
    ids=["cut", "cut in the header's length", "empty", "endless header", "no JSON", "a hole"],
)
def test_a_damaged_file_is_named(tmp_path, spoil):
    copied("bert", tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(sf.models.CheckpointError) as error:
        sf.models.load(tmp_path)
    assert f"{path}: not a sound safetensors file" in message(error)


@pytest.mark.parametrize(
    ("case", "ids", "options", "expected"),
    [
        ("llama", [[1, 11]], {}, "ids: expected 0..10, for the vocabulary has 11 rows, got 11"),
        ("llama", [[1, -1]], {}, "ids: expected 0..10, for the vocabulary has 11 rows, got -1"),
        ("llama", [[1.5]], {}, "ids: expected an array of whole numbers, got dtype float64"),
        ("llama", [[1], [1, 2]], {}, "ids: expected an array of whole numbers, got a ragged list"),
        ("llama", [[]], {}, "ids: expected an array of whole numbers, got dtype float64"),
        ("llama", np.zeros((2, 0), int), {}, "with at least one token, got (2, 0)"),
        ("llama", [[1, 2]], {"attention_mask": [[1]]}, "attention_mask: expected shape (1, 2), got (1, 1)"),
        ("llama", [[1, 2]], {"attention_mask": [[1, 2]]}, "attention_mask: expected 1 for tokens and 0 for padding"),
        ("gpt2", [[0] * 10], {}, "ids: expected at most 9 positions, for so many are learned, got 10"),
        ("gpt2", [[0, 0]], {"position_ids": [0, 9]}, "position_ids: expected 0..8"),
        ("gpt2", [[0]], {"token_type_ids": [[0]]}, "token_type_ids: gpt2 has no token types"),
        ("bert", [[0]], {"token_type_ids": [[2]]}, "token_type_ids: expected 0..1"),
        ("bert", [[0]], {"token_type_ids": [[0, 0]]}, "token_type_ids: expected shape (1, 1), got (1, 2)"),
        ("bert", [[0]], {"dtype": "int8"}, "dtype: expected float16, float32, float64, got 'int8'"),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit_are_named(case, ids, options, expected):
    with pytest.raises(ValueError) as error:
        sf.models.load(MODELS / case)(ids, **options)
    assert expected in message(error)


def test_stretched_frequencies_meet_the_plain_ones_at_both_ends():
    plain = frequencies(Rope(500000.0, "default", {}), 64)
    settings = {
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    found = frequencies(Rope(500000.0, "llama3", settings), 64)
    np.testing.assert_array_equal(found[:10], plain[:10])
    np.testing.assert_allclose(found[-10:], plain[-10:] / 8)
    assert (np.diff(found) < 0).all()


def test_the_latex_of_every_architecture_is_short_enough_for_two_pages():
    rows = json.loads((MODELS.parent / "parameter_totals.json").read_text())
    for config in (row["config"] for row in rows):
        written = sf.models.from_config(config).program.latex()
        lines = [line for line in written.splitlines() if "&" in line]
        # benchmarks/whole_models.py compiles them: the longest, of 54 lines, fills less than two pages
        assert len(lines) <= 54, config
        assert written.count("Repeat") <= 2


def test_in_float32_frequencies_and_angles_are_rounded_as_by_the_library():
    """As transformers 5 computes them: 1 / base ** (2 p / d), and times a position, each in float32 (torch 2.13)."""
    found = frequencies(Rope(10000.0, "default", {}), 32, np.float32)
    exact = 10000.0 ** -(np.arange(32) / 32)
    assert found.dtype == np.float32 and np.abs(found / exact - 1).max() < 1.2e-7
    bits = [0x3F3FF911, 0x3E72D423, 0x3D99940D, 0x3CC2434F, 0x3BF5B9B0, 0x3B1B690D, 0x3A44948C, 0x3978A815]
    np.testing.assert_array_equal(found[1::4].view(np.uint32), bits)


def test_in_float32_the_last_state_is_no_farther_off_than_angles_are_at_far_positions():
    positions = np.arange(7) + 20000
    model = sf.models.load(MODELS / "llama")
    single, double = (model(IDS[0], position_ids=positions, dtype=dtype) for dtype in ("float32", "float64"))
    off = np.abs(single["last_hidden_state"] - double["last_hidden_state"]).max()
    assert off < 1e-2
