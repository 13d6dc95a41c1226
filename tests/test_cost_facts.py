"""The worked numbers of the sources, from our counts; where a source is wrong, with the reason."""

import pytest
from gpt_layer import H, b, d, layer, n

import symformer as sf
from symformer.models import from_config

BYTES = 2  # a number in 16 bits
PEAK, MEMORY, LINKS = 312e12, 1.5e12, 300e9  # an A100: operations, bytes and bytes between devices, a second
PF_DAY = 1e15 * 24 * 3600
GPT3 = [  # Brown et al. 2020, tables 2.1 and D.1: layers, width, exact count, millions, FLOPs, PF-days
    (12, 768, 125226240, 125, 2.25e20, 2.60),
    (24, 1024, 355871744, 356, 6.41e20, 7.42),
    (24, 1536, 760300032, 760, 1.37e21, 15.8),
    (24, 2048, 1315723264, 1320, 2.38e21, 27.5),
    (32, 2560, 2651553280, 2650, 4.77e21, 55.2),
    (32, 4096, 6658404352, 6660, 1.20e22, 139),
    (40, 5120, 12853386240, 12850, 2.31e22, 268),  # printed: a width of 5140, which 40 heads of 128 contradict
    (96, 12288, 174604259328, 174600, 3.14e23, 3640),
]
CHINCHILLA = [  # Hoffmann et al. 2022, table A4: layers, width, feed-forward, heads, parameters, ratio
    (10, 640, 2560, 10, 73825280, 1.03),
    (20, 1024, 4096, 16, 305707008, 1.10),
    (24, 1280, 5120, 10, 552604160, 1.08),
    (26, 1792, 7168, 14, 1143453696, 1.04),
    (28, 2048, 8192, 16, 1593126912, 1.03),
    (40, 3584, 14336, 28, 6796274688, 0.99),
]


def gpt(layers, width, *, heads=None, words=50257, positions=2048):
    """A model of GPT-2's architecture."""
    return from_config(
        {"model_type": "gpt2", "vocab_size": words, "n_embd": width, "n_layer": layers, "n_head": heads or width // 64,
         "n_positions": positions}
    )  # fmt: skip


def layer_flops(width, length, heads=1):
    """Contractions of a layer of a GPT."""
    one = layer()
    return int(sf.count(one.out, one.parameters, batch=b).forward.at(b=1, d=width, n=length, H=heads).contraction)


def block_weights(layers, width):
    """The leading term of the parameters, 12 L d², as twice as many FLOPs a token show it."""
    return layers * (layer_flops(width, 1) - 4 * width) // 2


def test_chens_52_billion_model():
    layers, width = 64, 8192
    assert block_weights(layers, width) == 51_539_607_552
    assert block_weights(layers, width) + 65536 * width == 52_076_478_464
    assert 2 * block_weights(layers, width) == 103_079_215_104
    keys_and_values = 2 * 2 * layers * width**2
    assert keys_and_values == 17_179_869_184 == 2 * block_weights(layers, width) // 6
    assert gpt(layers, width).cost(1, 1, dtype="fp16").memory.kv_cache.number == 2_097_152
    assert 1e3 * 2 * block_weights(layers, width) / MEMORY == pytest.approx(68.719476736)


def test_chens_latencies():
    gopher, devices, batch = 260e9, 16, 512
    assert PEAK / MEMORY == 208
    assert PEAK / LINKS == 1040
    assert 1e3 * BYTES * gopher / (devices * MEMORY) == pytest.approx(21.6666667)
    assert 1e3 * batch * 2 * gopher / (devices * PEAK) == pytest.approx(53.3333333), "one sentence there has 62 ms"
    assert 1e3 * batch * 2 * 4 * 80 * 16384 / LINKS == pytest.approx(17.8956971)
    assert 1e3 * BYTES * block_weights(40, 5120) / MEMORY == pytest.approx(16.777216)


def test_nanogpts_notebooks():
    model = gpt(12, 768, positions=1024)
    forward = model.cost(1, 1024).flops.forward.number
    assert forward == 291_648_307_200
    without_biases = model.parameter_count - 12 * (9 + 2) * 768 - 768
    assert without_biases == 124_337_664
    rotary = without_biases - 1024 * 768
    assert 1024 * (6 * rotary + 12 * 12 * 768 * 1024) == 875_062_886_400
    assert model.parameter_count != 123_653_376, "it counts the head, and not the embeddings"


def test_the_cookbook_leaves_out_biases():
    assert gpt(12, 768, positions=1024).parameter_count - 5 * 12 * 768 == 124_393_728


@pytest.mark.parametrize(("layers", "width", "exact", "millions", "flops", "days"), GPT3)
def test_gpt3s_tables(layers, width, exact, millions, flops, days):
    model = gpt(layers, width)
    assert model.parameter_count == exact
    assert model.parameter_count / 1e6 == pytest.approx(millions, rel=4e-3)
    assert 6 * exact * 300e9 == pytest.approx(flops, rel=6e-3)
    assert 6 * exact * 300e9 / PF_DAY == pytest.approx(days, rel=4e-3)


def test_korthikantis_activations():
    one = layer()
    kept = {kind: sf.count(one.out, one.parameters, batch=b).activations(kind) for kind in ("none", "selective")}
    for heads, width, ratio, saved in ((96, 12288, 80, 0.7017543859649122), (128, 20480, 64, 0.6530612244897959)):
        numbers = {n: 2048, d: width, H: heads, b: 1}
        none, selective = (int(kept[kind].subs(numbers)) for kind in ("none", "selective"))
        assert none - selective == ratio * 2048 * width
        assert 1 - selective / none == pytest.approx(saved)


@pytest.mark.parametrize(("width", "printed", "right"), [(12288, 2.7777778, 0.9259259), (20480, 1.6666667, 0.5555556)])
def test_korthikantis_overhead_is_a_third_of_what_is_printed(width, printed, right):
    """The text adds one forward pass of the attention products; the equations add three."""
    model = gpt(96, width, heads=width // 128)
    again = model.cost(1, 2048, recompute="selective").flops.recomputed.number
    weights = 3 * 96 * (layer_flops(width, 2048) - 4 * 2048**2 * width)
    assert 100 * again / weights == pytest.approx(right)
    assert 3 * 100 * again / weights == pytest.approx(printed)


def test_korthikantis_extra_activations_are_not_below_a_hundredth_of_a_percent():
    width, layers, heads, length, words = 6144, 48, 64, 2048, 51200
    one = layer()
    kept = sf.count(one.out, one.parameters).activations().subs({n: length, d: width, H: heads})
    extra = length * width * (1 + 4 * (1 + words / width))
    assert 100 * extra / (layers * int(kept)) == pytest.approx(0.5677330, rel=1e-6), "printed: less than 0.01 %"
    assert 2048 * 20480 * 35 * 2 / 2**30 == 2.734375


def test_zeros_example():
    parameters, devices = 7.5e9, 64
    states = 16 - 4
    sizes = (16, 4 + states / devices, 2 + (states + 2) / devices, 16 / devices)
    assert [parameters * size / 1e9 for size in sizes] == [120.0, 31.40625, 16.640625, 1.875]


def test_chinchillas_powers_from_the_printed_constants():
    alpha, beta = 0.34, 0.28
    powers = [beta / (alpha + beta), alpha / (alpha + beta)]
    assert powers == pytest.approx([0.4516129, 0.5483871])
    assert [round(power, 2) for power in powers] != [0.46, 0.54], "the constants that are printed are rounded"


@pytest.mark.parametrize(("layers", "width", "hidden", "heads", "parameters", "ratio"), CHINCHILLA)
def test_chinchillas_ratios_need_neither_embedding_nor_logits(layers, width, hidden, heads, parameters, ratio):
    """Their own rule takes 3 for each entry of a softmax; their models have relative positions: one projection more."""
    length, words = 2048, 32000
    per_layer = 13 * width**2 + 15 * width
    assert hidden == 4 * width
    assert layers * per_layer + 2 * width + width * words == parameters
    forward = layers * (layer_flops(width, length) + 3 * heads * length**2)
    assert 3 * forward / (6 * parameters * length) == pytest.approx(ratio, abs=6e-3)
    whole = 3 * (forward + 2 * 2 * length * words * width) / (6 * parameters * length)
    assert whole > ratio + 0.03, "as the text lists it, with both"


def test_pages_print_no_number_that_these_counts_do_not_give():
    assert 16 * from_config(
        {"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32,
         "num_attention_heads": 32, "intermediate_size": 11008}
    ).parameter_count == 107_814_649_856  # fmt: skip
