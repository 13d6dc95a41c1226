"""Programs that once failed to compile or to differentiate, each for its kind."""

import numpy as np
import pytest

import symformer as sf

n, m, e, r, L = sf.sizes("n m e r L")
i, j, k, f, l = sf.indices("i j k f l")
RNG = np.random.default_rng(11)


def by_differences(function, inputs, cotangent, place, small=1e-6):
    out = np.zeros(np.shape(inputs[place]))
    for index in np.ndindex(out.shape):
        ends = []
        for sign in (1, -1):
            moved = [np.array(one, dtype=float) for one in inputs]
            moved[place][index] += sign * small
            ends.append(np.sum(cotangent * function(*moved)))
        out[index] = (ends[0] - ends[1]) / (2 * small)
    return out


def agrees(tensor, *inputs):
    """The gradient of a program agrees with differences of its function."""
    program = sf.program(tensor)
    function = sf.lambdify(program)
    value = np.asarray(function(*inputs))
    cotangent = RNG.normal(size=value.shape)
    moving = [one.name for one in program.inputs]
    found = sf.lambdify(sf.gradient(program, moving))(*([cotangent] if value.shape else []), *inputs)
    found = found if isinstance(found, tuple) else (found,)
    for place, gradient in enumerate(found):
        wanted = by_differences(function, inputs, cotangent if value.shape else 1, place)
        assert np.allclose(gradient, wanted, atol=1e-5), moving[place]
    return value


Y, V, P, X = sf.tensor("Y", n, e), sf.tensor("V", m, e), sf.tensor("P", n, m), sf.tensor("x", n)


@pytest.mark.parametrize("order", [(i, f, j), (f, j, i), (j, i, f)])
def test_a_product_of_three_is_summed_over_everything(order):
    y, v, p = RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4)), RNG.normal(size=(3, 2))
    found = agrees(sf.define("s", (), sf.sum(Y[i, f] * V[j, f] * P[i, j], *order)), y, v, p)
    assert np.isclose(found, np.einsum("if,jf,ij", y, v, p))


@pytest.mark.parametrize("shift", [1, -1, 2])
def test_a_delta_that_points_outside_its_axis_is_zero_there(shift):
    a, square = RNG.normal(size=(4, 4)), sf.tensor("A", n, n)
    x = RNG.normal(size=4)
    found = agrees(sf.define("s", (i,), sf.sum(sf.delta(j, k + shift) * square[i, j] * X[k], j, k)), a, x)
    wanted = [sum(a[q, t + shift] * x[t] for t in range(4) if 0 <= t + shift < 4) for q in range(4)]
    assert np.allclose(found, wanted)


def test_every_layer_may_read_what_the_carried_output_does_not():
    d = sf.sizes("d")
    x, x0, w, u = sf.tensor("X", n, d), sf.tensor("X_0", n, d), sf.tensor("W", d, d), sf.tensor("U", d, e)
    c = sf.indices("c")
    after = sf.define("Z", (i, c), x[i, c] + sf.sum(x[i, k] * w[k, c], k))
    inner = sf.define("y", (i, f), sf.sum(x[i, c] * u[c, f], c))
    every = sf.every_layer(sf.repeat(after, (l, L), carry={x: x0}, each=(w,), name="X_L"), inner, "ys")
    start, weights, out = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3, 3)), RNG.normal(size=(3, 5))
    arrays = dict(zip(("X_0", "W", "U"), (start, weights, out), strict=True))
    found = agrees(every, *(arrays[one.name] for one in sf.program(every).inputs))
    for layer in range(4):
        assert np.allclose(found[layer], start @ out)
        start = start + start @ weights[layer]


@pytest.mark.parametrize("body", [lambda x, g: x**g, lambda x, g: g**x, lambda x, g: (x + g) ** (x - g)])
def test_exponents_that_are_symbols_are_differentiated(body):
    x, g = sf.tensor("x", n, kind="positive"), sf.tensor("g", kind="positive")
    y = sf.define("y", (i,), body(x[i], g[()]))
    arrays = {"x": np.array([0.5, 1.0, 2.0]), "g": 2.7}
    agrees(y, *(arrays[one.name] for one in sf.program(y).inputs))


def test_the_exponent_of_a_derivative_is_no_size():
    x, g = sf.tensor("x", n, kind="positive"), sf.scalar("g", kind="positive")
    gradient = sf.gradient(sf.define("y", (i,), x[i] ** g), "x")
    assert [size.name for size in gradient.sizes] == ["n"]
    assert all(judged.passes for judged in gradient.derivation.check())


def test_a_size_that_no_input_has_alone_is_solved_for():
    pairs, odd = sf.tensor("a", 2 * n), sf.tensor("b", 3 * m + 1)
    assert np.array_equal(sf.lambdify(sf.define("y", (i,), n * pairs[i]))(np.ones(6)), np.full(6, 3.0))
    assert np.array_equal(sf.lambdify(sf.define("y", (i,), m * odd[i]))(np.ones(7)), np.full(7, 2.0))


def test_a_size_that_no_input_has_is_given_by_name():
    function = sf.lambdify(sf.define("y", (i,), sf.sum(X[i] * k, (k, m))))
    assert np.array_equal(function(np.ones(2), m=3), [6, 6])
    with pytest.raises(TypeError, match="'m'"):
        function(np.ones(2))
    with pytest.raises(ValueError, match="m"):
        function(np.ones(2), m=0)


def test_shapes_over_a_size_called_r_are_checked():
    low = sf.lambdify(sf.define("y", (i, j), sf.sum(sf.tensor("A", n, r)[i, k] * sf.tensor("B", r, m)[k, j], k)))
    with pytest.raises(ValueError, match="r="):
        low(np.ones((2, 3)), np.ones((4, 2)))
