"""The plain evaluator, which the judge is measured by: against numbers that were worked out without it."""

from __future__ import annotations

import mpmath
import pytest
from plain_evaluator import Plain
from plain_numbers import FUNCTIONS as KNOWN
from plain_numbers import Undefined
from plain_points import compare

import symformer as sf
from symformer import notation
from symformer.notation import Binder, Condition, Written, direct_diff, hide, lift, relu, sigmoid
from symformer.notation.primitives import PRIMITIVES as FUNCTIONS

n, m = sf.sizes("n m")
i, j, k, ell = sf.indices("i j k ell")
x, y = sf.tensor("x", n), sf.tensor("y", n)
A, M = sf.tensor("A", n, m), sf.tensor("M", n, m, kind="mask")
q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1, 3: 0, 4: 3})
t = sf.tensor("t", n, kind="integer", upper=m)
AT = {n: 3, m: 2}


def value(node, env=None, **inputs):
    """The value where inputs are the given lists."""
    world = Plain(AT, 0)
    for tensor in (x, y, A, M, t):
        for place, number in entries(inputs.get(tensor.name, [])):
            world.known[tensor, place] = mpmath.mpf(number)
    return world.value(lift(node), env or {})


@pytest.fixture(autouse=True)
def digits():
    """Enough of them for differences of differences."""
    with mpmath.workdps(150):
        yield


def entries(numbers, place=()):
    """(place, number) of nested lists."""
    if not isinstance(numbers, list):
        yield place, numbers
        return
    for at, inner in enumerate(numbers, start=1):
        yield from entries(inner, (*place, at))


X = [1, -2, 3]
VALUES = {
    "a sum": (sf.sum(x[k] * x[k], k), 14),
    "a double sum": (sf.sum(sf.sum(A[k, j], j), k), 21),
    "a sum over nothing that carries its index": (sf.sum(2, (k, n)), 6),
    "a maximum": (sf.max(x[k], k), 3),
    "a hidden maximum": (sf.max(hide(A[1, j], M[1, j]), j), 1),
    "a maximum of nothing": (sf.max(hide(A[2, j], M[2, j]), j), 0),
    "exp of what is hidden": (sf.sum(sf.exp(hide(A[1, j], M[1, j])), j), lambda: mpmath.exp(1)),
    "a softmax": (sf.softmax(x)[1], lambda: 1 / (1 + mpmath.exp(-3) + mpmath.exp(2))),
    "a delta": (sf.sum(sf.delta(k, 2) * x[k], k), -2),
    "an indicator": (sf.sum(sf.indicator(k, "≥", 2) * x[k], k), 1),
    "an indicator of values": (sf.sum(sf.indicator(x[k], ">", 0), k), 2),
    "an index as a number": (sf.sum(k * x[k], k), 6),
    "a gather": (sf.sum(A[k, t[k]], k), 1 + 4 + 5),
    "a power": (x[3] ** -2, lambda: mpmath.mpf(1) / 9),
    "functions": (relu(x[2]) + sigmoid(x[1]), lambda: 1 / (1 + mpmath.exp(-1))),
    "a derivative": (sf.diff(sf.sum(x[k] ** 3, k), x[2]), 12),
    "a second derivative": (sf.diff(sf.diff(sf.sum(x[k] ** 3, k), x[2]), x[2]), -12),
    "an expectation": (sf.expect(sf.sum(q[k], k) ** 4), 3 * 3**2),
    "an expectation of a product": (sf.expect((q[1] + x[3]) * (q[1] - q[2])), 1),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    node, want = VALUES[name]
    found = value(node, x=X, A=[[1, 2], [3, 4], [5, 6]], M=[[1, 0], [0, 0], [1, 1]], t=[1, 2, 1])
    assert abs(found - (want() if callable(want) else want)) < 1e-45


def test_a_derivative_takes_its_tensor_as_independent():
    u = sf.define("u", i, sf.exp(x[i]))
    Z = sf.define("Z", (), sf.sum(u[k], k))
    assert abs(value(sf.diff(Z[()], u[1]), x=X) - 1) < 1e-40
    assert value(sf.diff(u[1], Z[()]), x=X) == 0
    assert abs(value(sf.diff(Z[()], x[1]), x=X) - mpmath.exp(1)) < 1e-40


def test_a_direct_derivative_holds_all_else():
    """y reads x directly and through z: the direct slope is that of the one reading."""
    z = sf.define("z", i, x[i] ** 2)
    double = sf.define("w", i, 3 * x[i] + 5 * z[i])
    assert abs(value(direct_diff(double[1], x[1]), x=X) - 3) < 1e-40
    assert abs(value(sf.diff(double[1], x[1]), x=X) - 13) < 1e-40


def test_it_knows_every_kind_of_expression_and_every_function():
    kinds = [kind for kind in vars(notation).values() if isinstance(kind, type) and issubclass(kind, Written)]
    assert len(kinds) > 15
    assert [
        kind
        for kind in kinds
        if kind not in (Written, Binder, Condition) and not hasattr(Plain, f"_{kind.__name__.lower()}")
    ] == []
    assert set(KNOWN) == set(FUNCTIONS)


@pytest.mark.parametrize(
    "node",
    [1 / (x[1] - x[1]), sf.log(-(x[1] ** 2)), sf.sqrt(-(x[1] ** 2)), -hide(x[1], M[2, 1]), sf.expect(sf.exp(q[1]))],
    ids=["division by 0", "logarithm", "root", "arithmetic with −∞", "no polynomial"],
)  # fmt: skip
def test_what_has_no_value_is_undefined(node):
    with pytest.raises(Undefined):
        value(node, x=X, M=[[1, 0], [0, 0], [1, 1]])


def test_a_repeat_is_its_layer_again_and_again():
    L = sf.sizes("L")
    v, v_0, w = sf.tensor("v", n), sf.tensor("v_0", n), sf.tensor("w", n)
    after = sf.define("after", i, v[i] * w[i] + sf.sum(v[k], k))
    stack = sf.repeat(after, (ell, L), carry={v: v_0}, each=(w,), name="v_L")
    W = sf.tensor("w", L, n)
    by_hand = v_0[i] * W[1, i] + sf.sum(v_0[k], k)
    by_hand = by_hand * W[2, i] + sf.sum(v_0[k] * W[1, k] + sf.sum(v_0[j], j), k)
    world = Plain({n: 3, L: 2}, 1)
    assert world.value(stack[i], {i: 2}) == world.value(by_hand, {i: 2})


def test_it_tells_equal_from_different():
    assert compare(lift(x[i] - x[i]), lift(0), {i: n}) == (7, None)
    defined, difference = compare(x[i] * y[i], x[i], {i: n})
    assert defined
    assert "i: " in difference
    assert compare(sf.log(sf.sum(sf.exp(x[k]), k)), sf.max(x[k], k), {}, "≥")[1] is None
    assert compare(sf.log(sf.sum(sf.exp(x[k]), k)), sf.max(x[k], k), {}, "≤")[1]
