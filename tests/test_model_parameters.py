"""Parameters from configurations: against the transformers library's own counts, and against published ones."""

import json
from math import prod
from pathlib import Path

import numpy as np
import pytest

from symformer.models import MODEL_TYPES, ConfigError, from_config
from symformer.models.layout import row, views

CASES = json.loads((Path(__file__).parent / "fixtures" / "parameter_totals.json").read_text(encoding="utf-8"))
PUBLISHED = json.loads((Path(__file__).parent / "fixtures" / "published_models.json").read_text(encoding="utf-8"))
GPT2 = {"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12}
LLAMA = {
    "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32,
    "num_attention_heads": 32, "intermediate_size": 11008,
}  # fmt: skip


def case_name(case):
    """The class of a case, and what is odd about it."""
    config = case["config"]
    return f"{config['architectures'][0]}-{case['total']}"


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_a_models_parameters_are_exactly_those_of_the_library(case):
    model = from_config(case["config"])
    assert model.parameter_count == case["total"]
    sizes = {name: prod(parameter.shape) for name, parameter in model.parameters.items()}
    assert sum(sizes.values()) == case["total"]
    for module, expected in case.get("modules", {}).items():
        inside = [size for name, size in sizes.items() if name == module or name.startswith(f"{module}.")]
        assert sum(inside) == expected, module


def test_every_architecture_has_cases():
    assert {case["config"]["model_type"] for case in CASES} == set(MODEL_TYPES)
    assert len(MODEL_TYPES) == 26


@pytest.mark.parametrize(
    ("config", "published"),
    [
        (GPT2, 124_439_808),
        (LLAMA, 6_738_415_616),
        (
            {"model_type": "mistral", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336},
            7_241_732_096,
        ),
        (
            {"model_type": "t5", "vocab_size": 32128, "d_model": 768, "d_kv": 64, "d_ff": 2048, "num_layers": 12,
             "num_heads": 12, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
            247_577_856,
        ),
        (
            {"model_type": "bert", "vocab_size": 28996, "hidden_size": 768, "num_hidden_layers": 12,
             "num_attention_heads": 12, "intermediate_size": 3072},
            108_310_272,
        ),
    ],
    ids=["GPT-2", "LLaMA 7B", "Mistral 7B", "T5 v1.1 base, whose head is its own", "BERT base cased"],
)  # fmt: skip
def test_published_totals_are_reached(config, published):
    assert from_config(config).parameter_count == published


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model["name"])
def test_published_configurations_are_read_whole_and_give_the_published_totals(model):
    found = from_config(model["config"])
    assert found.parameter_count == model["parameters"]
    assert set(found.unread) <= {"quantization_config"}


def test_the_formula_of_gpt2_is_the_known_one():
    assert str(from_config(GPT2).parameter_formula) == "12*L*d**2 + 13*L*d + V*d + d*n_ctx + 2*d"


def test_a_parameter_has_its_shape_in_symbols_and_in_numbers():
    parameter = from_config(GPT2).parameters["transformer.h.3.attn.c_attn.weight"]
    assert parameter.shape == (768, 2304)
    assert [str(size) for size in parameter.symbolic] == ["d", "3*H*d_k"]
    assert [symbol for symbol, _ in parameter.stored.symbols] == ["W_Q", "W_K", "W_V"]


def test_what_the_architecture_supplies_is_listed():
    defaults = {default.key: default.value for default in from_config(GPT2).defaults}
    assert defaults["n_inner"] == 3072
    assert defaults["n_positions"] == 1024
    assert defaults["architectures"] == ["GPT2LMHeadModel"]
    assert "n_embd" not in defaults


def test_keys_that_nobody_reads_are_listed():
    assert from_config({**GPT2, "use_cache": True, "frobnicate": 3}).unread == ("frobnicate",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "frob"}, "key 'model_type': expected one of gpt2"),
        ({"model_type": None}, "key 'model_type' is missing"),
        ({"hidden_size": None}, "key 'hidden_size' is missing: expected a positive integer"),
        ({"intermediate_size": None}, "key 'intermediate_size' is missing"),
        ({"num_attention_heads": 31}, "key 'num_attention_heads': 31 heads do not divide the width 4096"),
        ({"num_key_value_heads": 5}, "key 'num_key_value_heads': expected a divisor of the 32 heads, got 5"),
        ({"hidden_size": -4096}, "key 'hidden_size': expected a whole number from 1 to 100000000, got -4096"),
        ({"hidden_size": 0}, "key 'hidden_size'"),
        ({"hidden_size": 10**30}, "key 'hidden_size'"),
        ({"hidden_size": 4096.5}, "key 'hidden_size'"),
        ({"hidden_size": True}, "key 'hidden_size'"),
        ({"hidden_size": "4096"}, "key 'hidden_size'"),
        ({"num_hidden_layers": 10**6}, "key 'num_hidden_layers'"),
        ({"attention_bias": "no"}, "key 'attention_bias': expected true or false"),
        ({"architectures": ["LlamaForFrobnication"]}, "key 'architectures': expected one of LlamaModel"),
        ({"architectures": []}, "key 'architectures'"),
        ({"rope_scaling": {"type": "frob"}}, "rope_scaling: key 'type'"),
        ({"rope_scaling": 3}, "key 'rope_scaling': expected an object or null, got 3"),
    ],
)
def test_a_bad_configuration_is_refused_with_the_name_of_the_key(change, words):
    with pytest.raises(ConfigError) as error:
        from_config({**LLAMA, **change})
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_old_and_new_names_of_a_key_are_one():
    old = from_config({**LLAMA, "rope_theta": 500000.0})
    new = from_config({**LLAMA, "rope_parameters": {"rope_theta": 500000.0, "rope_type": "default"}})
    assert old.parameters.keys() == new.parameters.keys()
    with pytest.raises(ConfigError, match="'n_embd' and 'hidden_size' are one and differ"):
        from_config({**GPT2, "hidden_size": 12})


@pytest.mark.parametrize("text", ["", "[1]", "{", "\x00"])
def test_a_file_that_is_no_json_object_is_refused(tmp_path, text):
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.json"):
        from_config(tmp_path)


def test_a_stored_array_is_seen_as_its_symbols_without_a_copy():
    fused = row("qkv.weight", "(g * c) a", "attention", W_Q="a g r c", W_K="a g c", W_V="a g c")
    numbers = dict(zip(_sizes("g r c a"), (2, 3, 4, 5), strict=True))
    array = np.arange(2 * 5 * 4 * 5).reshape(40, 5)
    found = views(fused, array, numbers)
    blocks = array.reshape(2, 5, 4, 5)
    np.testing.assert_array_equal(found["W_Q"], blocks[:, :3].transpose(3, 0, 1, 2))
    np.testing.assert_array_equal(found["W_K"], blocks[:, 3].transpose(2, 0, 1))
    np.testing.assert_array_equal(found["W_V"], blocks[:, 4].transpose(2, 0, 1))
    assert all(np.shares_memory(array, view) for view in found.values())


def test_several_symbols_need_an_axis_to_stand_along():
    with pytest.raises(ValueError, match="2 symbols"):
        row("w", "a c", "attention", W_Q="a c", W_K="a c")


def _sizes(letters):
    """The size symbols of some axes."""
    return [row("w", letter, "attention", W=letter).shape[0] for letter in letters.split()]
