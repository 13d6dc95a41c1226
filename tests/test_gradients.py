"""Backward functions against what PyTorch's autograd gave, and against differences of their forward functions."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from function_cases import CASES, case
from recorded import SEEDS, recorded

from symformer import functions
from symformer.functions import blocks

pytestmark = pytest.mark.filterwarnings("error")

TOLERANCE = {"float16": 1e-2, "float32": 2e-4, "float64": 1e-9}


@pytest.fixture
def block(request, monkeypatch):
    """Blocks as they are, or so small that everything takes several of them."""
    if request.param == "small":
        for name, size in (("CACHE", 8), ("PRODUCT", 8), ("LEAST", 1)):
            monkeypatch.setattr(blocks, name, size)


def arrays_of(name, inputs):
    """The inputs that a gradient, or None, is returned for."""
    parameters = list(inspect.signature(getattr(functions, name)).parameters)
    return [value for parameter, value in zip(parameters, inputs, strict=False) if parameter not in ("activation",)]


def close(got, want, near):
    """Same dtype, same shape, close by the size of the whole gradient."""
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    scale = max(1.0, np.abs(want.astype(float)).max(initial=0))
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=near, atol=near * scale)


def called(name, seed, dtype=None):
    """A case, and a cotangent of the shape and dtype of its result."""
    inputs, options, rng = case(name, seed, dtype)
    out = np.asarray(getattr(functions, name)(*inputs, **options))
    return inputs, options, rng.cotangent(out.shape, out.dtype)


NOT_BY = {"rotary_embedding": (1,)}  # positions are floats, and have no gradient


@pytest.mark.parametrize("block", ["large", "small"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_autograds(name, block):
    for seed in range(SEEDS):
        inputs, options, cotangent = called(name, seed)
        got = getattr(functions, f"{name}_vjp")(cotangent, *inputs, **options)
        assert isinstance(got, tuple) and len(got) == len(arrays_of(name, inputs))
        for place, (one, other) in enumerate(zip(got, recorded(f"{name} {seed}")[1:], strict=True)):
            if other is None or place in NOT_BY.get(name, ()):
                assert one is None
            elif np.isfinite(other).all():
                close(one, other, TOLERANCE[str(other.dtype)])


def differences(function, array, cotangent, step=1e-6):
    """Central differences of Σ cotangent · function by each entry of an array."""
    out = np.zeros(array.shape)
    for at in np.ndindex(array.shape):
        ends = []
        for sign in (1, -1):
            moved = array.copy()
            moved[at] += sign * step
            ends.append((np.asarray(function(moved)) * cotangent).sum())
        out[at] = (ends[0] - ends[1]) / (2 * step)
    return out


SMOOTH = sorted(set(CASES) - {"relu", "feed_forward", "embedding"})


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_the_slopes_of_the_forward_function(name):
    for seed in range(SEEDS, SEEDS + 6):
        inputs, options, cotangent = called(name, seed, "float64")
        gradients = getattr(functions, f"{name}_vjp")(cotangent, *inputs, **options)
        for place, (gradient, array) in enumerate(zip(gradients, inputs, strict=False)):
            if gradient is not None and np.isfinite(array).all() and np.abs(array).max(initial=0) <= 100:
                slopes = slopes_by(name, inputs, options, cotangent, place)
                near = 2e-6 * max(1, np.abs(slopes).max(initial=0))
                np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=near)


def slopes_by(name, inputs, options, cotangent, place):
    """Differences of a function by one of its inputs."""

    def moved(value):
        return getattr(functions, name)(*inputs[:place], value, *inputs[place + 1 :], **options)

    return differences(moved, inputs[place], cotangent)


def test_a_wrong_gradient_is_told_apart():
    """√d left out of dK, and RMSNorm's gradient without its second term."""
    rng = np.random.default_rng(0)
    q, k, v, g = rng.standard_normal((4, 3, 4))
    dq, dk, _, _ = functions.attention_vjp(g, q, k, v)
    close(dq, slopes_by("attention", (q, k, v), {}, g, 0), 1e-7)
    with pytest.raises(AssertionError):
        close(2 * dk, slopes_by("attention", (q, k, v), {}, g, 1), 1e-2)
    x = q[0]
    diagonal = g[0] / np.sqrt((x**2).mean() + 1e-5)
    with pytest.raises(AssertionError):
        close(diagonal, slopes_by("rms_norm", (x,), {}, g[0], 0), 1e-2)


# Extreme values. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_is_finite_at_large_logits(dtype):
    """Logits of 1e4, a batch of 512."""
    rng = np.random.default_rng(0)
    logits = (1e4 * rng.standard_normal((512, 10))).astype(dtype)
    (gradient, none) = functions.cross_entropy_vjp(dtype_one(dtype), logits, rng.integers(0, 10, 512))
    assert none is None
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-7)


def dtype_one(dtype):
    """1 as an array without axes."""
    return np.ones((), dtype)


def test_the_slope_of_a_tanh_keeps_its_digits_where_the_tanh_is_nearly_1():
    x = np.array([-9.0, -4, -0.5, 0, 0.5, 4, 9, 40], np.float32)
    (found,) = functions.tanh_vjp(np.ones_like(x), x)
    np.testing.assert_allclose(found, np.cosh(x.astype(float)) ** -2, rtol=1e-5)


def test_the_slope_of_the_approximate_gelu_loses_no_more_digits_than_its_tanh():
    x = np.linspace(-6, 6, 20001)
    (found,) = functions.gelu_vjp(np.ones(20001, np.float32), x.astype(np.float32), "tanh")
    (wanted,) = functions.gelu_vjp(np.ones(20001), x.astype(np.float32).astype(float), "tanh")
    assert np.abs(found - wanted).max() < 12 * np.finfo(np.float32).eps


@pytest.mark.parametrize("mask", [np.zeros((3, 4), bool), np.full((3, 4), -np.inf)], ids=["boolean", "float"])
def test_rows_that_see_nothing_have_zero_gradients(mask):
    rng = np.random.default_rng(0)
    q, k, v, g = rng.standard_normal((3, 2)), rng.standard_normal((4, 2)), rng.standard_normal((4, 5)), np.ones((3, 5))
    for gradient in functions.attention_vjp(g, q, k, v, mask):
        assert gradient is None or not gradient.any()


def test_gradients_of_broadcast_axes_are_summed():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((3, 6, 4)), rng.standard_normal((6, 2))
    cotangent = rng.standard_normal((2, 3, 5, 2))
    gradients = functions.attention_vjp(cotangent, q, k, v)
    assert [gradient.shape for gradient in gradients[:3]] == [q.shape, k.shape, v.shape]
    for place, got in enumerate(gradients[:3]):
        close(got, slopes_by("attention", (q, k, v), {}, cotangent, place), 1e-7)


def test_a_nan_shows_in_the_gradient_of_its_row():
    x = np.array([[np.nan, 1.0], [2.0, 3.0]])
    for name in ("softmax", "layer_norm", "rms_norm", "gelu", "silu", "sigmoid", "tanh", "softplus"):
        (gradient, *_) = getattr(functions, f"{name}_vjp")(np.ones((2, 2)), x)
        assert np.isnan(gradient[0]).any(), name
        assert not np.isnan(gradient[1]).any(), name


@pytest.mark.parametrize("name", CASES)
def test_a_cotangent_of_another_shape_is_refused_by_name(name):
    inputs, options, _ = case(name, 2)
    with pytest.raises(ValueError, match=rf"^{name}_vjp: cotangent: expected .+ got .+$"):
        getattr(functions, f"{name}_vjp")(np.ones((7, 7, 7, 7, 7, 7)), *inputs, **options)
