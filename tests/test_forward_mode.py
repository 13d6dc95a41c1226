"""Forward mode: Jacobian–vector and Hessian–vector products of published formulas, operations and loops, against
differences of the functions themselves; every line of their derivations is judged.
"""

from dataclasses import replace

import numpy as np
import pytest
from test_formulas import _inputs, _loaded

import symformer as sf
from symformer.calculus import forward_mode
from symformer.calculus.tangents import dotted
from symformer.derivation.forward_pass import tangent_derivation

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
X, x, y = sf.tensor("X", n, d), sf.tensor("x", n), sf.tensor("y", n)
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d)
STEP = 1e-4
PUBLISHED = ["gru", "t5_buckets", "top2_gate", "huber", "clip_loss", "mamba_2", "vicreg"]
JUDGED = {
    "layer norm": lambda: sf.jvp(sf.layer_norm(X)),
    "attention": lambda: sf.jvp(sf.attention(Q, K, V, name="O")),
    "RMS norm, twice": lambda: sf.hvp(sf.rms_norm(x, name="r"), "x"),
    "log-sum-exp, twice": lambda: sf.hvp(sf.logsumexp(x, name="L")),
    "products and maxima": lambda: sf.jvp(sf.define("p", (), sf.prod(x[i], i) + sf.max(x[i] * y[i], i))),
}


def tuple_of(result):
    return result if isinstance(result, tuple) else (result,)


def assert_along(derived, function, names, values, tangents, rtol=1e-7):
    """A product is what differences of the function say; `values` and `tangents` by name."""
    found = tuple_of(sf.lambdify(derived, "f", check=False)(
        *(values[name] for name in names), *(tangents[one] for one in names if one in tangents)))  # fmt: skip

    def at(step):
        return tuple_of(function(*(values[one] + step * tangents.get(one, 0.0) if one in tangents else values[one]
                                   for one in names)))  # fmt: skip

    near, far = (zip(at(h * STEP), at(-h * STEP), strict=True) for h in (1, 2))
    for own, (up, down), (higher, lower) in zip(found, near, far, strict=True):
        wanted = (8 * (up - down) - (higher - lower)) / (12 * STEP)
        assert np.abs(wanted - own).max(initial=0) <= rtol * (1 + np.abs(wanted).max(initial=0))


def moved(program, size=3):
    """Values of the inputs of a published formula, and tangents of those that move, by name."""
    random = np.random.default_rng(0)
    values = {one.name: value for one, value in zip(program.inputs, _inputs(program, size), strict=True)}
    given = {one.name for one in sf.jvp(program).inputs[len(program.inputs) :]}
    return values, {
        name: random.normal(size=np.shape(value)) for name, value in values.items() if dotted(name) in given
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_tangent_of_a_published_formula_is_what_differences_say(name):
    program = _loaded(name).PROGRAM
    values, tangents = moved(program)
    assert_along(sf.jvp(program), sf.lambdify(program, "f", check=False), list(values), values, tangents)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_product_with_a_hessian_is_what_differences_of_the_gradient_say(name):
    program = _loaded(name).PROGRAM
    gradient = sf.gradient(program)
    values, tangents = moved(program)
    random = np.random.default_rng(1)
    outputs = tuple_of(sf.lambdify(program, check=False)(*values.values()))
    seeds = [one for one in gradient.inputs if one not in program.inputs]
    cotangents = {one.name: random.normal(size=np.shape(out)) for one, out in zip(seeds, outputs, strict=False)}
    function = sf.lambdify(gradient, "g", check=False)
    assert_along(sf.hvp(program), function, [*cotangents, *values], {**cotangents, **values}, tangents)


@pytest.mark.parametrize("name", JUDGED)
def test_every_line_is_proved(name):
    derivation = JUDGED[name]().derivation
    assert {one.verdict.kind for one in derivation.check()} <= {"proved", "checked"}
    assert derivation.passes
    assert "chain rule" in derivation.text()


def test_a_forgotten_path_is_refuted():
    square = sf.define("s", i, x[i] * x[i])
    found = forward_mode(sf.define("z", i, square[i] * x[i]))
    assert tangent_derivation(found).passes
    lost = sf.define("z_dot", i, square[i] * found.given[0][i])
    kinds = {one.verdict.kind for one in tangent_derivation(replace(found, outputs=(lost,), steps=())).check()}
    assert kinds == {"refuted"}


def test_loops_carry_tangents():
    W = sf.tensor("W", d, d)
    layer = sf.define("Y", (i, c), X[i, c] + sf.tanh(sf.sum(X[i, k] * W[k, c], k)))
    deep = sf.repeat(layer, (sf.indices("l"), sf.sizes("L")), {X: sf.tensor("X_0", n, d)}, (W,), name="X_L")
    random = np.random.default_rng(2)
    values = {"X_0": random.normal(size=(2, 3)), "W": random.normal(size=(4, 3, 3))}
    function = sf.lambdify(deep)
    for wrt in (["X_0"], ["W"], None):
        tangents = {name: random.normal(size=value.shape) for name, value in values.items() if not wrt or name in wrt}
        derived = sf.jvp(deep, wrt)
        names = [one.name for one in deep.program.inputs]
        assert_along(derived, function, names, values, tangents)
    assert derived.derivation.passes


def test_what_is_hidden_moves_nothing():
    visible = sf.tensor("visible", n, m, kind="mask")
    derived = sf.jvp(sf.attention(Q, K, V, visible, name="O"), ["Q", "K", "V"])
    random = np.random.default_rng(3)
    q, keys, v, dq, dk, dv = (random.normal(size=(3, 2)) for _ in range(6))
    mask = np.array([[True, False, False], [True, True, False], [False, False, False]])
    function = sf.lambdify(derived)
    names = [one.name for one in derived.inputs]
    given = {"Q": q, "K": keys, "V": v, "visible": mask, "Q_dot": dq, "K_dot": dk, "V_dot": dv}
    wanted = function(*(given[one] for one in names))
    for name in ("K", "V", "K_dot", "V_dot"):
        given[name] = given[name].copy()
        given[name][2] = np.nan
    np.testing.assert_array_equal(function(*(given[one] for one in names)), wanted)
    np.testing.assert_array_equal(wanted[2], 0)


def test_a_row_of_nothing_but_minus_infinity_stands_still():
    function = sf.lambdify(sf.jvp(sf.softmax(x)))
    low = -np.inf
    found = function(np.array([[low, low], [low, 0.0], [800.0, 800.0]]), np.array([[1.0, 2.0]] * 3))
    np.testing.assert_allclose(found, [[0, 0], [0, 0], [-0.25, 0.25]], atol=1e-15)


def test_names_of_tangents():
    assert [dotted(one) for one in ("X", "W_Q", "x'", "_x")] == ["X_dot", "W_dot_Q", "x_dot'", "_x_dot"]
    taken = sf.define("z", i, x[i] * sf.tensor("x_dot", n)[i])
    assert [one.name for one in sf.jvp(taken, "x").inputs] == ["x", "x_dot", "x_dot'"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: sf.jvp(sf.softmax(x), "W"), "no W to differentiate by; the inputs are x"),
        (lambda: sf.jvp(sf.embedding(sf.tensor("ids", n, kind="integer"), X), "ids"), "ids holds integer entries"),
        (lambda: sf.hvp(sf.softmax(x), "W"), "no W to differentiate by; the inputs are x"),
        (lambda: sf.jvp(sf.program(sf.define("z", i, sf.softmax(x, name="p")[i])), "p"), "p is computed"),
    ],
)
def test_what_cannot_move_is_named(make, told):
    with pytest.raises(sf.NotationError, match=told):
        make()
