"""Backward functions against PyTorch's autograd and against finite differences of their forward functions."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
import torch_reference
from function_cases import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

from symformer import functions
from symformer.functions import blocks

pytestmark = pytest.mark.filterwarnings("error")

PROFILE = settings(deadline=None, max_examples=30, derandomize=True, database=None, report_multiple_bugs=False)
TOLERANCE = {"float16": 1e-2, "float32": 2e-4, "float64": 1e-9}
WORK = {"float16": torch.float32, "float32": torch.float32, "float64": torch.float64}


@pytest.fixture
def block(request, monkeypatch):
    """Blocks as they are, or so small that everything takes several of them."""
    if request.param == "small":
        for name, size in (("CACHE", 8), ("PRODUCT", 8), ("LEAST", 1)):
            monkeypatch.setattr(blocks, name, size)


def is_float(value):
    """Whether a value is an array of floating-point numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def arrays_of(name, inputs):
    """The inputs that a gradient, or None, is returned for."""
    parameters = list(inspect.signature(getattr(functions, name)).parameters)
    return [value for parameter, value in zip(parameters, inputs, strict=False) if parameter not in ("activation",)]


def autograd(name, inputs, options, cotangent):
    """PyTorch's gradients by the inputs, None for what has none; NaN counts as 0 where nothing is seen."""
    dtype = str(next(a for a in inputs if is_float(a)).dtype)
    tensors = [torch.tensor(a, dtype=WORK[dtype]).requires_grad_() if is_float(a) else
               torch.tensor(a) if isinstance(a, np.ndarray) else a for a in inputs]  # fmt: skip
    chosen = {key: torch.tensor(v, dtype=WORK[dtype]) if is_float(v) else v for key, v in options.items()}
    out = getattr(torch_reference, name)(*tensors, **chosen)
    out.backward(torch.tensor(cotangent, dtype=out.dtype))
    return [tensor.grad.numpy().astype(dtype) if torch.is_tensor(tensor) and tensor.requires_grad and
            tensor.grad is not None else None for tensor in tensors]  # fmt: skip


def close(got, want, near):
    """Same dtype, same shape, close by the size of the whole gradient."""
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    scale = max(1.0, np.abs(want.astype(float)).max(initial=0))
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=near, atol=near * scale)


@st.composite
def with_cotangent(draw, name, dtypes=("float16", "float32", "float64")):
    """A case, and a cotangent of the shape and dtype of its result."""
    inputs, options = draw(CASES[name](dtypes))
    out = np.asarray(getattr(functions, name)(*inputs, **options))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return inputs, options, rng.standard_normal(out.shape).astype(out.dtype)


NOT_BY = {"rotary_embedding": (1,)}  # positions are floats, and have no gradient


@pytest.mark.parametrize("block", ["large", "small"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_autograds(name, block):
    @PROFILE
    @given(with_cotangent(name))
    def compare(case):
        inputs, options, cotangent = case
        got = getattr(functions, f"{name}_vjp")(cotangent, *inputs, **options)
        want = autograd(name, inputs, options, cotangent)
        assert isinstance(got, tuple) and len(got) == len(arrays_of(name, inputs))
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            if other is None or place in NOT_BY.get(name, ()):
                assert one is None
            elif np.isfinite(other).all():
                close(one, other, TOLERANCE[str(other.dtype)])

    compare()


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
FEW = settings(PROFILE, max_examples=6)


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_the_slopes_of_the_forward_function(name):
    @FEW
    @given(with_cotangent(name, ("float64",)))
    def compare(case):
        inputs, options, cotangent = case
        gradients = getattr(functions, f"{name}_vjp")(cotangent, *inputs, **options)
        for place, (gradient, array) in enumerate(zip(gradients, inputs, strict=False)):
            if gradient is None or not np.isfinite(array).all() or np.abs(array).max(initial=0) > 100:
                continue

            def moved(value, place=place):
                given = [*inputs[:place], value, *inputs[place + 1 :]]
                return getattr(functions, name)(*given, **options)

            slopes = differences(moved, array, cotangent)
            np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=2e-6 * max(1, np.abs(slopes).max(initial=0)))

    compare()


def test_a_wrong_gradient_is_told_apart():
    """√d left out of dK, and RMSNorm's gradient without its second term."""
    rng = np.random.default_rng(0)
    q, k, v, g = rng.standard_normal((4, 3, 4))
    dq, dk, _, _ = functions.attention_vjp(g, q, k, v)
    want = autograd("attention", (q, k, v), {}, g)
    close(dq, want[0], 1e-12)
    with pytest.raises(AssertionError):
        close(2 * dk, want[1], 1e-2)
    x = q[0]
    diagonal = g[0] / np.sqrt((x**2).mean() + 1e-5)
    with pytest.raises(AssertionError):
        close(diagonal, autograd("rms_norm", (x,), {}, g[0])[0], 1e-2)


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
    for got, want in zip(gradients, autograd("attention", (q, k, v), {}, cotangent), strict=False):
        close(got, want, 1e-12) if want is not None else None


def test_a_nan_shows_in_the_gradient_of_its_row():
    x = np.array([[np.nan, 1.0], [2.0, 3.0]])
    for name in ("softmax", "layer_norm", "rms_norm", "gelu", "silu", "sigmoid", "tanh", "softplus"):
        (gradient, *_) = getattr(functions, f"{name}_vjp")(np.ones((2, 2)), x)
        assert np.isnan(gradient[0]).any(), name
        assert not np.isnan(gradient[1]).any(), name


@pytest.mark.parametrize("name", CASES)
def test_a_cotangent_of_another_shape_is_refused_by_name(name):
    @settings(FEW, max_examples=2)
    @given(CASES[name](("float64",)))
    def refused(case):
        inputs, options = case
        with pytest.raises(ValueError, match=rf"^{name}_vjp: cotangent: expected .+ got .+$"):
            getattr(functions, f"{name}_vjp")(np.ones((7, 7, 7, 7, 7, 7)), *inputs, **options)

    refused()
