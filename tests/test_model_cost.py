"""What models cost: against PyTorch's counts in the transformers library, and against published numbers."""

import json
from pathlib import Path

import pytest

import symformer as sf
from symformer.cli.main import main
from symformer.models import MODEL_TYPES, ConfigError, from_config
from symformer.models.program import parameter_parts
from symformer.models.symbols import Parameters
from symformer.notation import NotationError

FIXTURES = Path(__file__).parent / "fixtures"
CASES = json.loads((FIXTURES / "matmul_flops.json").read_text(encoding="utf-8"))
TOTALS = json.loads((FIXTURES / "parameter_totals.json").read_text(encoding="utf-8"))
LLAMA = {
    "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32,
    "num_attention_heads": 32, "intermediate_size": 11008, "max_position_embeddings": 4096,
}  # fmt: skip
MIXTRAL = {
    **LLAMA, "model_type": "mixtral", "intermediate_size": 14336, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2,
}  # fmt: skip
GPT2 = {"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024}


def cost_of(case):
    """The cost of a case of the fixture."""
    vision = case["config"]["model_type"] == "vit"
    return from_config(case["config"]).cost(case["batch"], None if vision else case["seq"])


def weighing(case):
    """What we count for the weighted sum over chosen experts, which the library does without a product of matrices."""
    config = case["config"]
    if "num_experts_per_tok" not in config:
        return 0
    layers = config["num_hidden_layers"] - config.get("first_k_dense_replace", 0)
    return 2 * case["batch"] * case["seq"] * config["num_experts_per_tok"] * config["hidden_size"] * layers


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['config']['architectures'][0]}-{case['forward']}")
def test_contractions_are_what_pytorch_counts_in_the_library(case):
    flops = cost_of(case).flops
    assert flops.forward.number == case["forward"] + weighing(case)
    assert flops.backward.number == case["backward"] + 2 * weighing(case)


def test_every_architecture_is_counted():
    assert {case["config"]["model_type"] for case in CASES} == set(MODEL_TYPES)


@pytest.mark.parametrize("case", TOTALS, ids=lambda case: f"{case['config']['architectures'][0]}-{case['total']}")
def test_a_program_reads_what_its_table_holds_in_the_same_shapes(case):
    architecture = from_config(case["config"]).architecture
    read = {tensor.name: tensor.shape for tensor in architecture.program.inputs}
    held = {symbol: value.tensor.shape for symbol, value in Parameters.of(architecture.outside).values.items()}
    for stack, mark in zip(architecture.stacks, architecture.marks, strict=True):
        for symbol, value in Parameters.of(stack.rows).values.items():
            held[symbol + mark] = (stack.layers, *value.tensor.shape)
    assert set(held) == set(parameter_parts(architecture))
    unread = set(held) - set(read)
    assert unread <= {"b_U", "E_S"}, "an untied head leaves the shared tensor of the library behind"
    assert {name: read[name] for name in held if name in read} == {n: s for n, s in held.items() if n in read}


def test_components_add_up_to_the_whole():
    cost = from_config(LLAMA).cost(2, 512)
    assert sum(one.parameters.number for one in cost.components) == cost.parameters == 6_738_415_616
    assert sum(one.forward.number for one in cost.components) == cost.flops.forward.number
    assert sum(one.backward.number for one in cost.components) == cost.flops.backward.number
    assert sum(one.activations.number for one in cost.components) == cost.memory.activations.number


def test_forward_flops_of_gpt2_are_24_bsh2_and_4_bs2h_a_layer_and_2_bshv_for_the_logits():
    flops = from_config(GPT2).cost(8, 1024).flops
    assert str(flops.forward.formula) == "24*L*b*d**2*n + 4*L*b*d*n**2 + 2*V*b*d*n"
    layers = 12 * (24 * 8 * 1024 * 768**2 + 4 * 8 * 1024**2 * 768)
    assert flops.forward.number == layers + 2 * 8 * 1024 * 768 * 50257
    assert flops.backward.number == 2 * flops.forward.number


@pytest.mark.parametrize(
    ("config", "bytes_a_token"),
    [
        (LLAMA, 524288),
        ({**LLAMA, "num_hidden_layers": 80, "num_key_value_heads": 8}, 327680),
        ({**LLAMA, "vocab_size": 128256, "num_key_value_heads": 8, "intermediate_size": 14336}, 131072),
        ({**LLAMA, "model_type": "mistral", "num_key_value_heads": 8, "intermediate_size": 14336}, 131072),
        ({**GPT2, "n_embd": 12288, "n_layer": 96, "n_head": 96}, 4718592),
        (GPT2, 36864),
        ({**LLAMA, "num_key_value_heads": 1}, 16384),
    ],
    ids=["LLaMA 2 7B", "LLaMA 2 70B", "LLaMA 3 8B", "Mistral 7B", "GPT-3", "GPT-2", "one head of keys"],
)  # fmt: skip
def test_the_cache_takes_the_known_bytes_for_a_token(config, bytes_a_token):
    model = from_config(config)
    assert model.cost(1, 1, dtype="fp16").memory.kv_cache.number == bytes_a_token
    assert model.cost(3, 100, dtype="fp16").memory.kv_cache.number == 300 * bytes_a_token


def test_latent_attention_keeps_one_latent_and_one_turned_key_for_all_heads():
    latent = next(
        case["config"] for case in TOTALS if case["config"]["model_type"] == "deepseek_v3" and case["total"] > 10**9
    )
    assert from_config(latent).cost(1, 1, dtype="bf16").memory.kv_cache.number == 2 * 61 * (512 + 64)


def test_a_window_bounds_the_cache():
    mistral = from_config({**LLAMA, "model_type": "mistral", "num_key_value_heads": 8, "sliding_window": 100})
    assert mistral.cost(1, 99).memory.kv_cache.number < mistral.cost(1, 100).memory.kv_cache.number
    assert mistral.cost(1, 4000).memory.kv_cache.number == mistral.cost(1, 100).memory.kv_cache.number
    gemma = {**LLAMA, "model_type": "gemma2", "num_key_value_heads": 4, "num_hidden_layers": 26, "sliding_window": 100}
    one, many = (from_config(gemma).cost(1, length).memory.kv_cache.number for length in (1, 1000))
    assert many == one // 26 * (13 * 1000 + 13 * 100)


def test_experts_that_are_not_chosen_cost_parameters_and_no_flops():
    few, many = (from_config({**MIXTRAL, "num_local_experts": count}).cost(1, 64) for count in (8, 16))
    router = 2 * 64 * 4096 * 8 * 32
    assert many.parameters > 1.8 * few.parameters
    assert many.flops.forward.number - few.flops.forward.number == router
    chosen = from_config({**MIXTRAL, "num_experts_per_tok": 4}).cost(1, 64).flops.forward.number
    assert chosen - few.flops.forward.number == 64 * 2 * 32 * (6 * 4096 * 14336 + 2 * 4096)


def test_training_a_llama_in_mixed_precision_takes_16_bytes_a_parameter_and_the_activations():
    memory = from_config(LLAMA).cost(1, 2048, dtype="bf16").memory
    fixed = memory.weights.number + memory.gradients.number + memory.optimizer.number
    assert fixed == 16 * 6_738_415_616 == 107_814_649_856
    assert memory.training == fixed + memory.activations.number


def test_recomputation_trades_memory_for_flops():
    model = from_config(GPT2)
    none, selective, full = (model.cost(1, 1024, recompute=kind) for kind in ("none", "selective", "full"))
    kept = [one.memory.activations.number for one in (none, selective, full)]
    assert kept == sorted(kept, reverse=True)
    assert len(set(kept)) == 3
    assert none.flops.recomputed.number == 0
    assert str(selective.flops.recomputed.formula) == "4*L*b*d*n**2"
    assert str(full.flops.recomputed.formula) == "24*L*b*d**2*n + 4*L*b*d*n**2"


def test_the_largest_batch_is_the_largest_that_fits():
    model, memory = from_config(LLAMA), 200 * 10**9
    fits = model.cost(1, 2048).memory.largest_batches(memory, 1)
    assert model.cost(fits["training"], 2048).memory.training <= memory
    assert model.cost(fits["training"] + 1, 2048).memory.training > memory
    assert model.cost(fits["inference"], 2048).memory.inference <= memory
    assert model.cost(fits["inference"] + 1, 2048).memory.inference > memory


def test_a_program_of_a_model_is_a_few_statements_whatever_its_layers():
    program = from_config({**LLAMA, "num_hidden_layers": 126}).program
    assert [tensor.name for tensor in program] == ["X_0", "M", "X_L", "X_f", "logits"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"batch": 0}, ConfigError, "batch: expected a whole number from 1"),
        ({"batch": 1, "seq": -5}, ConfigError, "seq: expected"),
        ({"batch": 1, "seq": 10**12}, ConfigError, "seq: expected"),
        ({"batch": 1, "dtype": "float3"}, NotationError, "dtype: expected one of"),
        ({"batch": 1, "optimizer": "lion"}, NotationError, "optimizer: expected one of"),
        ({"batch": 1, "recompute": "some"}, NotationError, "recompute: expected one of"),
    ],
)
def test_what_a_model_cannot_be_priced_at_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        from_config(GPT2).cost(**arguments)


@pytest.fixture
def config_file(tmp_path):
    """A configuration on disk."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(GPT2), encoding="utf-8")
    return path


def run(capsys, *arguments):
    """Exit status, output and error of a command line."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_prints_the_same_in_json(capsys, config_file):
    status, out, _ = run(capsys, "cost", config_file, "--batch", 8, "--seq", 512, "--dtype", "bf16", "--json")
    found, cost = json.loads(out), from_config(GPT2).cost(8, 512, dtype="bf16")
    assert status == 0
    assert found["parameters"] == 124_439_808
    assert found["flops"]["forward"] == cost.flops.forward.number
    assert found["flops"]["backward"] == cost.flops.backward.number
    assert found["memory"]["training"] == cost.memory.training
    assert found["memory"]["kv_cache"] == cost.memory.kv_cache.number
    assert found["formulas"]["parameters"] == "12*L*d**2 + 13*L*d + V*d + d*n_ctx + 2*d"
    assert sum(part["parameters"]["number"] for part in found["components"].values()) == 124_439_808
    assert found["tensors"]["transformer.h.{l}.attn.c_attn.weight"] == 768 * 2304
    assert found["defaults"]["n_inner"] == 3072


def test_the_command_prints_formulas_and_numbers_and_what_fits(capsys, config_file):
    status, out, _ = run(capsys, "cost", config_file.parent, "--seq", 512, "--memory", "24GiB")
    assert status == 0
    assert "12 L d^2 + 13 L d + V d + d n_ctx + 2 d\t124,439,808" in out
    assert "parameters\tattention\t4 L d^2 + 4 L d\t28,348,416" in out
    assert "FLOPs forward\tattention\t" in out and "bytes kept\tattention\t" in out
    assert "largest batch in training" in out
    assert "from the architecture: n_inner = 3072" in out
    assert out.count("layer_norm_epsilon = ") == 1


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({"n_embd": None}, (), "key 'n_embd' is missing"),
        ({"model_type": "frob"}, (), "key 'model_type': expected one of"),
        ({"n_head": 7}, (), "key 'n_head': 7 heads do not divide the width 768"),
        ({}, ("--seq", "0"), "seq: expected a whole number"),
        ({}, ("--batch", "-1"), "batch: expected"),
        ({}, ("--memory", "much"), "--memory: expected bytes such as 80GB"),
        ({}, ("--dtype", "frob"), "--dtype"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, config_file, change, options, words):
    config_file.write_text(json.dumps({**GPT2, **change}), encoding="utf-8")
    status, out, err = run(capsys, "cost", config_file, *options)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_length_that_a_model_has_no_positions_for_is_priced_with_a_remark(capsys, config_file):
    status, out, _ = run(capsys, "cost", config_file, "--seq", 4096)
    assert status == 0
    assert "remark: the model has learned 1024 positions, and 4096 are priced" in out
    vision = {"model_type": "vit", "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4,
              "intermediate_size": 40, "image_size": 32, "patch_size": 8}  # fmt: skip
    model = from_config(vision)
    assert model.remarks(5) == ("an image has 17 positions here, not 5",)
    assert model.cost(1, 5).flops.forward.number == model.cost(1).flops.forward.number


def test_models_are_a_public_room():
    assert sf.models.from_config(GPT2).cost(1, 16).parameters == 124_439_808


OSS = {
    "model_type": "gpt_oss", "architectures": ["GptOssForCausalLM"], "vocab_size": 201088, "hidden_size": 2880,
    "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
    "intermediate_size": 2880, "num_local_experts": 32, "num_experts_per_tok": 4, "torch_dtype": "bfloat16",
    "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"]},
}  # fmt: skip


def test_weights_that_are_stored_quantised_are_counted_in_their_bytes():
    assert from_config(OSS).cost(1, 8).memory.weights.number == 13_761_264_768  # `total_size` of gpt-oss-20b's index
    assert from_config(OSS).cost(1, 8, dtype="bf16").memory.weights.number == 2 * from_config(OSS).parameter_count


@pytest.mark.parametrize(
    ("settings", "matrix"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 256 * 128 + 2 * 4),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32}, 256 * 128 // 2 + 4 * (256 * 2 + 256 // 2) + 128 * 4),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, 256 * 128 // 2 + 2 * (256 * 2 + 256 // 2)),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 256 * 128 + 256 * 4),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, 256 * 128 // 2 + 512 * 4),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True},
         256 * 128 // 2 + 512 + 2 * 4),
    ],
)  # fmt: skip
def test_a_quantised_matrix_takes_the_bytes_of_its_method(settings, matrix):
    config = {
        "model_type": "bert",
        "vocab_size": 10,
        "hidden_size": 128,
        "num_hidden_layers": 1,
        "dtype": "float32",
        "num_attention_heads": 1,
        "intermediate_size": 256,
        "type_vocab_size": 1,
        "max_position_embeddings": 4,
    }
    plain = from_config(config)
    kept = {**settings, "modules_to_not_convert": ["attention", "output.dense", "pooler"]}
    found = from_config(config | {"quantization_config": kept})
    assert found.cost(1, 4).memory.weights.number == 4 * (plain.parameter_count - 256 * 128) + matrix
    assert plain.unread == found.unread == ()


def test_a_method_that_is_not_known_stops_no_count_and_is_said():
    found = from_config(OSS | {"quantization_config": {"quant_method": "new"}})
    assert found.cost(1, 8).memory.weights.number == 2 * found.parameter_count
    assert any("new is none of gptq, awq, fp8, bitsandbytes, mxfp4" in one for one in found.remarks(8))
