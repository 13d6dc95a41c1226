"""The documents of the field: their programs against plain NumPy and PyTorch, in every convention."""

from itertools import product

import numpy as np
import pytest
from document_values import EPSILON, given, run
from recorded import recorded

import symformer as sf
from symformer.models import ALGORITHMS, Conventions, algorithm, sinusoidal, transformer


def swapped(values, keep=()):
    """The same values where tokens are columns: matrices transposed, all else as it is."""
    return {
        name: value if value.ndim < 2 or name in keep else np.swapaxes(value, -1, -2) for name, value in values.items()
    }


def normed(x, values, style):
    """Layer norm of rows."""
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).sum(-1, keepdims=True) / (x.shape[-1] - (style.deviation == "unbiased"))
    eps = EPSILON
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
    (expected,) = recorded(f"attention of algorithm 4, {mask}")
    np.testing.assert_allclose(run(program, given(program)), expected, atol=1e-12)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_the_whole_transformer_is_that_of_pytorch(norm):
    program = transformer(Conventions(norm=norm))
    (expected,) = recorded(f"transformer, {norm}")
    np.testing.assert_allclose(run(program, given(program)), expected, atol=1e-12)


@pytest.mark.parametrize(("name", "number", "norm"), [("encoder", 9, "post"), ("decoder", 10, "pre")])
def test_encoder_and_decoder_alone_are_that_of_pytorch(name, number, norm):
    program = algorithm(number, Conventions(norm=norm))
    (expected,) = recorded(name)
    np.testing.assert_allclose(run(program, given(program)), expected, atol=1e-12)


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
