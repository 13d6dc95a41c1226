"""The border of attention: options and shapes at their limits, and errors in the words of who calls."""

import re

import numpy as np
import pytest

from symformer import functions

RNG = np.random.default_rng(0)
Q, K, V = (RNG.standard_normal(shape) for shape in ((4, 3, 8), (2, 5, 8), (2, 5, 6)))
DO = RNG.standard_normal((4, 3, 6))
X, WEIGHTS = RNG.standard_normal((2, 3, 4)), [RNG.standard_normal((4, 4)) for _ in range(4)]


@pytest.mark.parametrize("far", [2**63 - 1, 2**63, 10**30])
def test_offsets_and_windows_farther_than_any_key_hide_all_or_nothing(far):
    every = functions.attention(Q, K, V)
    np.testing.assert_array_equal(functions.attention(Q, K, V, is_causal=True, offset=far), every)
    np.testing.assert_array_equal(functions.attention(Q, K, V, offset=-5, window=far), every)
    np.testing.assert_array_equal(functions.attention(Q, K, V, is_causal=True, offset=-far), 0 * every)
    np.testing.assert_array_equal(functions.attention(Q, K, V, offset=5, window=-far), 0 * every)


@pytest.mark.parametrize("cap", [0, 0.0, np.inf, 1e300])
def test_a_cap_of_zero_or_beyond_all_numbers_caps_nothing(cap):
    q, k, v, slope = (array.astype(np.float32) for array in (Q, K, V, DO))
    np.testing.assert_array_equal(functions.attention(q, k, v, softcap=cap), functions.attention(q, k, v))
    found, wanted = functions.attention_vjp(slope, q, k, v, softcap=cap), functions.attention_vjp(slope, q, k, v)
    for got, want in zip(found[:3], wanted[:3], strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("argument", "options", "error"), [
    ("offset", {"offset": np.inf}, TypeError),
    ("offset", {"offset": np.nan}, TypeError),
    ("window", {"window": -np.inf}, TypeError),
    ("is_causal", {"is_causal": "False"}, TypeError),
    ("is_causal", {"is_causal": np.array([True, False])}, TypeError),
    ("is_causal", {"is_causal": None}, TypeError),
])  # fmt: skip
def test_an_option_of_another_kind_is_named(argument, options, error):
    with pytest.raises(error, match=f"^attention: {argument}: expected .+, got .+$"):
        functions.attention(Q, K, V, **options)


@pytest.mark.parametrize(("arrays", "came"), [
    ((Q, K[..., 1:], V), "k: expected .+, got \\(2, 5, 7\\)"),
    ((Q, K, V[:, 1:]), "v: expected .+, got \\(2, 4, 6\\)"),
    ((Q, K, V, np.ones((2, 3, 5), bool)), "mask: expected shape \\(..., 4, 3, 5\\), got \\(2, 3, 5\\)"),
    ((Q, K, V, np.ones((2, 2, 3, 5), bool)), "mask: expected shape \\(..., 4, 3, 5\\), got \\(2, 2, 3, 5\\)"),
])  # fmt: skip
def test_shapes_that_do_not_fit_shared_heads_are_told_as_they_came(arrays, came):
    with pytest.raises(ValueError, match=f"^attention: {came}$"):
        functions.attention(*arrays)


@pytest.mark.parametrize("shape", [(2, 2, 3, 6), (4, 3, 5), (3, 6), (1, 4, 3, 6)])
def test_a_cotangent_has_the_shape_of_the_result_also_where_heads_are_shared(shape):
    expected = f"expected shape \\(4, 3, 6\\), got \\({', '.join(map(str, shape))}\\)"
    with pytest.raises(ValueError, match=f"^attention_vjp: cotangent: {expected}$"):
        functions.attention_vjp(np.ones(shape), Q, K, V)


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (3, 1), (2, 3, 3), (2, 1, 1, 3)])
def test_a_mask_of_fewer_axes_is_broadcast_in_multi_head_attention(shape):
    mask = RNG.standard_normal(shape)
    full = np.broadcast_to(mask if mask.ndim == 4 or mask.ndim < 3 else mask[:, None], (2, 2, 3, 3))
    got = functions.multi_head_attention(X, None, *WEIGHTS, mask=mask, heads=2)
    np.testing.assert_allclose(got, functions.multi_head_attention(X, None, *WEIGHTS, mask=full, heads=2))
    gradient = functions.multi_head_attention_vjp(np.ones_like(got), X, None, *WEIGHTS, mask=mask, heads=2)[-1]
    assert gradient.shape == shape


@pytest.mark.parametrize(("place", "shape", "expected"), [
    (0, (3, 4), "w_q: expected shape (d=4, *)"), (1, (4, 6), "w_k: expected shape (d_m=4, 4)"),
    (2, (3, 4), "w_v: expected shape (d_m=4, *)"), (3, (6, 4), "w_o: expected shape (4, d_out)"),
])  # fmt: skip
def test_weights_that_do_not_fit_are_told_as_they_came(place, shape, expected):
    weights = [np.ones(shape) if at == place else weight for at, weight in enumerate(WEIGHTS)]
    with pytest.raises(ValueError, match=f"^{re.escape(f'multi_head_attention: {expected}, got {shape}')}$"):
        functions.multi_head_attention(X, None, *weights, heads=2)


def test_a_mask_that_does_not_fit_multi_head_attention_is_told_as_it_came():
    with pytest.raises(ValueError, match=r"mask: expected shape \(..., 3, 3\), got \(2, 3\)$"):
        functions.multi_head_attention(X, None, *WEIGHTS, mask=np.ones((2, 3)), heads=2)
    with pytest.raises(ValueError, match=r"got x \(2,\), memory \(2,\), mask \(5,\)$"):
        functions.multi_head_attention(X, None, *WEIGHTS, mask=np.ones((5, 3, 3)), heads=2)
