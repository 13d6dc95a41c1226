"""The documents of the field: their programs against plain NumPy and PyTorch, in every convention."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

import symformer as sf
from symformer.models import ALGORITHMS, Conventions, algorithm, sinusoidal, transformer

RANDOM = np.random.default_rng(0)
SIZES = {"n": 4, "m": 5, "d": 6, "H": 2, "d_k": 3, "d_v": 3, "d_ff": 7, "V": 8, "n_ctx": 9, "L_enc": 2, "L_dec": 2}


def shape_of(tensor):
    """The numbers of a tensor's sizes."""
    return tuple(int(size.subs({one: SIZES[one.name] for one in size.free_symbols})) for size in tensor.shape)


def given(program):
    """Random values for the inputs of a program, by name; epsilon is a tenth, so that its place shows."""
    found = {}
    for tensor in program.inputs:
        if tensor.domain.kind == "mask":
            found[tensor.name] = RANDOM.random(shape_of(tensor)) < 0.7
            found[tensor.name][..., 0] = True
        elif tensor.domain.whole:
            top = int(tensor.domain.upper.subs({one: SIZES[one.name] for one in tensor.domain.upper.free_symbols}))
            found[tensor.name] = RANDOM.integers(0, top, shape_of(tensor))
        else:
            found[tensor.name] = np.float64(0.1) if tensor.name == "epsilon" else RANDOM.normal(size=shape_of(tensor))
    return found


def run(program, values):
    """The output of a program, its repeats unrolled."""
    sizes = {one: SIZES[one.name] for one in program.sizes if one.name in ("L_enc", "L_dec")}
    unrolled = program.unroll(sizes)
    return sf.lambdify(unrolled)(*(values[tensor.name] for tensor in unrolled.inputs))


def swapped(values, keep=()):
    """The same values where tokens are columns: matrices transposed, all else as it is."""
    return {
        name: value if value.ndim < 2 or name in keep else np.swapaxes(value, -1, -2) for name, value in values.items()
    }


def normed(x, values, style):
    """Layer norm of rows."""
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).sum(-1, keepdims=True) / (x.shape[-1] - (style.deviation == "unbiased"))
    eps = 0.1
    spread = {"inside": np.sqrt(variance + eps), "outside": np.sqrt(variance) + eps, "none": np.sqrt(variance)}[
        style.eps
    ]
    return centred / spread * values["gamma"] + values["beta"]


@pytest.mark.parametrize(("eps", "deviation"), list(product(("inside", "outside", "none"), ("biased", "unbiased"))))
def test_layer_norm_has_every_convention(eps, deviation):
    style = Conventions(eps=eps, deviation=deviation)
    program = algorithm(6, style)
    values = given(program)
    np.testing.assert_allclose(run(program, values), normed(values["X"], values, style), atol=1e-13)


@pytest.mark.parametrize("number", [3, 4, 5, 6, 7])
def test_columns_are_rows_transposed(number):
    rows, columns = (algorithm(number, Conventions(layout=layout)) for layout in ("row", "column"))
    values = given(rows)
    keep = {name for name in values if name.startswith("b_")}
    found = run(columns, swapped(values, keep))
    np.testing.assert_allclose(found.T, run(rows, values), atol=1e-13)


@pytest.mark.parametrize("mask", ["-inf", "-1e9"])
def test_attention_is_that_of_pytorch(mask):
    program = algorithm(4, Conventions(mask=mask))
    values = {name: torch.as_tensor(value) for name, value in given(program).items()}
    q, k, v = (values[x] @ values[f"W_{w}"] + values[f"b_{w}"] for x, w in (("X", "q"), ("Z", "k"), ("Z", "v")))
    expected = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=values["mask"])
    np.testing.assert_allclose(
        run(program, {name: value.numpy() for name, value in values.items()}), expected, atol=1e-12
    )


def heads(values, mark, number):
    """The projections of one layer's attention as PyTorch stacks them."""
    weights = [values[f"W_{w}{mark}"][number].transpose(0, 2, 1).reshape(6, 6) for w in "QKV"]
    biases = [values[f"b_{w}{mark}"][number].reshape(6) for w in "QKV"]
    return (
        np.concatenate(weights),
        np.concatenate(biases),
        values[f"W_O{mark}"][number].reshape(6, 6).T,
        values[f"b_O{mark}"][number],
    )


def filled(layer, values, end, number):
    """A layer of PyTorch with the parameters of one of ours."""
    names = [("self_attn", ""), ("multihead_attn", "x")]
    with torch.no_grad():
        for name, mark in names:
            if hasattr(layer, name):
                own = getattr(layer, name)
                parts = heads(values, mark + end, number)
                slots = (own.in_proj_weight, own.in_proj_bias, own.out_proj.weight, own.out_proj.bias)
                for slot, part in zip(slots, parts, strict=True):
                    slot.copy_(torch.as_tensor(part))
        for place, own in ((1, layer.linear1), (2, layer.linear2)):
            own.weight.copy_(torch.as_tensor(values[f"W_{place}{end}"][number].T))
            own.bias.copy_(torch.as_tensor(values[f"b_{place}{end}"][number]))
        for place in (1, 2, 3):
            if hasattr(layer, f"norm{place}"):
                getattr(layer, f"norm{place}").weight.copy_(torch.as_tensor(values[f"gamma_{place}{end}"][number]))
                getattr(layer, f"norm{place}").bias.copy_(torch.as_tensor(values[f"beta_{place}{end}"][number]))
    return layer.double().eval()


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_the_whole_transformer_is_that_of_pytorch(norm):
    program = transformer(Conventions(norm=norm))
    values = given(program)
    values["W_U"] *= 0.02  # without a last norm the stream is long
    first = norm == "pre"
    common = {"dropout": 0.0, "batch_first": True, "norm_first": first, "layer_norm_eps": 0.1, "dtype": torch.float64}
    x = np.sqrt(6) * values["W_E"][values["source_ids"]] + values["PE_src"]
    z = np.sqrt(6) * values["W_E"][values["target_ids"]] + values["PE_tgt"]
    x, z = torch.as_tensor(x)[None], torch.as_tensor(z)[None]
    for number in range(2):
        x = filled(nn.TransformerEncoderLayer(6, 2, 7, **common), values, "_enc", number)(x)
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    for number in range(2):
        z = filled(nn.TransformerDecoderLayer(6, 2, 7, **common), values, "_dec", number)(z, x, tgt_mask=mask)
    expected = torch.softmax(z[0] @ torch.as_tensor(values["W_U"]), -1).detach()
    np.testing.assert_allclose(run(program, values), expected, atol=1e-12)


def test_encoder_and_decoder_alone_are_that_of_pytorch():
    for number, norm, stack in ((9, "post", "_enc"), (10, "pre", "_dec")):
        program = algorithm(number, Conventions(norm=norm))
        values = given(program)
        x = torch.as_tensor(values["W_E"][values["ids"]] + values["W_P"][values["positions"]])[None]
        mask = nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64) if number == 10 else None
        for layer in range(2):
            own = nn.TransformerEncoderLayer(6, 2, 7, 0.0, "gelu", 0.1, True, norm == "pre", dtype=torch.float64)
            x = filled(own, values, stack, layer)(x, src_mask=mask)
        if number == 9:
            x = nn.functional.gelu(x @ torch.as_tensor(values["W_f"]) + torch.as_tensor(values["b_f"]))
        gamma, beta = torch.as_tensor(values["gamma_f"]), torch.as_tensor(values["beta_f"])
        x = nn.functional.layer_norm(x, (6,), gamma, beta, 0.1)
        expected = torch.softmax(x[0] @ torch.as_tensor(values["W_U"]), -1).detach()
        np.testing.assert_allclose(run(program, values), expected, atol=1e-12)


@pytest.mark.parametrize("index", ["pair", "raw"])
def test_sinusoidal_positions_count_pairs_or_features(index):
    found = sinusoidal(Conventions(positions=index)).outputs[0].explicit(n=5, d_p=3)
    for i, p, t in product(range(5), range(3), range(2)):
        exponent = (2 * p + t if index == "raw" else 2 * p) / 6
        wave = np.cos if t else np.sin
        assert abs(float(found[i, p, t]) - wave(i / 10000**exponent)) < 1e-12


def test_a_temperature_sharpens_or_flattens():
    program = algorithm(14, Conventions())
    p = np.array([[0.5, 0.5], [0.2, 0.8]])
    values = {"P": np.concatenate([p, p]), "tau": np.float64(0.5)}
    np.testing.assert_allclose(run(program, values), np.array([0.04, 0.64]) / 0.68)


def test_every_algorithm_prints_in_the_papers_own_convention():
    for number in ALGORITHMS:
        assert str(algorithm(number)).count("=") >= 1
    assert "W_[e;a,v]" in str(algorithm(1))
    assert "√v_i" in str(algorithm(6))


@pytest.mark.parametrize(
    ("switch", "word"), [("layout", "diagonal"), ("eps", "under"), ("mask", "0"), ("norm", "both")]
)
def test_an_unknown_convention_is_named(switch, word):
    with pytest.raises(sf.models.ConfigError, match=f"{switch}: expected one of .*, got '{word}'"):
        Conventions(**{switch: word})


def test_an_unknown_algorithm_is_named():
    with pytest.raises(
        sf.models.ConfigError, match="algorithm: expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, got 11"
    ):
        algorithm(11)


def test_a_page_of_a_whole_model_is_written_without_walking_through_its_layers():
    whole = transformer()
    page = sf.Derivation("A whole model", where=(*whole,))
    shown = page.text("matrix")
    assert "Z = X_dec W_U" in shown
    assert "Encoder, layer ℓ: X becomes N_2, with W_Q = W_[Q,enc;ℓ] and so on for all 16 weights." in shown
    assert "for all 26 weights, memory = X_enc." in shown
    assert len(page.latex("index")) < 12000


def test_words_among_definitions_stand_before_what_follows_them_and_layers_before_the_next():
    whole = transformer()
    page = sf.Derivation("Two models", where=(*whole, "Again:", *algorithm(9)))
    shown = page.text("index")
    first, second = shown.index("Encoder, layer"), shown.rindex("Encoder, layer")
    assert first < shown.index("Again:") < second
    assert page.where == (*whole, *algorithm(9)) and list(page.captions.values()) == ["Again:"]
    assert "Again:" in page.html() and "Again:" in page.markdown() and "Again:" in page.latex("index")


def test_a_loop_with_few_weights_lists_them_all():
    x, w, b = sf.tensor("X", sf.sizes("n")), sf.tensor("W", sf.sizes("n")), sf.tensor("c", sf.sizes("n"))
    i, ell = sf.indices("i ell")
    layer = sf.define("Y", i, x[i] * w[i] + b[i])
    deep = sf.repeat(layer, (ell, sf.sizes("L")), {x: sf.tensor("X_0", sf.sizes("n"))}, (w, b), name="X_L")
    assert "Layer ℓ: X becomes Y, with W = W_ℓ, c = c_ℓ." in sf.Derivation("Deep", where=(deep,)).text("index")
