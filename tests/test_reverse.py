"""Reverse mode: textbook forms, against finite differences and the judge; calls and repeats stay folded."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from differences import worst_difference

import symformer as sf
from symformer.calculus import NoDerivative, reverse
from symformer.notation import hide, tensor
from symformer.programs import Call, Repeat
from symformer.proof import Judge

n, m, d, e, h, L = sf.sizes("n m d e h L")
i, j, k, c, f, ell = sf.indices("i j k c f ell")
SIZES = {n: 3, m: 4, d: 5, e: 2, h: 3, L: 3}
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
x, y, W = sf.tensor("x", n, d), sf.tensor("y", n, d), sf.tensor("W", d, e)
gamma, beta, bias = sf.tensor("gamma", d), sf.tensor("beta", d), sf.tensor("b", e)
ids = sf.tensor("t", n, kind="integer", upper=d)
M = sf.tensor("M", n, m, kind="mask", sees=True)
rms = sf.define("r", i, sf.sqrt(sf.mean(x[i, k] ** 2, k) + 1))
x_rms = sf.define("x_hat", (i, j), x[i, j] / rms[i])


def formulas(tensor_, **options):
    """The statements of the backward pass of an opened tensor, by name."""
    program = reverse(tensor_.program, **options).program
    return {statement.name: str(statement) for statement in program}


# Textbook forms. ------------------------------------------------------------------------------------------------------


def test_attention_comes_out_as_flash_attention_prints_it():
    found = formulas(sf.attention(Q, K, V, name="O"))
    assert found["dV"] == "dV_jf = Σ_i P_ij dO_if"
    assert found["dP"] == "dP_ij = Σ_f dO_if V_jf"
    assert found["dS"] == "dS_ij = P_ij(dP_ij − D_i)"
    assert found["D"] == "D_i = Σ_j dP_ij P_ij"
    assert found["dQ"] == "dQ_ic = (Σ_j dS_ij K_jc)/√d"
    assert found["dK"] == "dK_jc = (Σ_i Q_ic dS_ij)/√d"


def test_softmax_comes_out_without_its_exponentials():
    assert formulas(sf.softmax(x, name="p"))["dx"] == "dx_ij = p_ij(dp_ij − Σ_k dp_ik p_ik)"


def test_layer_norm_comes_out_as_a_projection():
    found = formulas(sf.layer_norm(x, gamma, beta, name="y"))
    assert found["dx_hat"] == "dx̂_ij = dy_ij γ_j"
    assert found["dx"] == "dx_ij = (dx̂_ij − 1/d x̂_ij Σ_k dx̂_ik x̂_ik − 1/d Σ_k dx̂_ik)/√(v_i + ε)"
    assert found["dgamma"] == "dγ_j = Σ_i x̂_ij dy_ij"
    assert {"dmu", "dv", "dc"}.isdisjoint(found)


def test_rms_norm_keeps_its_off_diagonal_term():
    assert formulas(x_rms)["dx"] == "dx_ij = (dx̂_ij − 1/d x̂_ij Σ_k dx̂_ik x̂_ik)/r_i"


def test_cross_entropy_comes_out_as_probability_minus_target():
    by_class = formulas(sf.cross_entropy(x, ids, name="L"))
    assert by_class["dx"] == "dx_ir = dL_i(p_ir − δ_[r,t_i])"
    shares = sf.tensor("y", d, kind="simplex")
    one = sf.tensor("x", d)
    found = formulas(sf.cross_entropy(one, shares, name="L"))
    assert found["dx"] == "dx_c = p_c − y_c"


def test_a_linear_layer_and_an_embedding():
    found = formulas(sf.linear(x, W, bias, name="y"))
    assert [found[name].split(" = ")[1] for name in ("dx", "dW", "db")] == [
        "Σ_o dy_io W_co", "Σ_i x_ic dy_io", "Σ_i dy_io",
    ]  # fmt: skip
    E = sf.tensor("E", d, e)
    embedded = sf.define("X", (i, c), E[ids[i], c])
    assert formulas(embedded)["dE"] == "dE_rc = Σ_i dX_ic δ_[r,t_i]"


# Witnesses. -----------------------------------------------------------------------------------------------------------


def _gated():
    gate = sf.define("g", (i, c), sf.sum(x[i, k] * y[j, k], k, j) * sf.tensor("w", d)[c])
    return sf.define("o", (i, c), x[i, c] / (1 + sf.exp(-gate[i, c])) - x[i, c] ** 3)


def _diagonal():
    square = sf.tensor("A", n, n)
    return sf.define("s", (), sf.sum(square[i, i] * square[1, i], i))


PROGRAMS = {
    "softmax": lambda: sf.softmax(x, name="s"),
    "log_softmax": lambda: sf.log_softmax(x, name="s"),
    "logsumexp": lambda: sf.logsumexp(x, name="s"),
    "softmax of columns": lambda: sf.softmax(x, axis=0, name="s"),
    "linear": lambda: sf.linear(x, W, bias, name="z"),
    "layer_norm": lambda: sf.layer_norm(x, gamma, beta, eps=1, name="z"),
    "layer_norm, ε added": lambda: sf.layer_norm(x, gamma, eps=1, form="added", name="z"),
    "rms": lambda: x_rms,
    "attention": lambda: sf.attention(Q, K, V, name="O"),
    "attention, mask": lambda: sf.attention(Q, K, V, M, name="O"),
    "attention, bias, causal": lambda: sf.attention(Q, K, V, sf.tensor("B", n, m), is_causal=True, offset=1, name="O"),
    "attention, heads": lambda: sf.attention(
        sf.tensor("Q", h, n, d), sf.tensor("K", h, m, d), sf.tensor("V", h, m, e), scale=2, name="O"
    ),
    "attention of itself": lambda: sf.attention(x, x, x, name="O"),
    "cross_entropy by class": lambda: sf.cross_entropy(x, ids, name="L"),
    "cross_entropy": lambda: sf.cross_entropy(x, y, name="L"),
    "a number": lambda: sf.define("L", (), sf.sum(sf.tanh(x[i, c]) * y[i, c], i, c)),
    "a gate": _gated,
    "functions": lambda: sf.define(
        "z", (i, c), sf.sqrt(1 + x[i, c] ** 2) * sf.log(2 + sf.sin(x[i, c]) * sf.cos(y[i, c]))
    ),
    "an unused axis": lambda: sf.define("z", i, sf.sum(x[i, c] + y[i, k], c, k)),
    "hidden": lambda: sf.softmax(sf.define("H", (i, j), hide(Q[i, 1] * K[j, 2], M[i, j])), name="s"),
}  # fmt: skip


@pytest.mark.parametrize("textbook", [True, False], ids=["textbook", "as found"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_agree_with_finite_differences(name, textbook):
    program = sf.program(PROGRAMS[name]())
    assert worst_difference(program, SIZES, textbook=textbook) < 1e-7


@pytest.mark.parametrize("name", ["attention, mask", "layer_norm", "cross_entropy", "a gate", "softmax of columns"])
def test_opened_programs_agree_with_finite_differences(name):
    made = PROGRAMS[name]()
    for stable in (True, False):
        assert worst_difference(sf.program(made).unfold(stable=stable), SIZES) < 1e-7


def test_finite_differences_see_a_wrong_sign():
    program = sf.program(sf.define("z", (i, c), x[i, c] * y[i, c]))
    right = reverse(program)
    wrong = sf.program(sf.define("dx", (i, c), -tensor("dz", n, d)[i, c] * y[i, c]), inputs=right.program.inputs)
    backward = type(right)(program, right.cotangents, right.wrt[:1], wrong.outputs, ())
    assert worst_difference(program, SIZES, backward=backward) > 0.1


def rows_judged(backward):
    """The verdicts on every row of every step, and on what shifts would get."""
    judge = Judge()
    for step in backward.steps:
        for (before, _), (after, _) in zip(step.rows, step.rows[1:], strict=False):
            yield step.tensor.name, judge.judge(before, "=", after, {**before.ranges, **after.ranges}).kind
    for shift, rest in backward.shifts:
        yield shift.name, judge.judge(rest, "=", 0).kind


@pytest.mark.parametrize("stable", [False, True], ids=["textbook", "stable"])
@pytest.mark.parametrize(
    "name",
    ["attention", "attention, mask", "layer_norm", "rms", "cross_entropy by class", "cross_entropy", "a diagonal"],
)
def test_every_row_is_judged_and_every_shift_gets_nothing(name, stable):
    verdicts = list(rows_judged(reverse(sf.program(PROGRAMS.get(name, _diagonal)()).unfold(stable=stable))))
    assert verdicts
    assert {verdict for _, verdict in verdicts} <= {"proved", "exact", "checked"}, verdicts


def test_a_maximum_that_is_no_shift_has_the_slope_of_its_largest_entry_and_not_none():
    largest = sf.define("m", i, sf.max(x[i, k], k))
    backward = reverse(sf.define("z", (i, j), x[i, j] * largest[i]))
    assert "refuted" not in dict(rows_judged(backward)).values()
    product = x[i, j] * largest[i]
    assert sf.judge(sf.diff(product, x[i, j]), "=", largest[i]).kind == "refuted"


def test_the_judge_refutes_a_row_with_a_wrong_sign():
    (step,) = [one for one in reverse(sf.attention(Q, K, V, name="O").program).steps if one.tensor.name == "S"]
    assert Judge().judge(step.rows[0][0], "=", -step.rows[-1][0]).kind == "refuted"


# Calls. ---------------------------------------------------------------------------------------------------------------


def block(x):
    """Attention of a normed row, with a residual."""
    normed = sf.layer_norm(x, gamma, eps=1, name="A")
    q, key, v = (sf.linear(normed, sf.tensor(f"W_{which}", d, d), name=which.lower()) for which in "QKV")
    attended = sf.attention(q, key, v, is_causal=True, name="O")
    return sf.define("Y", (i, c), x[i, c] + attended[i, c])


def test_calls_differentiate_to_calls_and_what_meets_is_added_up_in_one_definition():
    program = reverse(block(x)).program
    shown = str(program).splitlines()
    assert "dA_ij = dA_[v;ij] + dA_[k;ij] + dA_[q;ij]" in shown
    assert "dx_ic = dY_ic + dx_[A;ic]" in shown
    assert "dx_A = LayerNorm_[∂x](dA, x, γ)" in shown
    assert "dq = attention_[∂q](dY, q, k, v, O)" in shown
    assert sum(isinstance(statement.origin, Call) for statement in program) > 12
    assert worst_difference(sf.program(block(x)), SIZES) < 1e-7


def test_a_call_holds_both_forms_and_the_compiled_one_does_not_overflow():
    backward = sf.lambdify(reverse(sf.cross_entropy(x, ids, name="L")).program)
    logits = np.array([[1e4, -1e4, 0.0], [1e4, 1e4, -1e4]])
    expected = [[0, 0, 0], [0.5, -0.5, 0]]
    assert backward(np.ones(2), logits, np.array([0, 1])) == pytest.approx(np.array(expected), abs=1e-12)


def test_rows_that_see_nothing_hand_on_nothing():
    program = reverse(sf.attention(Q, K, V, sf.tensor("M", n, m, kind="mask"), name="O")).program
    random = np.random.default_rng(1)
    given = [random.normal(size=[int(size.subs(SIZES)) for size in one.shape]) for one in program.inputs[:4]]
    mask = np.array([[0, 0, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    dQ, dK, dV = sf.lambdify(program)(*given, mask)
    assert np.isfinite(dQ).all() and np.isfinite(dK).all() and np.isfinite(dV).all()
    assert not dQ[0].any()


# Repeats. -------------------------------------------------------------------------------------------------------------


def deep(layers=L):
    """The block repeated, with its own weights in each layer and one γ for all."""
    x_0 = sf.tensor("X_0", n, d)
    weights = [sf.tensor(f"W_{which}", d, d) for which in "QKV"]
    return sf.repeat(block(x), (ell, layers), {x: x_0}, weights, name="X_L", title="Block")


def test_a_repeat_differentiates_to_a_repeat():
    program = reverse(deep()).program
    loops = {s.origin.loop.digest: s.origin.loop for s in program if isinstance(s.origin, Repeat)}
    assert sorted(loop.downwards for loop in loops.values()) == [False, True]
    assert "dX_0 = Repeat_[ℓ=L…1] Block backward" in str(program)
    assert len(str(program)) < 900


def test_a_repeat_has_the_gradients_of_its_layers_one_by_one():
    layer = sf.define("Y", (i, c), sf.tanh(sf.sum(x[i, k] * sf.tensor("W", d, d)[k, c], k)) + x[i, c] * gamma[c])
    x_0 = sf.tensor("X_0", n, d)
    deep = sf.repeat(layer, (ell, L), {x: x_0}, (sf.tensor("W", d, d),), name="X_L")
    every = sf.every_layer(deep, layer, "H")
    program = sf.program(sf.define("l", (), sf.sum(deep[i, c] ** 2, i, c) + sf.sum(every[ell, i, c], ell, i, c)))
    assert worst_difference(program.unroll({L: 3}), SIZES) < 1e-7
    rolled = sf.program(*reverse(program).gradients)
    unrolled = reverse(program.unroll({L: 2})).program
    values = {"X_0": [[0.3, -0.4]], "W": [[[0.1, 0.2], [0.3, -0.5]], [[0.7, 0.2], [-0.1, 0.4]]], "gamma": [0.5, 0.9]}
    for one, other in zip(rolled.outputs, unrolled.outputs, strict=True):
        left = [float(entry) for entry in sympy.flatten(one.explicit(n=1, d=2, L=2, **values))]
        right = [float(entry) for entry in sympy.flatten(other.explicit(n=1, d=2, **values))]
        assert left == pytest.approx(right, rel=1e-12)


def test_depth_is_no_matter():
    """A thousand statements in a row need no recursion, and a repeat of a thousand no more than one."""
    value = x
    for layer in range(400):
        value = sf.define(f"x_{layer}", (i, c), value[i, c] * gamma[c])
    assert len(reverse(value).steps) == 401
    assert len(reverse(deep(1000)).steps) == len(reverse(deep(1)).steps)


# What is asked for. ---------------------------------------------------------------------------------------------------


def test_only_what_is_wanted_is_computed():
    backward = reverse(sf.attention(Q, K, V, name="O").program, wrt="V")
    assert [statement.name for statement in backward.program] == ["S", "P", "dV"]
    assert [tensor.name for tensor in backward.program.inputs] == ["dO", "Q", "K", "V"]
    assert reverse(sf.layer_norm(x, name="z").program, wrt=["epsilon"]).gradients[0].shape == ()


def test_a_cotangent_may_be_given_and_a_number_needs_none():
    g = sf.tensor("g", n, e)
    assert "Σ_i P_ij g_if" in str(reverse(sf.attention(Q, K, V, name="O").program, "V", g).program)
    assert str(reverse(sf.define("L", (), sf.sum(x[i, c] ** 2, i, c))).program) == "dx_ic = 2 x_ic"
    assert str(reverse(sf.define("z", i, y[i, 1]), wrt=[y]).program) == "dy_ir = dz_i δ_r1"


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda: reverse(sf.softmax(x, name="p"), "W"),
            sf.NotationError,
            "there is no W to differentiate by; the inputs are x",
        ),
        (lambda: reverse(sf.cross_entropy(x, ids, name="L"), "t"), sf.NotationError, "t holds integer entries"),
        (lambda: reverse(sf.softmax(x, name="p"), "x", gamma), sf.ShapeError, "is (d,), p is (n, d)"),
        (lambda: reverse(sf.define("z", i, sf.expect(x[i, 1]))), NoDerivative, "z: Expectation has no derivative"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(make, kind, message):
    with pytest.raises(kind) as caught:
        make()
    assert message in str(caught.value)
