"""The words that papers use, each from end to end: printed, computed, differentiated, judged, compiled."""

import numpy as np
import pytest

import symformer as sf
from symformer.notation import lift, log
from symformer.typeset import mathml

n, m = sf.sizes("n m")
i, j, k, q = sf.indices("i j k q")
x, y = sf.tensor("x", n), sf.tensor("y", n)
A = sf.tensor("A", n, n)
p = sf.tensor("p", n, kind="positive")

# name: (body, letters, inputs, NumPy)
VALUES = {
    "abs": (abs(x[i]), i, (x,), np.abs),
    "sign": (sf.sign(x[i]) * x[i], i, (x,), np.abs),
    "maximum of a number": (sf.maximum(x[i], 0), i, (x,), lambda x: np.maximum(x, 0)),
    "maximum and minimum": (
        sf.maximum(x[i], y[i]) - 2 * sf.minimum(x[i], y[i]), i, (x, y),
        lambda x, y: np.maximum(x, y) - 2 * np.minimum(x, y),
    ),
    "clip": (sf.clip(x[i], -0.5, 0.5) * x[i], i, (x,), lambda x: np.clip(x, -0.5, 0.5) * x),
    "clip below": (sf.clip(x[i], 0.25, None), i, (x,), lambda x: np.maximum(x, 0.25)),
    "where": (sf.where(x[i] > 0, x[i] ** 2, -x[i]), i, (x,), lambda x: np.where(x > 0, x**2, -x)),
    "where with no value beside": (
        sf.where(x[i] > 0, log(x[i]), 3 * x[i]), i, (x,), lambda x: np.where(x > 0, np.log(np.abs(x)), 3 * x),
    ),
    "and": (
        sf.where((x[i] > 0) & (y[i] < 0), x[i] * y[i], x[i] + y[i]), i, (x, y),
        lambda x, y: np.where((x > 0) & (y < 0), x * y, x + y),
    ),
    "not and or": (
        sf.where(~(x[i] > 0) | (y[i] < 0), x[i] * y[i], x[i] + y[i]), i, (x, y),
        lambda x, y: np.where(~(x > 0) | (y < 0), x * y, x + y),
    ),
    "a condition as a factor": ((x[i] > 0) * x[i], i, (x,), lambda x: (x > 0) * x),
    "log1p": (sf.log1p(x[i] ** 2), i, (x,), lambda x: np.log1p(x**2)),
    "expm1": (sf.expm1(x[i]), i, (x,), np.expm1),
    "var": (sf.var(x[k], k), (), (x,), np.var),
    "var of a sample": (sf.var(x[k], k, ddof=1), (), (x,), lambda x: x.var(ddof=1)),
    "std": (sf.std(A[i, k], k), i, (A,), lambda A: A.std(1)),
    "var over two": (sf.var(A[i, k], i, k), (), (A,), np.var),
    "norm": (sf.norm(A[i, k], i, k), (), (A,), lambda A: np.sqrt((A**2).sum())),
    "norm of order 1": (sf.norm(A[i, k], i, order=1), k, (A,), lambda A: np.abs(A).sum(0)),
    "mean over two": (sf.mean(A[i, k], i, k), (), (A,), np.mean),
    "max over two": (sf.max(A[i, k], i, k), (), (A,), np.max),
    "max of rows": (sf.max(A[i, k], k), i, (A,), lambda A: A.max(1)),
    "prod": (sf.prod(A[i, k], k), i, (A,), lambda A: A.prod(1)),
    "cumsum": (sf.cumsum(x[j], j, i), i, (x,), np.cumsum),
    "sum up to an index": (sf.sum(x[j], (j, i)) * x[i], i, (x,), lambda x: np.cumsum(x) * x),
    "shifted": ((i > 1) * x[i - 1], (i, n), (x,), lambda x: np.concatenate([[0], x[:-1]])),
    "chosen neighbour": (
        sf.where(i > 1, x[i - 1], y[i]) * x[i], i, (x, y), lambda x, y: np.concatenate([y[:1], x[:-1]]) * x,
    ),
    "guarded above": ((i < n) * x[i + 1] + x[i], i, (x,), lambda x: np.concatenate([x[1:], [0]]) + x),
    "whole part of an index": (x[(i + 1) // 2], (i, n), (x,), lambda x: x[(np.arange(len(x)) + 2) // 2 - 1]),
    "remainder of an index": (x[i % 2 + 1], (i, n), (x,), lambda x: x[(np.arange(len(x)) + 1) % 2]),
    "argmax as a number": (sf.argmax(y[k], k) * x[i], i, (x, y), lambda x, y: (y.argmax() + 1) * x),
    "argmax beside its index": (
        sf.where(sf.argmax(y[k], k) <= i, x[i], 0), i, (x, y),
        lambda x, y: np.where(y.argmax() <= np.arange(len(x)), x, 0),
    ),
    "argmax": (x[sf.argmax(y[k], k)] * x[i], i, (x, y), lambda x, y: x[y.argmax()] * x),
    "floor": (sf.floor(3 * x[i]) * x[i], i, (x,), lambda x: np.floor(3 * x) * x),
    "power": (
        sf.maximum(x[i] ** 2, 0.1) ** y[i], i, (x, y), lambda x, y: np.maximum(x**2, 0.1) ** y,
    ),
    "distances": (sf.sum(abs(x[i] - y[k]), k), i, (x, y), lambda x, y: np.abs(x[:, None] - y).sum(1)),
}  # fmt: skip


def _program(case):
    body, letters, inputs, _ = VALUES[case]
    letters = letters if letters == () or not isinstance(letters, tuple) else (letters,)
    return sf.program(sf.define("T", letters, body), inputs=inputs)


def _inputs(case, size, dtype=np.float64):
    random = np.random.default_rng(size)
    return [random.normal(size=(size,) * len(tensor.shape)).astype(dtype) for tensor in VALUES[case][2]]


@pytest.mark.parametrize("case", VALUES)
def test_a_word_is_what_numpy_has(case):
    function, right = sf.lambdify(_program(case)), VALUES[case][3]
    for size in (3, 5):
        given = _inputs(case, size)
        np.testing.assert_allclose(function(*given), right(*given), rtol=1e-12, atol=1e-12)
        single = function(*_inputs(case, size, np.float32))
        assert np.asarray(single).dtype == np.float32
        np.testing.assert_allclose(single, right(*given), rtol=1e-4, atol=1e-5)
    batch = [np.stack([one, 2 * one]) for one in _inputs(case, 3)]
    rows = [right(*(one[row] for one in batch)) for row in range(2)]
    np.testing.assert_allclose(function(*batch), rows, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", VALUES)
def test_its_gradient_is_that_of_differences(case):
    backward = sf.reverse(_program(case)).program
    function, right = sf.lambdify(backward), VALUES[case][3]
    for size in (3, 5):
        given = _inputs(case, size)
        shape = np.shape(right(*given))
        cotangent = np.random.default_rng(9).normal(size=shape)
        found = function(*([cotangent] if shape else []), *given)
        found = found if isinstance(found, tuple) else (found,)
        scale = cotangent if shape else 1.0
        for place, one in enumerate(given):
            slopes = np.zeros_like(one)
            for at in np.ndindex(one.shape):
                step = np.zeros_like(one)
                step[at] = 1e-6
                up, down = ([*given[:place], one + side * step, *given[place + 1 :]] for side in (1, -1))
                slopes[at] = np.sum((right(*up) - right(*down)) / 2e-6 * scale)
            np.testing.assert_allclose(found[place], slopes, atol=1e-6, rtol=1e-6)


TRUE = {
    "|x| is the larger of x and −x": (abs(x[i]), sf.maximum(x[i], -x[i])),
    "max commutes": (sf.maximum(x[i], y[i]), sf.maximum(y[i], x[i])),
    "max and min": (sf.maximum(x[i], y[i]) + sf.minimum(x[i], y[i]), x[i] + y[i]),
    "a square": (abs(x[i]) ** 2, x[i] ** 2),
    "slope of |x|": (sf.diff(abs(x[i]), x[j]), sf.delta(i, j) * sf.sign(x[i])),
    "slope of max": (sf.diff(sf.maximum(x[i], y[i]), x[i]), sf.indicator(x[i], "≥", y[i])),
    "slope of min": (sf.diff(sf.minimum(x[i], y[i]), x[i]), sf.indicator(x[i], "≤", y[i])),
    "cases": (sf.where(x[i] > 0, x[i], y[i]), (x[i] > 0) * x[i] + (x[i] <= 0) * y[i]),
    "relu": (sf.where(x[i] > 0, x[i], 0), sf.relu(x[i])),
    "clip": (sf.clip(x[i], 0, 1), sf.minimum(sf.maximum(x[i], 0), 1)),
    "log1p": (sf.log1p(p[i]), log(1 + p[i])),
    "expm1": (sf.expm1(x[i]) + 1, sf.exp(x[i])),
    "var": (sf.var(x[k], k), sf.mean(x[k] ** 2, k) - sf.mean(x[k], k) ** 2),
    "de Morgan": (~((x[i] > 0) & (y[i] > 0)), (x[i] <= 0) | (y[i] <= 0)),
    "a stopped gradient": (sf.diff(sf.stop_gradient(x[i]) * x[i], x[i]), sf.stop_gradient(x[i])),
}


@pytest.mark.parametrize("case", TRUE)
def test_what_is_true_of_a_word_is_proved(case):
    left, right = TRUE[case]
    assert sf.judge(left, "=", right).kind == "proved"


KINKS = {
    "|x|": (sf.diff(abs(x[i]), x[i]), 2 * sf.indicator(x[i], ">", 0) - 1),
    "max": (sf.diff(sf.maximum(x[i], y[i]), x[i]), sf.indicator(x[i], ">", y[i])),
    "clip": (sf.diff(sf.clip(x[i], 0, 1), x[i]), sf.indicator(x[i], ">", 0) * sf.indicator(x[i], "<", 1)),
}


@pytest.mark.parametrize("case", KINKS)
def test_another_slope_at_a_kink_does_not_stand(case):
    left, right = KINKS[case]
    assert sf.judge(left, "=", right).kind == "open"


UNPROVED = {
    "slope of a largest entry": (sf.diff(sf.max(x[k], k), x[i]), sf.indicator(i, "=", sf.argmax(x[k], k))),
    "slope of a product": (
        sf.diff(sf.prod(x[k], k), x[i]), sf.prod(sf.where(sf.indicator(k, "≠", i), x[k], 1), k),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNPROVED)
def test_what_has_no_proof_is_looked_at(case):
    left, right = UNPROVED[case]
    assert sf.judge(left, "=", right).kind in ("exact", "checked")


FALSE = {
    "slope of max": (sf.diff(sf.maximum(x[i], y[i]), x[i]), sf.indicator(x[i], "<", y[i])),
    "max is no min": (sf.maximum(x[i], y[i]), sf.minimum(x[i], y[i])),
    "clip at both ends": (sf.clip(x[i], 0, 1), sf.maximum(x[i], 0)),
    "|x + y|": (abs(x[i] + y[i]), abs(x[i]) + abs(y[i])),
    "the sign of 0": (sf.sign(x[i]) ** 2, 1),
    "cases": (sf.where(x[i] > 0, x[i], y[i]), sf.where(x[i] < 0, y[i], x[i])),
    "and is no or": ((x[i] > 0) & (y[i] > 0), (x[i] > 0) | (y[i] > 0)),
    "a stopped gradient": (sf.diff(sf.stop_gradient(x[i]) * x[i], x[i]), 2 * x[i]),
    "slope of a largest entry": (sf.diff(sf.max(x[k], k), x[i]), sf.indicator(x[i], ">", 0)),
    "slope of a product": (sf.diff(sf.prod(x[k], k), x[i]), sf.prod(x[k], k)),
    "log1p": (sf.log1p(p[i]), log(p[i])),
    "std": (sf.std(x[k], k), sf.norm(x[k], k)),
    "floor": (sf.floor(x[i]), x[i]),
}


@pytest.mark.parametrize("case", FALSE)
def test_what_is_false_of_a_word_is_refuted(case):
    left, right = FALSE[case]
    assert sf.judge(left, "=", right).kind == "refuted"


PRINTED = {
    "abs": (abs(x[i]), "|x_i|", "|x_{i}|"),
    "bars in bars": (abs(abs(x[i]) - 1), "abs(|x_i| − 1)", r"\mathrm{abs}(|x_{i}| - 1)"),
    "maximum": (sf.maximum(x[i], 0), "max(x_i, 0)", r"\max(x_{i}, 0)"),
    "minimum": (sf.minimum(x[i], y[i]), "min(x_i, y_i)", r"\min(x_{i}, y_{i})"),
    "clip": (sf.clip(x[i], -1, 1), "clip(x_i, −1, 1)", r"\mathrm{clip}(x_{i}, -1, 1)"),
    "cases": (
        sf.where((i > 1) & (x[i] < 2), x[i], sf.where(x[i] > 3, 1, 2)),
        "{x_i if i > 1 ∧ x_i < 2; 1 if x_i > 3; 2 otherwise}",
        r"\begin{cases} x_{i} & \text{if }i>1 \land x_{i}<2 \\ 1 & \text{if }x_{i}>3 \\ 2 & \text{otherwise} "
        r"\end{cases}",
    ),
    "cases in a sum": (
        1 + sf.where(x[i] > 0, 1, 2),
        "1 + ({1 if x_i > 0; 2 otherwise})",
        r"1 + \left( \begin{cases} 1 & \text{if }x_{i}>0 \\ 2 & \text{otherwise} \end{cases} \right)",
    ),
    "or": ((x[i] > 0) | ~(sf.indicator(i, "=", j) & (x[i] > 1)), "[x_i > 0 ∨ (¬(i = j ∧ x_i > 1))]", None),
    "product": (sf.prod(x[k], k), "∏_k x_k", r"\prod_{k}x_{k}"),
    "argmax": (sf.argmax(x[k], k), "argmax_k x_k", r"\mathrm{argmax}_{k}x_{k}"),
    "floor": (x[i // 2], "x_[⌊i/2⌋]", None),
    "mod": (x[i % 2 + 1], "x_[(imod2)+1]", r"x_{(i \bmod 2) + 1}"),
    "stop_gradient": (sf.stop_gradient(x[i]), "sg(x_i)", r"\mathrm{sg}(x_{i})"),
    "logistic": (sf.sigmoid(x[i]), "σ(x_i)", r"\sigma(x_{i})"),
}


@pytest.mark.parametrize("case", PRINTED)
def test_a_word_is_printed_as_papers_print_it(case):
    node, text, latex = PRINTED[case]
    assert str(node) == text
    assert latex is None or node._latex() == latex
    assert mathml(node.layout().box)


@pytest.mark.parametrize("case", PRINTED)
def test_letters_of_bound_indices_say_nothing(case):
    """The same words with other letters are the same expression."""
    node = PRINTED[case][0]
    assert node.lettered(frozenset({"k"})) == node


@pytest.mark.parametrize("case", VALUES)
def test_plain_sympy_comes_back(case):
    body = VALUES[case][0]
    again = lift(body.plain())
    assert again.free == body.free
    assert lift(again.plain()).plain() == again.plain()


def test_a_condition_has_no_truth_value():
    with pytest.raises(sf.NotationError, match=r"sf\.where\(x_i > 0, a, b\)"):
        max(0, x[i])
    with pytest.raises(sf.NotationError, match=r"sf\.maximum"):
        max(x[i], 0)
    with pytest.raises(sf.NotationError, match=r"& \| ~"):
        0 < x[i] < 1  # noqa: B015
    with pytest.raises(sf.NotationError, match=r"sf\.maximum\(x_i, 0\)"):
        sf.max(x[i], 0)
    with pytest.raises(sf.NotationError, match=r"is no condition"):
        sf.where(2, x[i], 1)
    with pytest.raises(sf.NotationError, match=r"== and != compare two expressions as they are written"):
        sf.where(x[i] == 0, x[i], 1)
    with pytest.raises(sf.NotationError, match=r"A_ij is one number and has no indices: .* takes a whole tensor"):
        sf.softmax(A[i, j])


def test_a_read_outside_its_axis_is_an_error_where_no_condition_turns_it_off():
    late = sf.lambdify(sf.program(sf.define("T", (i, n), (i > 2) * x[i - 1]), inputs=(x,)))
    np.testing.assert_array_equal(late(np.arange(1.0, 5)), [0, 0, 2, 3])
    with pytest.raises((ValueError, sf.ShapeError)):
        sf.lambdify(sf.program(sf.define("T", (i, n), (i > 1) * x[i + 1]), inputs=(x,)))(np.arange(3.0))


def test_a_maximum_in_between_hands_its_gradient_on():
    """It is no shift: something depends on it."""
    top = sf.define("top", i, sf.max(A[i, k], k))
    loss = sf.program(sf.define("L", (), sf.sum(top[i] ** 2, i)), inputs=(A,))
    given = np.array([[1.0, 3.0], [2.0, -1.0]])
    found = sf.lambdify(sf.reverse(loss).program)(given)
    np.testing.assert_allclose(found[0] if isinstance(found, tuple) else found, [[0, 6], [4, 0]])


def test_a_program_with_a_stopped_gradient_is_exported():
    """Differences see through what is stopped, so they are no check of its gradient."""
    row = sf.tensor("r", sf.sizes("n"))
    output = sf.define("w", sf.indices("i"), sf.stop_gradient(row[sf.indices("i")]) * row[sf.indices("i")])
    source, looked_at = sf.compile.export_program("f", sf.program(output))
    space = {}
    exec(source, space)
    assert "a gradient is stopped" in looked_at
    np.testing.assert_allclose(space["f_vjp"](np.ones(3), np.array([1.0, 2.0, 3.0]))[0], [1, 2, 3])


def test_a_worked_example_shows_a_read_outside_that_a_guard_turns_off_as_zero():
    at, size = sf.indices("i"), sf.sizes("n")
    row = sf.tensor("r", size)
    moved = sf.define("w", ((at, size),), sf.indicator(at, ">", 1) * row[at - 1])
    page = sf.Derivation("Moved\n\nBy one.", given=(row,), where=(moved,)).at(r=[5, 6, 7])
    assert "0 & 5 & 6" in page.markdown() or r"0 \\ 5 \\ 6" in page.markdown()
