"""Repeats compiled: one `for` over the layers forward, one backward, against the layers written out."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from differences import worst_difference
from numpy_reference import attention, layer_norm, linear
from recorded import recorded
from repeated_block import (
    NAMES,
    SIZES,
    X_0,
    L,
    X,
    c,
    cotangent,
    d,
    drawn,
    ell,
    f,
    i,
    pre_norm_block,
    written_out,
)  # fmt: skip

import symformer as sf
from symformer.calculus import reverse
from symformer.compile import standalone

H, k = sf.sizes("H"), sf.indices("k")
W, B = sf.tensor("W", d, d), sf.tensor("B", d)
PROGRAM = pre_norm_block()
BACKWARD = reverse(PROGRAM)


@cache
def forward():
    """The block's function."""
    return sf.lambdify(PROGRAM)


@cache
def backward():
    """That of its gradients."""
    return sf.lambdify(BACKWARD.program, "vjp")


def test_the_forward_loop_is_the_layers_written_out():
    values = drawn(np.float64)
    wanted = written_out(
        values, layer_norm, attention, linear, lambda x: x * (1 + np.vectorize(math.erf)(x / 2**0.5)) / 2
    )
    np.testing.assert_allclose(forward()(*values), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("dtype", "near"), [(np.float64, 1e-11), (np.float32, 1e-4)], ids=["float64", "float32"])
def test_the_block_and_its_gradients_are_those_of_autograd(dtype, near):
    values = drawn(dtype)
    wanted, *gradients = recorded("repeated block")
    found = forward()(*values)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=near, atol=near)
    for name, one, other in zip(NAMES, backward()(cotangent(dtype), *values), gradients, strict=True):
        assert one.dtype == dtype
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=near, atol=near * np.abs(other).max(), err_msg=name)


def test_the_gradients_are_finite_differences():
    assert worst_difference(PROGRAM, SIZES, backward=BACKWARD) < 1e-6


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("in reversed(range(L))", "in range(L)"),
        ("X_ell = X_in[ell]", "X_ell = X_in[ell - 1]"),
        ("W_1_ell = W_1[..., ell, :, :]", "W_1_ell = W_1[..., 0, :, :]"),
    ],
)
def test_a_backward_loop_that_runs_up_or_reads_another_layer_is_seen(right, wrong):
    text = standalone("vjp", backward().source)
    assert right in text
    space = {}
    exec(text.replace(right, wrong), space)
    gradients = recorded("repeated block")[1:]
    found = space["vjp"](cotangent(np.float64), *drawn(np.float64))
    assert max(np.abs(one - other).max() for one, other in zip(found, gradients, strict=True)) > 1e-3


def test_the_text_has_one_loop_up_and_one_down_whatever_the_number_of_layers():
    text = backward().source
    assert text.count("for ell in range(L):") == 1
    assert text.count("for ell in reversed(range(L)):") == 1
    assert "X_in[ell] = X\n" in text
    assert "X_ell = X_in[ell]\n" in text
    assert "placed(X_in" not in text


def simple(layers=L, each=(W,), shared=None, start=X_0, name="X_L"):
    """Rows times a matrix, squashed, plus a bias that all layers share."""
    after = sf.define("Y", (i, f), X[i, f] + sf.tanh(sf.sum(X[i, c] * W[c, f], c)) + B[f])
    return sf.repeat(after, (ell, layers), {X: start}, each, shared, name=name)


def by_hand(x, weights, bias):
    """The same, with what enters each layer."""
    entered = []
    for weight in np.moveaxis(weights, -3, 0):
        entered.append(x)
        x = x + np.tanh(x @ weight) + bias[..., None, :]
    return x, entered


NUMBERS = [np.random.default_rng(2).normal(size=shape) for shape in ((4, 3), (5, 3, 3), (3,))]


def test_what_every_layer_reads_or_makes_comes_out_with_the_layer_first():
    function = sf.lambdify(sf.program(simple(), sf.every_layer(simple(), X, "H")))
    last, entered = by_hand(*NUMBERS)
    found = function(*NUMBERS)
    np.testing.assert_allclose(found[0], last)
    np.testing.assert_allclose(found[1], entered)


def test_batch_axes_broadcast_in_the_stream_and_in_the_stacks():
    x, weights, bias = NUMBERS
    program = sf.program(simple(), sf.every_layer(simple(), X, "H"))
    many = np.stack([weights, -weights, weights / 2])[:, None]
    last, streams = sf.lambdify(program)(np.stack([x, 2 * x]), many, bias)
    assert streams.shape == (3, 2, 5, 4, 3)
    for one, other in np.ndindex(3, 2):
        wanted, entered = by_hand((x, 2 * x)[other], many[one, 0], bias)
        np.testing.assert_allclose(last[one, other], wanted)
        np.testing.assert_allclose(streams[one, other], entered)
    weighty = sf.lambdify(program, weights=("W", "B"))
    np.testing.assert_allclose(weighty(np.stack([x, 2 * x]), weights, bias)[0][1], by_hand(2 * x, weights, bias)[0])


def test_a_loss_that_reads_every_layer_has_the_gradients_of_the_layers_one_by_one():
    every = sf.every_layer(simple(), X, "H")
    loss = sf.define("l", (), sf.sum(simple()[i, c] ** 2, i, c) + sf.sum(every[ell, i, c] ** 3, ell, i, c))
    assert worst_difference(sf.program(loss), SIZES) < 1e-6
    program = reverse(sf.program(loss)).program
    one, other = sf.lambdify(program, "vjp"), sf.lambdify(reverse(sf.program(loss).unroll({L: 5})).program, "vjp")
    for left, right in zip(one(*NUMBERS), other(*NUMBERS), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-12)


def test_what_comes_out_of_one_loop_goes_back_through_one_even_where_calls_are_opened():
    layer = sf.define("Y", (i, c), X[i, c] + sf.softmax(X, name="P")[i, c])
    deep = sf.repeat(layer, (ell, 3), {X: X_0}, name="X_L")
    loss = sf.define(
        "l", (), sf.sum(deep[i, c] ** 2, i, c) + sf.sum(sf.every_layer(deep, X, "H")[ell, i, c], ell, i, c)
    )
    for program in (sf.program(loss), sf.program(loss).unfold(stable=True)):
        text = sf.lambdify(reverse(program).program, "vjp").source
        assert text.count("for ell in") == 2
    assert worst_difference(sf.program(loss), SIZES) < 1e-6


def test_a_loop_in_a_loop_and_one_after_another_are_loops():
    stacks = sf.tensor("W", H, d, d)
    inner = sf.repeat(
        sf.define("Y", (i, f), X[i, f] + sf.sum(X[i, c] * W[c, f], c)), (k, H), {X: X}, {W: stacks}, name="X_H"
    )
    deep = sf.repeat(inner, (ell, L), {X: X_0}, {stacks: sf.tensor("W", L, H, d, d)}, name="X_L")
    x, weights = np.random.default_rng(3).normal(size=(4, 3)), np.random.default_rng(4).normal(size=(2, 3, 3, 3)) / 3
    wanted = x
    for weight in weights.reshape(6, 3, 3):
        wanted = wanted + wanted @ weight
    np.testing.assert_allclose(sf.lambdify(deep)(x, weights), wanted)
    assert worst_difference(sf.program(deep), {**SIZES, H: 2}) < 1e-6
    again = sf.repeat(sf.define("Y", (i, f), X[i, f] * B[f]), (ell, 2), {X: deep}, name="X_M")
    np.testing.assert_allclose(sf.lambdify(again)(x, weights, np.arange(3.0)), wanted * np.arange(3) ** 2)


def test_a_start_may_have_the_name_of_what_is_carried_and_a_number_of_layers_may_be_given():
    both = sf.define("Z", (i, c), X[i, c] + simple(3, start=X)[i, c])
    x, weights, bias = NUMBERS
    np.testing.assert_allclose(sf.lambdify(both)(x, weights[:3], bias), x + by_hand(x, weights[:3], bias)[0])
    with pytest.raises(ValueError, match=r"W: expected shape \(\.\.\., 3, .* got \(5, 3, 3\)"):
        sf.lambdify(both)(*NUMBERS)


def test_no_layer_leaves_the_stream_as_it_is():
    program = sf.program(simple())
    x, _, bias = NUMBERS
    none = np.zeros((0, 3, 3))
    np.testing.assert_array_equal(sf.lambdify(program)(x, none, bias), x)
    found = sf.lambdify(reverse(program).program, "vjp")(x, x, none, bias)
    assert [one.shape for one in found] == [(4, 3), (0, 3, 3), (3,)]
    np.testing.assert_array_equal(found[0], x)
    assert not found[2].any()


def test_blocks_of_rows_are_refused():
    with pytest.raises(sf.CompileError, match="rows: X_L is a repeat"):
        sf.lambdify(simple(), rows="i")


def test_a_number_of_layers_that_no_input_has_is_given_by_name():
    y = sf.define("Y", (i, c), X[i, c] * B[c])
    function = sf.lambdify(sf.repeat(y, (ell, L), {X: X_0}, name="X_L"))
    start, gain = np.ones((2, 3)), np.full(3, 2.0)
    assert np.array_equal(function(start, gain, L=3), np.full((2, 3), 8.0))
    with pytest.raises(ValueError, match="L"):
        function(start, gain, L=0)
