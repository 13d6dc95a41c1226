"""Many devices: what one of them holds, computes and sends, against counts of the whole, formulas and simulations."""

import json

import pytest
from gpt_layer import H, b, d, layer, n
from sympy import Symbol, expand, simplify

from symformer import cluster
from symformer.cli.main import main
from symformer.cost import AFTER, shard
from symformer.models import from_config

T = "tensor"
CUTS = {"W_Q": (None, T, None), "W_K": (None, T, None), "W_V": (None, T, None), "W_O": (T, None, None),
        "W_1": (None, T), "W_2": (T, None)}  # fmt: skip
t = Symbol("t", positive=True)
LLAMA = {
    "model_type": "llama", "vocab_size": 512, "hidden_size": 64, "num_hidden_layers": 8, "num_attention_heads": 8,
    "num_key_value_heads": 4, "intermediate_size": 128, "max_position_embeddings": 64,
}  # fmt: skip
GPT2 = {"model_type": "gpt2", "vocab_size": 500, "n_embd": 64, "n_layer": 8, "n_head": 8, "n_positions": 64}
MIXTRAL = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2}
DEEPSEEK = {
    **LLAMA, "model_type": "deepseek_v3", "kv_lora_rank": 16, "q_lora_rank": 24, "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 4, "v_head_dim": 8, "first_k_dense_replace": 2, "n_routed_experts": 8,
    "num_experts_per_tok": 2, "moe_intermediate_size": 32,
}  # fmt: skip
BERT = {"model_type": "bert", "vocab_size": 500, "hidden_size": 64, "num_hidden_layers": 8, "num_attention_heads": 8,
        "intermediate_size": 128}  # fmt: skip
FALCON = {"model_type": "falcon", "vocab_size": 512, "hidden_size": 64, "num_hidden_layers": 8,
          "num_attention_heads": 8, "multi_query": True, "new_decoder_architecture": False}  # fmt: skip
MODELS = {"llama": LLAMA, "gpt2": GPT2, "mixtral": MIXTRAL, "deepseek": DEEPSEEK, "bert": BERT, "falcon": FALCON}


@pytest.fixture(scope="module")
def shards():
    """A model and its shards, each counted once for all tests."""
    known = {}

    def of(name, seq=32, **setting):
        key = (name, seq, *sorted(setting.items()))
        if key not in known:
            known[key] = cluster.Shards(from_config(MODELS[name]), cluster.Setting(seq, **setting))
        return known[key]

    return of


def logits_bytes(found, batch=1):
    """What the loss keeps in float32, beyond what a model's own cost counts."""
    return found.logits.at(found.sizes(batch, 1)).on_device({})


@pytest.mark.parametrize("name", MODELS)
def test_one_device_is_the_whole_model(shards, name):
    found, plan = shards(name), cluster.plan_of(micro_batch=3)
    cost = found.model.cost(3, 32)
    stage = cluster.stage_of(found, plan, 0)
    memory = cluster.memory_of(found, plan, stage)
    assert cluster.parameters_of(found, plan, stage) == cost.parameters
    assert cluster.flops_of(found, plan, stage, again=False) == cost.flops.forward.number + cost.flops.backward.number
    assert memory.activations - logits_bytes(found, 3) == cost.memory.activations.number
    assert memory.total - logits_bytes(found, 3) == cost.memory.training
    assert cluster.collectives_of(found, plan, stage) == ()


@pytest.mark.parametrize("name", ["llama", "gpt2", "deepseek"])
@pytest.mark.parametrize("recompute", ["selective", "full"])
def test_recomputation_keeps_and_repeats_what_the_model_says(shards, name, recompute):
    found, plan = shards(name, recompute=recompute), cluster.plan_of()
    cost = found.model.cost(1, 32, recompute=recompute)
    stage = cluster.stage_of(found, plan, 0)
    memory = cluster.memory_of(found, plan, stage)
    assert memory.activations - logits_bytes(found) == cost.memory.activations.number
    assert memory.recomputed > 0
    assert cluster.flops_of(found, plan, stage, again=True) == cost.flops.training


@pytest.mark.parametrize("name", ["llama", "gpt2", "mixtral", "deepseek"])
def test_devices_together_hold_and_compute_the_whole(shards, name):
    """Every matrix is somewhere once; what is whole everywhere is counted once for each device that shares."""
    found = shards(name)
    plan = cluster.plan_of(tp=4, pp=2, dp=4, ep=2 if found.has_experts else 1, sp=True, batch=16)
    stages = [cluster.stage_of(found, plan, number) for number in range(2)]
    whole = from_config(MODELS[name]).cost(16, 32).flops
    total = sum(cluster.flops_of(found, plan, stage, again=False) for stage in stages) * 4 * 4
    assert total == pytest.approx(whole.forward.number + whole.backward.number)
    cut, rows = 0, found.rows()
    layers = dict(found.stacks)
    for place, cuts, numbers, symbol in rows:
        value = float(numbers.subs(found.model.sizes)) * layers.get(place, 1) * (2 if symbol in found._shared else 1)
        cut += value / (4 if T in cuts else 1) / (8 if "expert" in cuts else 1)
    assert sum(cluster.parameters_of(found, plan, stage) for stage in stages) == pytest.approx(cut)


def test_layer_of_megatron_from_its_six_cut_matrices():
    """Korthikanti et al. 2022, table 2, every row, from which axes of the parameters are cut."""
    one = layer()
    place = shard(one.out, CUTS, one.parameters, batch=b).layer
    size, square = n * b * d, 5 * H * n**2 * b
    rows = {
        ("none", 1, 1): 34 * size + square, ("none", t, 1): size * (10 + 24 / t) + square / t,
        ("none", t, t): (34 * size + square) / t, ("selective", t, 1): size * (10 + 24 / t),
        ("selective", t, t): 34 * size / t,
    }  # fmt: skip
    for (recompute, tensor, sequence), expected in rows.items():
        bytes_ = place.activations(recompute).on_device({"tensor": tensor, "sequence": sequence})
        assert expand(bytes_ - expected) == 0, (recompute, tensor, sequence)
    assert expand(place.forward.on_device({"tensor": t}) - (24 * size * d + 4 * size * n) / t) == 0


def test_two_partial_sums_and_two_whole_inputs_in_a_layer():
    """Shoeybi et al. 2019, section 3: two all-reduces forward (f is the identity there) and two backward."""
    one = layer()
    found = [one_ for one_ in shard(one.out, CUTS, one.parameters, batch=b).layer.exchanges if one_.kind != "gradient"]
    assert [(each.kind, each.name) for each in found] == [
        ("whole", "N_1"), ("partial", "Y"), ("whole", "N_2"), ("partial", "F")
    ]  # fmt: skip
    assert all(each.elements == n * b * d and each.sequence for each in found)


@pytest.mark.parametrize("recompute", ["none", "full"])
def test_sequence_parallelism_sends_as_many_bytes_but_for_what_is_gathered_again(shards, recompute):
    """Korthikanti et al. 2022, section 4.2.2: an all-reduce is a reduce-scatter and an all-gather."""
    found = shards("gpt2", recompute=recompute)
    totals = []
    for sp in (False, True):
        plan = cluster.plan_of(tp=4, pp=2, sp=sp, micro_batch=2)
        sent = cluster.collectives_of(found, plan, cluster.Stage(1, (("L", 4),), 1))
        ring = [one for one in sent if one.group == T and one.times >= 4 * plan.micro_batches]
        again = [one for one in ring if sp and one.kind == "all-gather" and one.what[0] == "N"]
        totals.append(
            sum(one.total for one in ring) - (sum(one.total for one in again) / 2 if recompute == "none" else 0)
        )
    assert totals[0] == totals[1] > 0


def test_bytes_of_collectives():
    for devices in (1, 2, 3, 8):
        parts = cluster.sent("reduce-scatter", 840.0, devices) + cluster.sent("all-gather", 840.0, devices)
        assert cluster.sent("all-reduce", 840.0, devices) == parts == pytest.approx(2 * 840 * (devices - 1) / devices)
    assert cluster.sent("all-to-all", 840.0, 4) == 630


def test_experts_are_reached_by_all_to_all(shards):
    found = shards("mixtral")
    plan = cluster.plan_of(tp=2, dp=4, ep=4, batch=4)
    sent = [
        one for one in cluster.collectives_of(found, plan, cluster.stage_of(found, plan, 0)) if one.group == "expert"
    ]
    assert {(one.kind, one.what) for one in sent} == {("all-to-all", "N_2"), ("all-to-all", "E_down")}
    assert all(one.whole == 2 * 32 * 2 * 64 and one.times == 2 * 8 for one in sent), "k copies of each token, both ways"
    assert cluster.collectives_of(found, cluster.plan_of(), cluster.stage_of(found, cluster.plan_of(), 0)) == ()


@pytest.mark.parametrize(
    ("zero", "bytes_a_parameter"), [(0, 16), (1, 4 + 12 / 8), (2, 2 + 14 / 8), (3, 16 / 8)]
)  # fmt: skip
def test_zero_shares_optimizer_then_gradients_then_parameters(shards, zero, bytes_a_parameter):
    found, plan = shards("llama"), cluster.plan_of(dp=8, zero=zero, batch=16)
    stage = cluster.stage_of(found, plan, 0)
    memory = cluster.memory_of(found, plan, stage)
    states = memory.weights + memory.gradients + memory.master + memory.optimizer
    assert states == pytest.approx(bytes_a_parameter * found.model.parameter_count)
    assert (memory.live > 0) == (zero == 3)
    sent = sum(one.total for one in cluster.collectives_of(found, plan, stage))
    each = 2 * found.model.parameter_count * 7 / 8  # 2 micro-batches: stages 2 and 3 cannot add up before they send
    assert sent == pytest.approx({0: 2, 1: 2, 2: 3, 3: 6}[zero] * each)


@pytest.mark.parametrize("schedule", cluster.SCHEDULES)
def test_formulas_of_schedules_are_what_a_simulation_counts(schedule):
    for stages in (1, 2, 3, 4, 8):
        for chunks in (2, 3) if schedule == "interleaved" else (1,):
            for count in {stages, 2 * stages, 4 * stages} | ({1, 3} if chunks == 1 else set()):
                given = (schedule, stages, count, chunks)
                assert cluster.idle_share(*given) == cluster.bubble(*given[1:]), given
                for stage in range(stages):
                    tasks = cluster.order(schedule, stage, stages, count, chunks)
                    assert (
                        sorted(map(repr, tasks)) == sorted(set(map(repr, tasks))) and len(tasks) == 2 * count * chunks
                    )
                    assert cluster.most_in_flight(tasks) == cluster.in_flight(schedule, stage, *given[1:]), (
                        given,
                        stage,
                    )


def test_the_first_stage_keeps_all_layers_of_one_micro_batch_in_a_schedule_of_one_forward_one_backward(shards):
    """Korthikanti et al. 2022, equation 5, and its factor 1 + (p − 1)/(p v) where chunks are interleaved."""
    found = shards("gpt2")
    whole = cluster.memory_of(found, cluster.plan_of(), cluster.Stage(0, (("L", 8),), 1)).activations
    for chunks, schedule in ((1, "1f1b"), (2, "interleaved")):
        plan = cluster.plan_of(pp=4, batch=16, schedule=schedule, chunks=chunks)
        stage = cluster.Stage(0, (("L", 2),), chunks)
        factor = 1 if chunks == 1 else 1 + (4 - 1) / (4 * chunks)
        assert cluster.memory_of(found, plan, stage).activations == pytest.approx(factor * whole)
    last = cluster.memory_of(found, cluster.plan_of(pp=4, batch=16), cluster.Stage(3, (("L", 2),), 1)).activations
    assert last == pytest.approx(whole / 4)
    all_of_them = cluster.memory_of(
        found, cluster.plan_of(pp=4, batch=16, schedule="gpipe"), cluster.Stage(3, (("L", 2),), 1)
    )
    assert all_of_them.activations == pytest.approx(whole / 4 * 16)


def test_a_tied_embedding_is_on_the_last_stage_too(shards):
    found, plan = shards("gpt2"), cluster.plan_of(pp=2, batch=4)
    held = sum(cluster.parameters_of(found, plan, cluster.stage_of(found, plan, number)) for number in range(2))
    assert held == found.model.parameter_count + 500 * 64
    sent = cluster.collectives_of(found, plan, cluster.stage_of(found, plan, 1))
    assert [one.bytes for one in sent if one.kind == "all-reduce"] == [2 * 500 * 64]
    for number in range(2):
        plan = cluster.plan_of(pp=2, dp=2, batch=4)
        stage = cluster.stage_of(found, plan, number)
        sent = [one for one in cluster.collectives_of(found, plan, stage) if one.group == "data"]
        assert sum(one.bytes for one in sent) == 2 * cluster.parameters_of(found, plan, stage), "its copies differ too"


def test_words_are_padded_to_the_devices_that_share_them(shards):
    found, plan = shards("gpt2"), cluster.plan_of(tp=8)
    stage = cluster.Stage(0, ((AFTER, 1),), 1)
    assert found.sizes(1, 8)["V"] == 504
    logits = 4 * 32 * 504 / 8
    rest = 2 * 32 * 64 * 2  # what goes into the last norm and into the head
    assert cluster.memory_of(found, plan, stage).activations == logits + rest


def test_search_finds_what_fits_and_says_why_the_others_do_not(shards):
    found = shards("llama", recompute="selective")
    device = cluster.Device("small", 1e12, 1.2e6, 1e11, 1e10, 1e9, 8, "a test")
    results = cluster.search(found, 16, 16, device)
    fitting = [one for one in results if not one.reason]
    assert fitting and fitting == results[: len(fitting)]
    assert [one.step.seconds for one in fitting] == pytest.approx(sorted(one.step.seconds for one in fitting))
    for one in results:
        plan = one.plan
        assert plan.devices == 16
        misfit = next(cluster.misfits(plan, found.limits), "")
        if misfit:
            assert one.reason == misfit
        else:
            own = shards("llama", recompute=one.recompute)
            worst = max(cluster.memory_of(own, plan, cluster.stage_of(own, plan, number)).total
                        for number in range(plan.pipeline))  # fmt: skip
            assert one.step is None or one.step == cluster.step_of(own, plan, device)
            assert worst == pytest.approx(one.memory.total) and (worst > device.memory) == bool(one.reason)
    assert {one.reason.split(":")[0] for one in results} >= {"", "tp", "pp", "memory"}
    assert {one.recompute for one in fitting} == {"none", "selective", "full"}
    assert {one.plan.schedule for one in fitting} == set(cluster.SCHEDULES)


def test_a_search_keeps_what_is_given(shards):
    device, found = cluster.DEVICES["a100"], shards("mixtral")
    every = cluster.search(found, 8, 8, device)
    for given in (
        {"tensor": 2, "zero": 1},
        {"schedule": "gpipe"},
        {"expert": 4, "expert_tensor": 1},
        {"sequence": True},
    ):
        kept = cluster.search(found, 8, 8, device, given=given)
        wanted = [one for one in every if all(getattr(one.plan, name) == value for name, value in given.items())]
        assert kept == wanted and kept
    assert {one.recompute for one in cluster.search(found, 8, 8, device, recomputations=("full",))} == {"full"}
    with pytest.raises(cluster.PlanError, match="no plan of 8 devices and 8 sequences a step has tensor 4, data 4"):
        cluster.search(found, 8, 8, device, given={"tensor": 4, "data": 4})


def test_utilization_is_of_models_and_of_hardware(shards):
    found, plan = shards("gpt2", recompute="full"), cluster.plan_of(dp=2, batch=4)
    step = cluster.step_of(found, plan, cluster.DEVICES["h100"])
    cost = found.model.cost(4, 32, recompute="full")
    assert step.model_flops == cost.flops.forward.number + cost.flops.backward.number
    assert step.hardware_flops == cost.flops.training
    tokens, attention = 4 * 32, 12 * 8 * 8 * 8 * 32
    assert step.palm_flops == tokens * (6 * found.model.parameter_count + attention)
    assert step.utilization(step.hardware_flops) / step.utilization(step.model_flops) == pytest.approx(
        step.hardware_flops / step.model_flops
    )
    assert step.device_hours(tokens) == pytest.approx(step.seconds * 2 / 3600)
    assert step.device_hours(tokens, mfu=0.5) == pytest.approx(step.model_flops / (989.4e12 * 0.5) / 3600)


def test_decoding_reads_weights_and_cache():
    model = from_config({**LLAMA, "num_key_value_heads": 8})
    one = cluster.Decoding(model, 100)
    longer = cluster.Decoding(model, 101)
    assert one.flops == longer.flops - 8 * 4 * 64, "a query and a value for one more key, 4 d a layer"
    matrices = model.parameter_count - 512 * 64 - 17 * 64
    assert one.flops == 2 * matrices + 8 * 4 * 64 * 100
    assert one.read_bytes(1) == pytest.approx(2 * (model.parameter_count - 512 * 64)), "one row of an untied embedding"
    device = cluster.Device("one", 1e12, 1e9, 1e10, 1e9, 1e9, 1, "a test")
    batch = one.crossover(device)
    if batch is not None:
        before, after = one.seconds(batch - 1, device), one.seconds(batch, device)
        assert before[0] < before[1] and after[0] >= after[1]


def test_a_tied_embedding_is_read_by_the_head():
    model = from_config(GPT2)
    assert cluster.Decoding(model, 8).read_bytes(1) == 2 * (model.parameter_count - 64 * 64), "but for positions"


def test_decoding_from_a_latent_expands_every_position():
    model = from_config(DEEPSEEK)
    step = cluster.Decoding(model, 101).flops - cluster.Decoding(model, 100).flops
    expand_ = 2 * 16 * 8 * (8 + 8)  # keys and values of 8 heads from a latent of 16
    pairs = 2 * 8 * (8 + 4 + 8)
    assert step == 8 * (expand_ + pairs)


def test_windows_bound_what_a_query_reads():
    model = from_config({**LLAMA, "model_type": "mistral", "sliding_window": 16})
    assert cluster.Decoding(model, 100).flops == cluster.Decoding(model, 16).flops


def test_experts_in_all_and_active():
    model = from_config(MIXTRAL)
    expert = 8 * 3 * 64 * 128
    assert cluster.experts_held(model) == 8 * expert
    assert cluster.active_parameters(model) == model.parameter_count - 6 * expert
    reads = [cluster.Decoding(model, 8).read_bytes(batch) for batch in (1, 2, 1000)]
    assert reads[0] == pytest.approx(2 * (cluster.active_parameters(model) - 512 * 64))
    assert reads[1] - reads[0] == pytest.approx(2 * expert * 8 * (0.75 - 0.75**2))
    assert reads[2] == pytest.approx(2 * (model.parameter_count - 512 * 64))


def test_speculation():
    assert cluster.speculated(0.8, 4) == pytest.approx((1 - 0.8**5) / (1 - 0.8))
    assert cluster.speculated(1, 4) == 5 and cluster.speculated(0, 4) == 1
    assert cluster.speedup(0.8, 5, 0.05) == pytest.approx(3.68928 / 1.25)
    with pytest.raises(ValueError, match="probability"):
        cluster.speculated(1.5, 4)


@pytest.mark.parametrize(
    ("name", "bits"),
    [("q4_0", 4.5), ("q8_0", 8.5), ("q4_k", 4.5), ("q6_k", 6.5625), ("gptq", 4.15625), ("nf4", 4.126953125),
     ("mxfp4", 4.25)],
)  # fmt: skip
def test_quantised_bytes_have_their_scales(name, bits):
    assert cluster.FORMATS[name].bytes_of(256, 4096) == 256 * 4096 * bits / 8
    model = from_config({**LLAMA, "hidden_size": 256, "intermediate_size": 512})
    rest = 2 * 512 * 256 + 17 * 256
    matrices = model.parameter_count - rest
    assert cluster.quantized_bytes(model, name) == 2 * rest + matrices * bits / 8


def test_a_filled_up_block_is_stored_whole():
    assert cluster.FORMATS["q4_0"].bytes_of(3, 33) == 3 * 2 * 18
    assert cluster.FORMATS["int8"].bytes_of(3, 33) == 3 * (33 + 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--tp 3", "tp: 3 does not divide the 8 heads; nearest: 2 and 4|tp: 3 does not divide the 4 groups"),
        ("--tp 8", "tp: 8 does not divide the 4 groups of keys and values; nearest: 4"),
        ("--pp 3", "pp: 3 does not divide the 8 layers; nearest: 2 and 4"),
        ("--pp 4 --schedule interleaved --chunks 4", "pp: 4 x 4 chunks = 16 does not divide the 8 layers; nearest: 8"),
        ("--devices 60 --tp 4 --pp 2", "devices: 60 is no multiple of tp 4 x pp 2 = 8; nearest: 56 and 64"),
        ("--devices 64 --tp 4 --pp 2 --dp 4", "devices: 64 is not tp 4 x pp 2 x dp 4 = 32; with 64 devices dp"),
        ("--dp 4 --batch 6", "batch: 6 is no multiple of micro-batch 1 x dp 4 = 4; nearest: 4 and 8"),
        ("--tp 4 --sp --seq 30", "sp: a sequence of 30 is no multiple of tp 4; nearest: 28 and 32"),
        ("--sp", "sp: cuts sequences"), ("--zero 4", "zero: expected 0, 1, 2 or 3, got 4"), ("--tp 0", "tp: expected"),
        ("--dp 2 --ep 4", "ep: 4 x etp 1 = 4 does not divide tp 1 x dp 2 = 2"),
        ("--device h1000", "device: expected one of v100"), ("--search", "search: expected --devices"),
        ("--decode", "decode: expected --device"), ("--tp 2 --link 1e9", "missing: bandwidth, flops, memory, network"),
        ("--devices 8 --search", "search: expected --device, one of"),
        ("--devices 8 --search --device h100 --tp 3", "tp: 3 does not divide the 8 devices; nearest: 2 and 4"),
        ("--devices 8 --search --device h100 --zero 4", "zero: expected 0, 1, 2 or 3, got 4"),
        ("--devices 8 --search --device h100 --schedule zigzag", "schedule: expected one of"),
        ("--devices 8 --search --device h100 --tp 4 --pp 4", "search: no plan of 8 devices and 8 sequences"),
        ("--tp 2 --schedule zigzag", "schedule: expected one of"),
        ("--pp 4 --batch 6 --schedule interleaved", "schedule: 6 micro-batches are no multiple of pp 4; nearest: 4"),
        ("--decode --device h100 --weights q3", "weights: expected one of"), ("--tp 2 --batch 0", "batch: expected"),
        ("--dp 999999937 --ep 3", "ep: 3 x etp 1 = 3 does not divide tp 1 x dp 999999937 = 999999937"),
        ("--decode --device h100 --tp 8", "tp: 8 does not divide the 4 groups of keys and values; nearest: 4"),
        ("--decode --device h100 --tp 2 --zero 1", "zero: of training; not together with --decode"),
        ("--decode --device h100 --tp 2 --weights gptq", "weights: blocks of quantised numbers are counted whole"),
        ("--decode --device h100 --dp 2 --ep 2", "ep: 2 devices that share experts are counted for training"),
        ("--tp 2 --draft-model x.json", "draft-model: only with --decode"),
        ("--tp 2 --weights gptq", "weights: only with --decode"), ("--search --decode", "decode: not together with"),
        ("--tp 2 --memory 8GB", "memory: expected --device"), ("--device h100 --node 0", "node: expected a whole"),
        ("--devices 0 --search --device h100", "devices: expected"), ("--tp 99999999999", "tp: expected a whole"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line_with_the_numbers_and_the_nearest(tmp_path, capsys, options, words):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA), encoding="utf-8")
    assert main(["cost", str(path), *options.split()]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and any(one in error for one in words.split("|")), error


def test_experts_that_do_not_divide(tmp_path, capsys):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(MIXTRAL), encoding="utf-8")
    assert main(["cost", str(path), "--dp", "3", "--ep", "3"]) == 2
    assert "ep: 3 does not divide the 8 experts; nearest: 2 and 4" in capsys.readouterr().err


def test_the_command_prints_what_the_room_counts(tmp_path, capsys, shards):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA), encoding="utf-8")
    asked = "--devices 16 --tp 4 --pp 2 --dp 2 --zero 1 --sp --micro-batch 1 --device h100 --seq 32 --tokens 1e9 --json"
    assert main(["cost", str(path), *asked.split()]) == 0
    printed = json.loads(capsys.readouterr().out)
    plan = cluster.plan_of(devices=16, tp=4, pp=2, dp=2, zero=1, sp=True)
    found = cluster.report(shards("llama"), plan, cluster.DEVICES["h100"])
    assert {key: printed[key] for key in found.data} == json.loads(json.dumps(found.data))
    assert printed["run"]["device_hours"] == found.step.device_hours(1e9)
    for options in (
        "--devices 8 --search --device a100 --json",
        "--decode --device a100 --seq 64 --json",
        f"--decode --device a100 --tp 2 --acceptance 0.8 --draft-model {path} --json",
    ):
        assert main(["cost", str(path), *options.split()]) == 0
        assert json.loads(capsys.readouterr().out)
    assert main(["cost", str(path), "--tp", "2", "--compare", str(path), "--device", "a100"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert all(len(row) == 3 and row[1] == row[2] for row in rows)


def test_formulas_of_one_device_in_symbols():
    one = layer()
    place = shard(one.out, CUTS, one.parameters, batch=b).layer
    backward = place.backward.on_device({"tensor": t})
    assert simplify(backward / place.forward.on_device({"tensor": t})) == 2
