"""Recurrences: several states, outputs of every step, forwards and backwards in time."""

from __future__ import annotations

import numpy as np
import pytest
from differences import worst_difference

import symformer as sf
from symformer.calculus import reverse
from symformer.compile import standalone
from symformer.programs import Repeat

n, d, e = sf.sizes("n d e")
t, c, f = sf.indices("t c f")
S, q, k, v = sf.tensor("S", d, e), sf.tensor("q", d), sf.tensor("k", d), sf.tensor("v", e)
S_new = sf.define("S_new", (c, f), S[c, f] + k[c] * v[f])
o = sf.define("o", f, sf.sum(q[c] * S_new[c, f], c))
SIZES = {n: 4, d: 3, e: 2}
x, h, y = sf.tensor("x", d), sf.tensor("h", d), sf.tensor("y", e)


def linear_attention(steps=n, index=t, **options):
    """S_t = S_{t−1} + k_t v_tᵀ, o_t = q_t S_t."""
    return sf.scan({S: S_new}, (index, steps), options.pop("start", {S: 0}), (q, k, v), out=o, **options)


def drawn(*shapes, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=shape) for shape in shapes]


def by_hand(queries, keys, values, start=0.0, order=1):
    """The same as loops in NumPy."""
    state, found = start, np.zeros((len(queries), values.shape[-1]))
    for step in range(len(queries))[::order]:
        state = state + np.outer(keys[step], values[step])
        found[step] = queries[step] @ state
    return found, state


# Values. --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reversed_time", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_outputs_of_every_step_are_those_of_a_plain_loop(steps, reversed_time):
    queries, keys, values = drawn((steps, 3), (steps, 3), (steps, 2))
    function = sf.lambdify(linear_attention(reverse=reversed_time))
    wanted, _ = by_hand(queries, keys, values, order=-1 if reversed_time else 1)
    np.testing.assert_allclose(function(queries, keys, values), wanted, rtol=1e-12, atol=1e-12)


def test_equal_sizes_are_no_trap():
    arrays = drawn((3, 3), (3, 3), (3, 3))
    np.testing.assert_allclose(sf.lambdify(linear_attention())(*arrays), by_hand(*arrays)[0], rtol=1e-12)


def test_the_interpreter_sees_the_same_steps():
    queries, keys, values = drawn((3, 2), (3, 2), (3, 2))
    named = {"q": queries.tolist(), "k": keys.tolist(), "v": values.tolist()}
    found = linear_attention().explicit(n=3, d=2, e=2, **named)
    np.testing.assert_allclose(np.array(found.tolist(), float), by_hand(queries, keys, values)[0], rtol=1e-12)


def test_a_start_may_be_given_and_a_last_state_comes_out():
    S_0 = sf.tensor("S_0", d, e)
    both = sf.program(linear_attention(start={S: S_0}), sf.final_state(linear_attention(start={S: S_0}), S))
    assert [tensor.name for tensor in both.inputs] == ["S_0", "q", "k", "v"]
    start, queries, keys, values = drawn((3, 2), (4, 3), (4, 3), (4, 2))
    outs, last = sf.lambdify(both)(start, queries, keys, values)
    wanted, state = by_hand(queries, keys, values, start)
    np.testing.assert_allclose(outs, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(last, state, rtol=1e-12, atol=1e-12)


def test_no_step_leaves_the_start():
    program = sf.program(linear_attention(), sf.final_state(linear_attention(), S))
    outs, last = sf.lambdify(program)(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2)))
    assert outs.shape == (0, 2)
    np.testing.assert_array_equal(last, np.zeros((3, 2)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_is_kept_within_the_loop(dtype):
    arrays = [one.astype(dtype) for one in drawn((4, 3), (4, 3), (4, 2))]
    function = sf.lambdify(linear_attention(name="O"))
    assert function(*arrays).dtype == dtype
    watched = standalone("O", function.source).replace("= S_new\n", "= S_new; seen.append(S_new.dtype)\n")
    space = {"seen": []}
    exec(watched, space)
    space["O"](*arrays)
    assert set(space["seen"]) == {np.dtype(np.float32) if dtype == np.float16 else np.dtype(dtype)}


def test_batch_axes_broadcast_against_each_other():
    queries, keys, values = drawn((5, 1, 4, 3), (6, 4, 3), (4, 2))
    found = sf.lambdify(linear_attention())(queries, keys, values)
    assert found.shape == (5, 6, 4, 2)
    for one, other in np.ndindex(5, 6):
        np.testing.assert_allclose(found[one, other], by_hand(queries[one, 0], keys[other], values)[0], atol=1e-12)


def test_an_output_that_reads_the_state_before_widens_when_a_later_step_has_batch_axes():
    state, x = sf.tensor("s"), sf.tensor("x")
    before = sf.define("y", (), 2 * state[()])
    program = sf.scan({state: sf.define("r", (), state[()] + x[()])}, (t, n), {state: 1}, (x,), out=before)
    (xs,) = drawn((3, 4))
    np.testing.assert_allclose(sf.lambdify(program)(xs), 2 * (1 + np.cumsum(xs, axis=1) - xs), rtol=1e-12)


# The code. ------------------------------------------------------------------------------------------------------------


def test_states_are_used_again_and_outputs_written_in_place():
    text = sf.lambdify(linear_attention(name="O")).source
    assert text.count("for t in range(n):") == 1
    assert "O = placed(O, o, t, n, e)" in text
    assert "[None]" not in text and "stack" not in text.replace("stacked", "stack").split("def ")[0]


def test_its_backward_pass_is_one_loop_the_other_way():
    text = sf.lambdify(reverse(sf.program(linear_attention())).program, "vjp").source
    assert text.count("for t in range(n):") == 1
    assert text.count("for t in reversed(range(n)):") == 1
    back = sf.lambdify(reverse(sf.program(linear_attention(reverse=True))).program, "vjp").source
    assert back.count("for t in range(n):") == 1


# Gradients. -----------------------------------------------------------------------------------------------------------


def two_states(**options):
    """A momentum and what it moves, nonlinear: both are read by both."""
    m, w, g = sf.tensor("m", d), sf.tensor("w", d), sf.tensor("g", d)
    beta = sf.scalar("beta")
    m_new = sf.define("m_new", c, beta * m[c] + sf.tanh(w[c]) * g[c])
    w_new = sf.define("w_new", c, w[c] - m_new[c] ** 2)
    seen = sf.define("y", c, w_new[c] * m[c])
    w_0 = sf.tensor("w_0", d)
    return (m, w), sf.scan({m: m_new, w: w_new}, (t, n), {m: 0, w: w_0}, (g,), out=seen, **options)


@pytest.mark.parametrize("reversed_time", [False, True])
def test_gradients_are_finite_differences(reversed_time):
    (m, w), scanned = two_states(reverse=reversed_time)
    assert worst_difference(sf.program(scanned), SIZES) < 1e-6
    assert worst_difference(sf.program(linear_attention(reverse=reversed_time)), SIZES) < 1e-6
    total = sf.define(
        "l",
        (),
        sf.sum(scanned[t, c] ** 2, t, c) + sf.sum(sf.final_state(scanned, m)[c] * sf.final_state(scanned, w)[c], c),
    )
    assert worst_difference(sf.program(total), SIZES) < 1e-6
    assert worst_difference(sf.program(total), {**SIZES, n: 1}) < 1e-6


def test_states_that_hand_on_a_step_s_input_and_one_another_have_gradients():
    """A delay line: x_{t−1} and x_{t−2} beside x_t, as a convolution reads them."""
    x, one, two = sf.tensor("x", d), sf.tensor("a", d), sf.tensor("b", d)
    kernel = sf.tensor("w", 3)
    y = sf.define("y", c, kernel[1] * x[c] + kernel[2] * one[c] + kernel[3] * two[c])
    conv = sf.scan({one: x, two: one}, (t, n), {one: 0, two: 0}, (x,), out=y, name="Y")
    assert str(sf.program(conv)).splitlines()[-3:] == [
        "y_tc = w_1 x_tc + w_2 a_[t−1,c] + w_3 b_[t−1,c]", "a_tc = x_tc", "b_tc = a_[t−1,c]",
    ]  # fmt: skip
    xs, ws = drawn((5, 2), (3,))
    padded = np.concatenate([np.zeros((2, 2)), xs])
    by_name = {"x": xs, "w": ws}
    found = sf.lambdify(conv)(*(by_name[tensor.name] for tensor in sf.program(conv).inputs))
    np.testing.assert_allclose(found, ws[0] * padded[2:] + ws[1] * padded[1:-1] + ws[2] * padded[:-2], atol=1e-12)
    assert worst_difference(sf.program(conv), SIZES) < 1e-6


def test_two_states_that_become_the_same_have_the_gradient_once():
    one, other, x = sf.tensor("a"), sf.tensor("b"), sf.tensor("x")
    both = sf.define("s", (), one[()] * other[()] + x[()])
    last = sf.scan({one: both, other: both}, (t, n), {one: sf.tensor("a_0"), other: sf.tensor("b_0")}, (x,))
    for tensor in last:
        assert worst_difference(sf.program(tensor), {n: 3}) < 1e-6


# On paper. ------------------------------------------------------------------------------------------------------------


def test_it_prints_as_a_recurrence_with_its_start():
    assert str(sf.program(linear_attention(name="O"))).splitlines() == [
        "S_[0;cf] = 0",
        "O = Scan_[t=1…n] Step(S_0;q_t, k_t, v_t)  with o_t",
        "S_tcf = S_[t−1,c,f] + k_tc v_tf",
        "o_tf = Σ_c q_tc S_tcf",
    ]
    back = str(sf.program(linear_attention(name="O", reverse=True))).splitlines()
    assert back[0] == "S_[n+1;cf] = 0"
    assert back[2] == "S_tcf = S_[t+1,c,f] + k_tc v_tf"


def test_calls_in_a_step_print_at_the_step():
    h, x = sf.tensor("h", d), sf.tensor("x", d)
    z = sf.define("z", c, h[c] + x[c])
    named = sf.scan({h: sf.softmax(z, name="p")}, (t, n), {h: 0}, (x,), out=z, name="Z")
    assert str(sf.program(named)).splitlines()[2:] == ["z_tc = h_[t−1,c] + x_tc", "h_t = softmax(z_t)"]
    nameless = sf.define("y", c, sf.softmax(z)[c] - h[c])
    shown = str(sf.program(sf.scan({h: nameless}, (t, n), {h: 0}, (x,), out=z, name="Z")))
    assert "h_tc = softmax(z_t)_c − h_[t−1,c]" in shown.splitlines()


def test_latex_says_the_steps_and_where_they_start():
    written = sf.program(linear_attention(name="O")).latex()
    assert "Step $t = 1\\dots n$, from $S_{0}$." in written
    assert "S_{tcf} &= S_{t - 1, c, f} + k_{tc}v_{tf}" in written


def test_its_backward_pass_prints_as_a_recurrence_that_starts_behind_the_last_step():
    lines = str(reverse(sf.program(linear_attention(name="O"))).program).splitlines()
    assert "dS_[n+1;cf] = 0" in lines
    assert "dS_[new;tcf] = dS_[t+1,c,f] + q_tc dO_tf" in lines or any("dS_[t+1,c,f]" in line for line in lines)


def test_a_page_shows_the_step():
    page = sf.gradient(sf.program(linear_attention(name="O"))).derivation
    shown = page.markdown()
    assert "S_{t - 1, c, f}" in shown
    assert "In lines about one step $`S = S_{t - 1}`$, $`S_{\\mathrm{new}} = S_{t}`$, $`q = q_{t}`$" in shown
    assert "dS_{\\mathrm{new};tcf} = dS_{t + 1, c, f}" in shown
    assert {item.verdict.kind for item in page.check()} <= {"proved", "exact"}


# The judge. -----------------------------------------------------------------------------------------------------------


def test_the_parallel_form_is_not_refuted_and_a_wrong_one_is():
    j = sf.indices("j")
    queries, keys, values = sf.tensor("q", n, d), sf.tensor("k", n, d), sf.tensor("v", n, e)
    weights = sf.sum(queries[t, c] * keys[j, c], c)
    parallel = sf.sum(sf.where(j <= t, weights, 0) * values[j, f], j)
    outs = linear_attention()
    assert sf.judge(outs[t, f], "=", parallel).kind in ("exact", "checked")
    assert sf.judge(outs[t, f], "=", sf.sum(weights * values[j, f], j)).kind == "refuted"


def test_at_a_fixed_length_the_unrolled_recurrence_is_proved_to_be_its_parallel_form():
    j = sf.indices("j")
    unrolled = sf.program(linear_attention()).unroll({n: 3}).outputs[0]
    assert not any(isinstance(one.origin, Repeat) for one in sf.program(unrolled))
    queries, keys, values = sf.tensor("q", 3, d), sf.tensor("k", 3, d), sf.tensor("v", 3, e)
    seen = sf.sum(sf.sum(queries[3, c] * keys[j, c], c) * values[j, f], j)
    assert sf.judge(unrolled[3, f], "=", seen).kind == "proved"
    assert sf.judge(unrolled[2, f], "=", seen).kind == "refuted"


def test_a_worked_example_goes_step_by_step_in_the_order_of_time():
    rows = {"q": [[1, 2], [3, 4]], "k": [[1, 0], [0, 1]], "v": [[2], [3]]}
    for reversed_time, order in ((False, ("1 of 2", "2 of 2")), (True, ("2 of 2", "1 of 2"))):
        program = sf.program(linear_attention(name="O", reverse=reversed_time))
        shown = sf.Derivation("Linear attention", given=program.inputs, where=tuple(program)).at(**rows).markdown()
        assert all(f"Step {which}" in shown for which in order)
        assert shown.index(f"Step {order[0]}") < shown.index(f"Step {order[1]}")


# The number of the step, and Jacobians. -------------------------------------------------------------------------------

beta = sf.scalar("beta", kind="unit")
h_new = sf.define("h_new", c, beta * h[c] + (1 - beta) * x[c])
debiased = sf.define("m", c, sf.tanh(h_new[c]) / (1 - beta**t))


@pytest.mark.parametrize("reversed_time", [False, True])
def test_the_letter_of_a_step_is_its_number(reversed_time):
    made = sf.scan({h: h_new}, (t, n), {h: 0}, (x,), out=debiased, reverse=reversed_time, name="M")
    assert "m_tc = (tanh(h_tc))/(1 − β^t)" in str(sf.program(made)).splitlines()
    (rows,), state = drawn((4, 3)), np.zeros(3)
    wanted = np.zeros((4, 3))
    for step in range(4)[:: -1 if reversed_time else 1]:
        state = 0.7 * state + 0.3 * rows[step]
        wanted[step] = np.tanh(state) / (1 - 0.7 ** (step + 1))
    np.testing.assert_allclose(sf.lambdify(made)(rows, 0.7), wanted, rtol=1e-12)
    again = sf.every_step(made, debiased, "M_again")
    np.testing.assert_allclose(sf.lambdify(again)(rows, 0.7), wanted, rtol=1e-12)
    gradient = sf.gradient(sf.program(made))
    assert {item.verdict.kind for item in gradient.derivation.check()} <= {"proved", "exact", "checked"}
    assert worst_difference(sf.program(made), SIZES) < 1e-6


def test_a_jacobian_of_few_steps_is_a_formula_and_of_n_steps_says_what_to_write():
    few = sf.scan({h: h_new}, (t, 2), {h: 0}, (x,), out=h_new, name="H")
    found = sf.jacobian(few, "x")
    assert {item.verdict.kind for item in found.derivation.check()} == {"proved"}
    wanted = np.einsum("ts,ci->tcsi", [[0.3, 0.0], [0.7 * 0.3, 0.3]], np.eye(3))
    np.testing.assert_allclose(sf.lambdify(found)(x=np.ones((2, 3)), beta=0.7), wanted, atol=1e-12)
    many = sf.scan({h: h_new}, (t, n), {h: 0}, (x,), out=h_new, name="H")
    with pytest.raises(sf.NoDerivative, match=r'write sf\.gradient\(H, "x"\), .*unroll\(\{n: 3\}\)'):
        sf.jacobian(many, "x")
    unrolled = sf.program(many).unroll({n: 2}).outputs[0]  # as the message says
    np.testing.assert_allclose(sf.lambdify(sf.jacobian(unrolled, "x"))(x=np.ones((2, 3)), beta=0.7), wanted, atol=1e-12)


# Around it. -----------------------------------------------------------------------------------------------------------


def test_names_that_generated_code_has_and_any_letter_are_names():
    state, x, y = sf.tensor("range", d), sf.tensor("np", d), sf.tensor("reversed", d)
    after = sf.define("lead", c, state[c] * x[c] + y[c])
    program = sf.program(sf.scan({state: after}, (sf.indices("at"), n), {state: 1}, (x, y), out=after, name="dtype"))
    assert worst_difference(program, SIZES) < 1e-6


def test_one_recurrence_reads_another_and_stands_in_a_repeat():
    state, x, W, X = sf.tensor("h", d), sf.tensor("x", d), sf.tensor("W", d, d), sf.tensor("X", n, d)
    after = sf.define("u", c, sf.tanh(state[c] + sf.sum(x[f] * W[f, c], f)))
    layer = sf.scan({state: after}, (t, n), {state: 0}, {x: X}, out=after, name="Y")
    above = sf.scan({state: after}, (t, n), {state: 0}, {x: layer}, out=after, name="Z", reverse=True)
    assert worst_difference(sf.program(above), SIZES) < 1e-6
    L, ell = sf.sizes("L"), sf.indices("ell")
    deep = sf.repeat(layer, (ell, L), {X: sf.tensor("X_0", n, d)}, (W,), name="X_L")
    assert worst_difference(sf.program(deep), {**SIZES, L: 2}) < 1e-6
    assert "h_{tc} &= " in sf.program(deep).latex()


def test_steps_may_read_ids_and_masks():
    V = sf.sizes("V")
    state, token, E = sf.tensor("h", d), sf.tensor("w", kind="integer", upper=V), sf.tensor("E", V, d)
    keep = sf.tensor("keep", kind="mask")
    after = sf.define("u", c, keep[()] * sf.tanh(state[c]) + E[token[()], c])
    program = sf.program(sf.scan({state: after}, (t, n), {state: 0}, (token, keep), out=after, name="Y"))
    assert worst_difference(program, {**SIZES, V: 5}) < 1e-6


def test_array_notation_writes_a_step():
    S_next = S + k[:, None] * v
    y = q @ S_next
    arrays = drawn((5, 3), (5, 3), (5, 2))
    found = sf.scan({S: S_next}, (t, n), {S: 0}, (q, k, v), out=y, name="Y")
    np.testing.assert_allclose(sf.lambdify(found)(*arrays), by_hand(*arrays)[0], rtol=1e-12, atol=1e-12)


def test_whole_numbers_beyond_those_of_numpy_are_written_as_floats():
    big = sf.define("y", c, sf.maximum(x[c], -(10**38)))
    np.testing.assert_array_equal(sf.lambdify(big)(np.array([-np.inf, 1.0])), [-1e38, 1.0])


def test_an_unnamed_part_of_array_notation_is_unrolled_at_a_number():
    program = sf.program(sf.define("z", c, (x * 2)[c] + 1)).unroll({d: 2})
    assert program.outputs[0].shape == (2,)


# What does not fit. ---------------------------------------------------------------------------------------------------

new = sf.define("u", c, h[c] + x[c])
WRONG = {
    "no state": (lambda: sf.scan({}, (t, n), {}), "no state is carried; write after={h: new_h}"),
    "no start": (lambda: sf.scan({h: new}, (t, n), {}, (x,)), "h has no start; write start={h: 0} or a tensor"),
    "start of another": (lambda: sf.scan({h: new}, (t, n), {h: 0, y: 0}, (x,)), "y has a start and is no state"),
    "shape of the start": (lambda: sf.scan({h: new}, (t, n), {h: y}, (x,)), "the state h is (d,), its start is (e,)"),
    "shape after": (
        lambda: sf.scan({h: sf.define("u", f, y[f] * sf.sum(h[c], c))}, (t, n), {h: 0}),
        "the state h is (d,), after the step, u, is (e,)",
    ),
    "no input": (lambda: sf.scan({y: sf.define("u", f, y[f]), h: x}, (t, n), {y: 0, h: 0}), "h is no input of"),
    "each is no input": (lambda: sf.scan({h: new}, (t, n), {h: 0}, (x, y)), "y is no input of the step, which reads h"),
    "state and slice": (lambda: sf.scan({h: new}, (t, n), {h: 0}, (x, h)), "h is a state and something else"),
    "a computed state": (lambda: sf.scan({new: h}, (t, n), {new: 0}), "u is computed; a state is an input of the step"),
    "an entry for a tensor": (lambda: sf.scan({h: h[c] + 1}, (t, n), {h: 0}), "expected a tensor, which sf.define"),
    "a letter of the step": (lambda: sf.scan({h: new}, (c, n), {h: 0}, (x,)), "c is an index of u in the step"),
    "a start with letters": (lambda: sf.scan({h: new}, (t, n), {h: x[c]}, (x,)), "expected a tensor or a number"),
    "a stack of another shape": (
        lambda: sf.scan({h: new}, (t, n), {h: 0}, {x: sf.tensor("x", d, n)}), "x needs (n, d), x is (d, n)",
    ),
    "two of one name": (
        lambda: sf.scan({h: sf.define("x", c, h[c] + x[c])}, (t, n), {h: 0}, (x,)), "different tensors are called x",
    ),
    "two that print alike": (
        lambda: sf.scan({h: new}, (t, n), {h: 0}, {x: sf.tensor("h", n, d)}), "different tensors are called h",
    ),
    "no recurrence": (lambda: sf.final_state(new, h), "u is no recurrence"),
    "no state of it": (lambda: sf.final_state(linear_attention(), h), "h is no state of the recurrence; its"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(sf.NotationError) as caught:
        make()
    assert message in str(caught.value)


def test_a_state_is_not_declared_to_be_what_no_step_keeps():
    positive = sf.tensor("z", d, kind="positive")
    step = sf.define("u", c, positive[c] - 1)
    with pytest.raises(sf.NotationError, match="the state z is declared positive"):
        sf.scan({positive: step}, (t, n), {positive: 1})
