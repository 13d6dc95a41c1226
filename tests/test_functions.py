"""Generated functions against what PyTorch gave, at many shapes, dtypes, options and extreme values."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor

import mpmath as mp
import numpy as np
import pytest
from function_cases import CASES, FLOATS, case
from normal_tail import FITS, coefficients
from optimizer_cases import STEPS, steps_drawn
from recorded import SEEDS, recorded

from symformer import functions
from symformer.compile import export_source
from symformer.functions import blocks, support
from symformer.ops import MODULES

pytestmark = pytest.mark.filterwarnings("error")

TOLERANCE = {"float16": 4e-3, "float32": 3e-5, "float64": 1e-11}


@pytest.fixture
def block(request, monkeypatch):
    """Blocks as they are, or so small that everything takes several of them."""
    if request.param == "small":
        for name, size in (("CACHE", 8), ("PRODUCT", 8), ("LEAST", 1)):
            monkeypatch.setattr(blocks, name, size)


def agree(got, want, near=None):
    """Same dtype, same shape, same numbers to the precision of the dtype."""
    got = np.asarray(got)
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    near = near or TOLERANCE[str(want.dtype)]
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=near, atol=near)


@pytest.mark.parametrize("block", ["large", "small"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_a_function_equals_pytorchs(name, block):
    for seed in range(SEEDS):
        inputs, options, _ = case(name, seed)
        agree(getattr(functions, name)(*inputs, **options), recorded(f"{name} {seed}")[0])


# Constants and steps. -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(0, 4), (1, 2), (7, 6), (5, 3)])
def test_sinusoidal_positions_are_the_papers(n, d):
    want = np.zeros((n, d))
    for position, column in np.ndindex(n, d):
        wave = np.cos if column % 2 else np.sin
        want[position, column] = wave(position / 10000 ** (2 * (column // 2) / (d + d % 2)))
    agree(functions.sinusoidal_positions(n, d), want, 1e-14)


def test_alibi_slopes_are_the_authors():
    """Their code: a geometric row for a power of two, else that of the next lower one and every second of the next."""

    def published(heads):
        if heads & (heads - 1) == 0:
            return [2 ** (-8 * (head + 1) / heads) for head in range(heads)]
        power = 2 ** int(np.log2(heads))
        return published(power) + published(2 * power)[0::2][: heads - power]

    for heads in range(1, 33):
        agree(functions.alibi_slopes(heads), np.array(published(heads)), 1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", STEPS)
def test_steps_of_optimizers_are_pytorchs(name, dtype):
    near = 1e-6 if dtype == "float32" else 1e-13
    param, *gradients = steps_drawn(dtype)
    kept = (None,) if name.startswith("sgd") else (np.zeros_like(param), np.zeros_like(param))
    wanted = recorded(f"{name} {dtype}")
    for step, (gradient, want) in enumerate(zip(gradients, wanted, strict=False), 1):
        place = () if name.startswith("sgd") else (step,)
        param, *kept = getattr(functions, name.split()[0])(param, gradient, *kept, *place, **STEPS[name])
        agree(param, want, near)
    for found, want in zip(kept, wanted[len(gradients) :], strict=False):
        agree(found, want, 1e-6)


# Extreme values. ------------------------------------------------------------------------------------------------------


def test_the_coefficients_of_the_normal_tail_are_what_the_script_derives():
    for constants, (slope, degree) in zip((support.TAIL32, support.TAIL64), FITS.values(), strict=True):
        assert constants == (float(slope), *coefficients(slope, degree))


@pytest.mark.parametrize(("dtype", "ulp"), [("float32", 12), ("float64", 12)])
def test_the_normal_distribution_keeps_its_digits_in_both_tails(dtype, ulp):
    """z²/2 is rounded once, so that 4.5 deviations out the exponential has lost up to 10 ulp."""
    x = np.linspace(-4.5, 4.5, 901).astype(dtype)
    want = np.array([float(mp.ncdf(value)) for value in x.tolist()])
    assert np.max(np.abs(support.normal_cdf(x) - want) / np.spacing(want.astype(dtype))) <= ulp


@pytest.mark.parametrize(("dtype", "ulp"), [("float32", 4), ("float64", 4)])
def test_the_error_function_is_accurate(dtype, ulp):
    x = np.concatenate([np.linspace(-7, 7, 701), [1e-30, -1e-5, np.inf, -np.inf]]).astype(dtype)
    want = np.array([float(mp.erf(value)) for value in x.tolist()])
    assert np.max(np.abs(support.erf(x) - want) / np.spacing(np.abs(want).astype(dtype))) <= ulp
    assert np.isnan(support.erf(np.array([np.nan], dtype)))


NAN_ROW = np.array([[np.nan, 1], [2, 3]])
ONE_ARRAY = (
    "softmax", "log_softmax", "logsumexp", "layer_norm", "rms_norm", "relu", "gelu", "silu", "sigmoid", "tanh",
    "softplus",
)  # fmt: skip
NAN_CASES = {
    **dict.fromkeys(ONE_ARRAY, (NAN_ROW,)),
    "kl_divergence": (NAN_ROW, np.zeros((2, 2))),
    "linear": (NAN_ROW, np.ones((2, 2))),
    "attention": (NAN_ROW, np.ones((3, 2)), np.ones((3, 2))),
}  # fmt: skip


@pytest.mark.parametrize("name", NAN_CASES)
def test_a_nan_shows_in_its_own_row_and_raises_nothing(name):
    out = getattr(functions, name)(*NAN_CASES[name])
    assert np.isnan(out[0]).any()
    assert not np.isnan(out[1]).any()


def test_a_class_that_never_happens_adds_nothing_to_a_divergence():
    never, even = np.array([0, 0, -np.inf]), np.zeros(3)
    assert functions.kl_divergence(never, even) == pytest.approx(np.log(3 / 2))
    assert functions.kl_divergence(never, never) == 0
    assert functions.kl_divergence(even, never) == np.inf


def test_a_divergence_from_nothing_is_nothing():
    nothing, even = np.full(3, -np.inf), np.arange(3.0)
    assert functions.kl_divergence(nothing, even) == 0
    assert not any(gradient.any() for gradient in functions.kl_divergence_vjp(1.0, nothing, even))


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 1e-4])
def test_the_divergence_of_nearly_the_same_is_never_negative_and_keeps_its_digits(apart):
    """The terms are of the size of `apart` squared; the sum of p log(p/q) is one of terms of the size of `apart`."""
    random = np.random.default_rng(4)
    a, b = (1 + apart * random.standard_normal((50, 64)) for _ in "ab")
    found = functions.kl_divergence(a.astype(np.float32), b.astype(np.float32))
    wanted = functions.kl_divergence(a.astype(np.float32).astype(float), b.astype(np.float32).astype(float))
    assert (found >= 0).all()
    assert found == pytest.approx(wanted, rel=2e-7 / apart)


def test_the_mean_over_no_kept_row_is_nan_as_in_pytorch():
    logits = np.ones((3, 4))
    assert np.isnan(functions.cross_entropy(logits, np.full(3, -100)))
    assert functions.cross_entropy(logits, np.full(3, -100), reduction="sum") == 0
    logits[0] = np.nan
    assert functions.cross_entropy(logits, [-100, 0, 0]) == pytest.approx(np.log(4))


def test_the_slope_of_a_logsumexp_of_nothing_is_zero():
    x = np.array([[-np.inf, -np.inf], [0.0, -np.inf]])
    np.testing.assert_array_equal(functions.logsumexp_vjp(np.ones(2), x)[0], [[0, 0], [1, 0]])


@pytest.mark.parametrize("top", [15, 17, 55])
@pytest.mark.parametrize("size", [1e-29, 1e29])
def test_cotangents_of_any_size_keep_their_digits_with_and_without_a_shift(size, top):
    x = (np.random.default_rng(0).uniform(-3, 0, (3, 5)) + top).astype(np.float32)
    x[:, 0], ids, p = top, np.array([0, 1, 4]), np.full((3, 5), np.float32(0.2))
    ones, rows = np.arange(1, 16, dtype=np.float32).reshape(3, 5), np.arange(1, 4, dtype=np.float32)
    none = {"reduction": "none"}
    calls = [("softmax", ones, (), {}), ("log_softmax", ones, (), {}), ("logsumexp", rows, (), {}),
             ("cross_entropy", rows, (ids,), none), ("cross_entropy", rows, (p,), none),
             ("kl_divergence", rows, (x[::-1],), {})]  # fmt: skip
    for name, cotangent, others, options in calls:
        vjp = getattr(functions, f"{name}_vjp")
        got = vjp(np.float32(size) * cotangent, x, *others, **options)[0]
        wide = [other.astype(np.float64) if other.dtype.kind == "f" else other for other in others]
        want = vjp(size * cotangent.astype(np.float64), x.astype(np.float64), *wide, **options)[0]
        assert np.abs(got - want).max() <= 2e-5 * np.abs(want).max(), name


# Inputs of every kind. ------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(7)
SQUARE = RNG.standard_normal((4, 4))
ROWS = RNG.standard_normal((2, 3, 4))
EXAMPLES = {
    **dict.fromkeys(ONE_ARRAY, ((ROWS,), {})),
    "linear": ((ROWS, SQUARE, SQUARE[0]), {}),
    "feed_forward": ((ROWS, SQUARE, SQUARE[0], SQUARE, None), {"activation": "gelu"}),
    "swiglu": ((ROWS, SQUARE, SQUARE, SQUARE), {}),
    "attention": ((ROWS, ROWS, ROWS, ROWS[0] @ ROWS[0].T), {"is_causal": True}),
    "multi_head_attention": ((ROWS, None, SQUARE, SQUARE, SQUARE, SQUARE, SQUARE[0]), {"heads": 2}),
    "rotary_embedding": ((ROWS, np.arange(3)), {}),
    "embedding": ((np.array([[1, 2], [0, 0]]), SQUARE), {}),
    "cross_entropy": ((ROWS, RNG.integers(0, 4, (2, 3))), {"label_smoothing": 0.1}),
    "kl_divergence": ((ROWS, 2 * ROWS), {}),
    "adam_step": ((ROWS, ROWS, ROWS, ROWS**2, 2), {"lr": 0.1}),
    "adamw_step": ((ROWS, ROWS, ROWS, ROWS**2, 2), {"lr": 0.1}),
    "sgd_step": ((ROWS, ROWS, ROWS), {"lr": 0.1}),
}  # fmt: skip
ALWAYS_FLOAT64 = {"alibi_slopes", "sinusoidal_positions"}


def test_every_function_has_an_example():
    assert set(EXAMPLES) | ALWAYS_FLOAT64 == {name for name in functions.__all__ if not name.endswith("_vjp")}


def changed(inputs, change):
    """The inputs with every array changed."""
    return tuple(change(value) if isinstance(value, np.ndarray) else value for value in inputs)


def results(name, inputs, options):
    """What a function returns, as a list."""
    out = getattr(functions, name)(*inputs, **options)
    return list(out) if isinstance(out, tuple) else [out]


def read_only(array):
    """A copy that cannot be written."""
    array = array.copy()
    array.flags.writeable = False
    return array


VIEWS = {
    "read-only": read_only,
    "Fortran": np.asfortranarray,
    "byte-swapped": lambda array: array.astype(array.dtype.newbyteorder()),
    "reversed": lambda array: array[..., ::-1].copy()[..., ::-1],
    "a part": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "a list": lambda array: array.tolist(),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_arrays_of_every_kind_give_the_same_numbers_and_stay_as_they_are(name, view):
    inputs, options = EXAMPLES[name]
    other = changed(inputs, VIEWS[view])
    before = changed(other, np.copy)
    for got, want in zip(results(name, other, options), results(name, inputs, options), strict=True):
        agree(got, np.asarray(want), 1e-14)
    assert all(np.array_equal(old, new) for old, new in zip(before, other, strict=True) if isinstance(old, np.ndarray))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_dtype_is_kept(name, dtype):
    inputs, options = EXAMPLES[name]
    given = changed(inputs, lambda array: array.astype(dtype) if array.dtype.kind == "f" else array)
    wide = {key: np.float64(value) if isinstance(value, float) else value for key, value in options.items()}
    assert {part.dtype for part in results(name, given, wide)} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"embedding"}))
def test_whole_numbers_are_refused_where_floats_are_meant(name):
    inputs, options = EXAMPLES[name]
    first = next(iter(inspect.signature(getattr(functions, name)).parameters))
    with pytest.raises(TypeError, match=f"^{name}: {first}: expected .*floating-point numbers, got"):
        getattr(functions, name)(inputs[0].astype(int), *inputs[1:], **options)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"embedding", "layer_norm", "rms_norm"}))
def test_an_empty_batch_gives_an_empty_result(name):
    inputs, options = EXAMPLES[name]
    empty = changed(inputs, lambda array: array[:0] if array.shape == ROWS.shape or array.shape == (2, 3) else array)
    found = list(zip(results(name, empty, options), results(name, inputs, options), strict=True))
    assert [none.shape for none, _ in found] == [(0, *full.shape[1:]) if full.ndim else () for _, full in found]


ERRORS = [
    ("rms_norm", (ROWS, ROWS[0, 0, :2]), {}, ValueError, "weight"),
    ("gelu", (ROWS,), {"approximate": "fast"}, ValueError, "approximate"),
    ("feed_forward", (ROWS, SQUARE, None, SQUARE, None), {"activation": "swish"}, ValueError, "activation"),
    ("feed_forward", (ROWS, SQUARE, None, SQUARE[1:], None), {}, ValueError, "w2"),
    ("swiglu", (ROWS, SQUARE, SQUARE[:, 1:], SQUARE), {}, ValueError, "w_up"),
    ("multi_head_attention", (ROWS, None, *[SQUARE] * 4), {"heads": 3}, ValueError, "w_q"),
    ("multi_head_attention", (ROWS, None, *[SQUARE] * 4), {"heads": 2, "kv_heads": 3}, ValueError, "kv_heads"),
    ("multi_head_attention", (ROWS, None, *[SQUARE] * 4), {"heads": 2.5}, TypeError, "heads"),
    ("multi_head_attention", (ROWS, ROWS[..., 1:], *[SQUARE] * 4), {"heads": 2}, ValueError, "w_k"),
    ("multi_head_attention", (ROWS, None, SQUARE[1:], *[SQUARE] * 3), {"heads": 2}, ValueError, "w_q"),
    ("multi_head_attention", (ROWS[0, 0], None, *[SQUARE] * 4, *[None] * 4, np.eye(3)), {"heads": 2}, ValueError, "x"),
    ("multi_head_attention", (ROWS, None, *[SQUARE] * 4), {"heads": 2, "is_causal": "no"}, TypeError, "is_causal"),
    ("multi_head_attention", (ROWS, None, *[SQUARE] * 4, *[None] * 4, ROWS[0] > 0), {"heads": 2}, ValueError, "mask"),
    ("rotary_embedding", (ROWS[..., 1:], np.arange(3)), {}, ValueError, "x"),
    ("rotary_embedding", (ROWS, np.arange(4)), {}, ValueError, "positions"),
    ("rotary_embedding", (ROWS, np.arange(3)), {"interleaved": "no"}, TypeError, "interleaved"),
    ("embedding", (np.array([4]), SQUARE), {}, ValueError, "ids"),
    ("embedding", (np.array([-1]), SQUARE), {}, ValueError, "ids"),
    ("embedding", (np.array([1.0]), SQUARE), {}, TypeError, "ids"),
    ("cross_entropy", (ROWS, np.zeros((2, 3), int)), {"weight": np.ones(3)}, ValueError, "weight"),
    ("cross_entropy", (ROWS, np.full((2, 3), -1)), {}, ValueError, "targets"),
    ("cross_entropy", (ROWS, np.zeros((2, 3), int)), {"label_smoothing": 1.5}, ValueError, "label_smoothing"),
    ("cross_entropy", (ROWS, np.zeros((2, 3), int)), {"label_smoothing": -0.5}, ValueError, "label_smoothing"),
    ("cross_entropy", (ROWS, np.zeros((2, 3), int)), {"ignore_index": np.inf}, TypeError, "ignore_index"),
    ("cross_entropy", (ROWS, np.zeros((2, 3), int)), {"reduction": np.array(["sum"] * 2)}, ValueError, "reduction"),
    ("kl_divergence", (ROWS, ROWS[..., 1:]), {}, ValueError, "q_logits"),
    ("kl_divergence", (ROWS, ROWS[0]), {}, ValueError, "q_logits"),
    ("kl_divergence", (ROWS[0], ROWS), {}, ValueError, "q_logits"),
    ("adam_step", (ROWS, ROWS, ROWS, ROWS, 0), {"lr": 0.1}, ValueError, "step"),
    ("adam_step", (ROWS, ROWS[0], ROWS, ROWS, 1), {"lr": 0.1}, ValueError, "grad"),
    ("adam_step", (ROWS, ROWS, ROWS, ROWS, True), {"lr": 0.1}, TypeError, "step"),
    ("adamw_step", (ROWS, ROWS, ROWS, ROWS, 1), {"lr": np.True_}, TypeError, "lr"),
    ("softmax", (ROWS,), {"axis": True}, TypeError, "axis"),
    ("layer_norm", (ROWS,), {"eps": True}, TypeError, "eps"),
    ("attention", (ROWS, ROWS, ROWS), {"window": True}, TypeError, "window"),
    ("rotary_embedding", (ROWS, np.ones(3, bool)), {}, TypeError, "positions"),
    ("sgd_step", (ROWS, ROWS, ROWS[0]), {"lr": 0.1}, ValueError, "momentum_buffer"),
    ("sinusoidal_positions", (-1, 4), {}, ValueError, "n"),
    ("alibi_slopes", ("two",), {}, TypeError, "heads"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "options", "error", "argument"), ERRORS)
def test_an_error_names_the_argument(name, inputs, options, error, argument):
    with pytest.raises(error, match=rf"^{name}: {argument}: expected .+ got .+$"):
        getattr(functions, name)(*inputs, **options)


def test_threads_may_call_at_once():
    given = [RNG.standard_normal((8, 64, 16)) for _ in range(16)]
    want = [functions.attention_vjp(q, q, q, q) for q in given]
    with ThreadPoolExecutor(4) as pool:
        for found, wanted in zip(pool.map(lambda q: functions.attention_vjp(q, q, q, q), given), want, strict=True):
            for got, one in zip(found[:3], wanted[:3], strict=True):
                agree(got, one, 1e-15)


SIGNATURES = [signature for module in MODULES for signature in module.SIGNATURES]


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.name)
def test_an_exported_module_stands_alone_and_holds_the_backward_function(signature):
    space = {}
    exec(compile(export_source(signature), "exported", "exec"), space)
    assert "symformer" not in space
    assert (f"{signature.name}_vjp" in space) == signature.differentiable
    if signature.name in EXAMPLES:
        inputs, options = EXAMPLES[signature.name]
        got, want = space[signature.name](*inputs, **options), getattr(functions, signature.name)(*inputs, **options)
        np.testing.assert_equal(got, want)
