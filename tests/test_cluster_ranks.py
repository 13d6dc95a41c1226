"""Parameters of every rank against a list of slices: each stored tensor, cut by hand as Megatron-LM cuts it."""

from itertools import product
from math import ceil, prod

import pytest
from test_cluster import DEEPSEEK, GPT2, LLAMA, MIXTRAL

from symformer import cluster
from symformer.models import from_config

ROWS = "rows"  # the outputs of a matrix are cut
COLUMNS = "columns"  # its inputs are
WHOLE = "whole"
WAYS = {  # how each tensor of a file is cut, by the last part of its name that says what it is
    "q_proj": ROWS, "k_proj": ROWS, "v_proj": ROWS, "o_proj": COLUMNS, "gate_proj": ROWS, "up_proj": ROWS,
    "down_proj": COLUMNS, "w1": ROWS, "w3": ROWS, "w2": COLUMNS, "embed_tokens": ROWS, "lm_head": ROWS, "wte": ROWS,
    "q_b_proj": ROWS, "kv_b_proj": ROWS, "c_attn": ROWS, "c_fc": ROWS, "gate": WHOLE, "q_a_proj": WHOLE,
    "kv_a_proj_with_mqa": WHOLE, "wpe": WHOLE,
}  # fmt: skip
NORMS = ("norm", "layernorm", "ln_1", "ln_2", "ln_f")


def way(name):
    """How a tensor is cut; biases of what is cut by its inputs are whole."""
    part, kind = name.split(".")[-2:]
    if kind == "e_score_correction_bias" or part.endswith(NORMS):
        return WHOLE
    if part == "c_proj":
        return WHOLE if kind == "bias" else COLUMNS
    return WAYS[part]


def held(model, name, shape, *, tp, etp):
    """Numbers of a tensor on a device that has some of it, by what is cut; words are filled up."""
    if way(name) == WHOLE:
        return prod(shape)
    degree = etp if ".experts." in name else tp
    axis = COLUMNS if way(name) == COLUMNS else ROWS
    position = {ROWS: 0, COLUMNS: 1}[axis]
    if model.model_type == "gpt2" and len(shape) == 2 and ".h." in name:
        position = 1 - position  # its file holds matrices transposed
    words = name.split(".")[-2] in ("embed_tokens", "lm_head", "wte")
    length = ceil(shape[position] / degree) if words else shape[position] // degree
    assert words or shape[position] % degree == 0
    return prod(shape) // shape[position] * length


def listed(model, plan, stage):
    """Numbers on each expert rank of a stage, tensor by tensor."""
    layers = sum(model.sizes[one.layers] for one in model.architecture.stacks)
    tied = all("lm_head" not in name for name in model.parameters)
    found = [0] * plan.expert
    for rank, (name, one) in product(range(plan.expert), model.parameters.items()):
        parts = name.split(".")
        numbered = next((int(part) for part in parts if part.isdigit()), None)
        if numbered is not None:
            home = {numbered * plan.pipeline // layers}
        elif parts[-2] in ("embed_tokens", "wte", "wpe"):
            home = {0} | ({plan.pipeline - 1} if tied and parts[-2] != "wpe" else set())
        else:
            home = {plan.pipeline - 1}
        expert = int(parts[parts.index("experts") + 1]) if "experts" in parts else None
        mine = (
            expert is None
            or expert * plan.expert // model.sizes[next(s for s in model.sizes if str(s) == "n_X")] == rank
        )
        if stage in home and mine:
            found[rank] += held(model, name, one.shape, tp=plan.tensor, etp=plan.expert_tensor)
    return found


@pytest.mark.parametrize("config", [LLAMA, GPT2, MIXTRAL, DEEPSEEK], ids=lambda config: config["model_type"])
def test_every_rank_holds_the_slices_that_are_listed_by_hand(config):
    model = from_config(config)
    shards = cluster.Shards(model, cluster.Setting(32))
    experts = [(1, None), (4, 1), (2, 2)] if shards.has_experts else [(1, None)]
    for (tp, pp), (ep, etp) in product([(1, 1), (2, 1), (4, 2), (2, 4), (1, 8)], experts):
        plan = cluster.plan_of(tp=tp, pp=pp, dp=8, ep=ep, etp=etp, batch=8 * pp)
        for stage in range(pp):
            counted = cluster.parameters_of(shards, plan, cluster.stage_of(shards, plan, stage))
            assert listed(model, plan, stage) == [counted] * ep, (tp, pp, ep, etp, stage)


@pytest.mark.parametrize("config", [LLAMA, GPT2, MIXTRAL, DEEPSEEK], ids=lambda config: config["model_type"])
def test_serving_on_one_device_is_decoding(config):
    decoding, device = cluster.Decoding(from_config(config), 24), cluster.DEVICES["h100"]
    one = cluster.Serving(decoding, cluster.plan_of(), device)
    assert one.flops == pytest.approx(decoding.flops) and one.cache_bytes == decoding.cache_bytes
    for batch in (1, 3):
        times = one.times(batch)
        assert (times.compute, times.memory) == pytest.approx(decoding.seconds(batch, device)) and times.network == 0
    assert one.crossover() == decoding.crossover(device)
    assert one.prefill().compute == pytest.approx(decoding.prefill_seconds(device)[0])


def test_serving_on_several_devices_against_a_list_of_what_each_does():
    """A layer of Llama on 4 devices: two all-reduces of the stream; one more for the words that are looked up."""
    model, t, n, batch, width = from_config(LLAMA), 4, 24, 3, 64
    device = cluster.Device("one", 1e12, 1e9, 1e10, 1e9, 1e8, 8, "a test")
    serving = cluster.Serving(cluster.Decoding(model, n), cluster.plan_of(tp=t, pp=2, dp=2), device)
    matrices = sum(prod(one.shape) for one in model.parameters.values() if len(one.shape) == 2) - 512 * width
    norms, cache = 17 * width, 2 * 2 * 8 * 4 * 8 * n  # 8 layers of 4 groups of 8, two bytes, keys and values
    flops = (2 * matrices + 8 * 4 * width * n) / t
    sums = (2 * 8 + 1) * batch * width * 2 * 2 * (t - 1) / t
    stream = batch * width * 2
    times = serving.times(batch)
    assert times.compute == pytest.approx(batch * flops / 1e12)
    assert times.memory == pytest.approx((2 * (matrices / t + norms) + batch * cache / t) / 1e10)
    assert times.network == pytest.approx(max(sums / 1e9, stream / 1e8)), "4 of 8 in a node, 16 devices in all"
    assert serving.tokens_a_second(batch) == pytest.approx(batch * 4 / times.seconds)
    asked = serving.times(batch, queries=5)
    assert asked.compute == pytest.approx(5 * times.compute) and asked.memory == times.memory
