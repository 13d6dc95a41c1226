"""The judge: each verdict on purpose, and never a wrong one."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import flint
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from written_identities import differ, identities, perturbed

import symformer as sf
from symformer.evaluate.dual import DualField
from symformer.notation import lift
from symformer.proof import Judge
from symformer.proof.balls import BITS
from symformer.proof.counterexample import steps_of
from symformer.proof.general import with_letters
from symformer.proof.look import POINTS
from symformer.proof.rational import Letters, RationalField
from symformer.proof.sizes import MANY, different_sizes
from symformer.proof.statement import Statement

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
x, y = sf.tensor("x", n), sf.tensor("y", n)
a, b = sf.scalar("a", kind="positive"), sf.scalar("b")
P = sf.tensor("P", n, kind="positive")


def kind(left, right, relation="="):
    """The kind of the judge's verdict."""
    return sf.judge(left, relation, right).kind


# Each verdict. --------------------------------------------------------------------------------------------------------


def test_exact_is_an_identity_of_rational_functions_and_says_why_there_is_no_proof():
    five = sf.tensor("A", n, 5)
    verdict = sf.judge(sf.sum(five[i, k], k), "=", five[i, 1] + five[i, 2] + five[i, 3] + five[i, 4] + five[i, 5])
    assert verdict.kind == "exact"
    assert "n = " in verdict.evidence and "no proof for every size" in verdict.evidence


def test_proved_holds_for_every_size_and_names_its_conditions():
    verdict = sf.judge(sf.exp(x[i] + b), "=", sf.exp(b) * sf.exp(x[i]))
    assert verdict.kind == "proved"
    assert verdict.data["conditions"] == []
    assert sf.judge(b * x[i] / b, "=", x[i]).data["conditions"] == ["b ≠ 0"]


def test_checked_states_digits_points_and_sizes():
    verdict = sf.judge(sf.tanh(sf.max(-x[k], k)) + sf.max(sf.tanh(-x[k]), k), "=", 2 * sf.tanh(sf.max(-x[k], k)))
    assert verdict.kind == "checked"
    assert verdict.data["digits"] >= 50
    assert verdict.data["points"] >= 3


def test_refuted_gives_a_counterexample_with_sizes_indices_and_both_sides():
    verdict = sf.judge(sf.sum(x[k] * y[k], k), "=", sf.sum(x[k], k) * sf.sum(y[k], k))
    assert verdict.kind == "refuted"
    assert set(verdict.data["sizes"]) == {"n"}
    assert verdict.data["left"] != verdict.data["right"]
    assert verdict.evidence.startswith("counterexample at n = ")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1 / (x[i] - x[i]), 1 / (x[i] - x[i])),
        (sf.log(-P[i]), sf.log(-P[i])),
        (sf.sqrt(-(P[i] ** 2)), sf.sqrt(-(P[i] ** 2))),
        (sf.exp(sf.exp(sf.exp(100 * P[i]))), 1),
    ],
    ids=["division by 0", "logarithm of a negative", "root of a negative", "out of reach"],
)
def test_what_has_no_value_is_open(left, right):
    assert kind(left, right) == "open"


def test_inequalities_are_judged_in_both_directions():
    assert kind(sf.max(x[k], k), sf.log(sf.sum(sf.exp(x[k]), k)), "≤") == "proved"
    assert kind(x[i] * y[i], x[i] ** 2 + y[i] ** 2, "≤") == "proved"
    assert kind(sf.sin(P[i]), P[i], "≤") == "checked"
    assert kind(sf.max(x[k], k), sf.log(sf.sum(sf.exp(x[k]), k)), "≥") == "refuted"


# What must not be taken as equal. -------------------------------------------------------------------------------------


def test_a_root_gives_up_a_factor_only_where_it_is_positive():
    assert kind(sf.sqrt(a**2 * P[i]), a * sf.sqrt(P[i])) == "proved"
    assert kind(sf.sqrt(b**2 * P[i]), b * sf.sqrt(P[i])) == "refuted"


@pytest.mark.parametrize("name", [f"b_{number}" for number in range(16)])
def test_no_name_of_a_real_number_is_lucky(name):
    """The points are drawn by name: none may draw nothing but positive numbers."""
    real = sf.scalar(name)
    assert kind(sf.sqrt(real**2), real) == "refuted"


def test_layer_norm_of_a_negated_row_is_not_layer_norm():
    minus = sf.define("z", i, -x[i])
    assert kind(sf.layer_norm(minus, eps=0)[i], sf.layer_norm(x, eps=0)[i]) == "refuted"
    assert kind(sf.layer_norm(minus, eps=0)[i], -sf.layer_norm(x, eps=0)[i]) in ("proved", "exact", "checked")


def test_two_tensors_of_one_name_are_two_tensors():
    assert kind(x[i], sf.tensor("x", n, kind="positive")[i]) == "refuted"
    assert kind(sf.define("t", i, 2 * x[i])[i], sf.define("t", i, 3 * x[i])[i]) == "refuted"


def test_the_square_of_what_is_zero_is_zero():
    """Balls around 0 have squares, too."""
    assert kind((x[i] - x[i]) ** 2, 0) == "proved"
    assert kind(sf.sum(x[k] - sf.mean(x[j], j), k) ** 2, 0) == "proved"


def test_independent_sizes_differ_so_that_a_swapped_size_shows():
    A = sf.tensor("A", n, m)
    wrong_count = sf.sum(A[i, j], j) / n
    assert kind(sf.mean(A[i, j], j), wrong_count) == "refuted"


def test_an_index_that_one_side_lacks_is_still_tried_everywhere():
    assert kind(x[i], x[1]) == "refuted"


# Ops. -----------------------------------------------------------------------------------------------------------------

Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, c_v := sf.sizes("d_v"))
H = sf.sizes("H")
X = sf.tensor("X", n, d)
OPS = {
    "softmax": sf.softmax(X),
    "log_softmax": sf.log_softmax(X),
    "logsumexp": sf.logsumexp(X),
    "layer_norm": sf.layer_norm(X, sf.tensor("gamma", d), sf.tensor("beta", d)),
    "layer_norm, added": sf.layer_norm(X, form="added"),
    "linear": sf.linear(X, sf.tensor("W", d, m), sf.tensor("b", m)),
    "cross_entropy, classes": sf.cross_entropy(X, sf.tensor("t", n, kind="integer", upper=d)),
    "cross_entropy, probabilities": sf.cross_entropy(X, sf.tensor("p", n, d, kind="simplex")),
    "attention": sf.attention(Q, K, V),
    "attention, mask": sf.attention(Q, K, V, sf.tensor("M", n, m, kind="mask", sees=True)),
    "attention, bias": sf.attention(Q, K, V, sf.tensor("B", n, m), scale=2),
    "attention, causal": sf.attention(Q, K, V, is_causal=True),
    "attention, offset": sf.attention(Q, K, V, is_causal=True, offset=1),
    "multi-head attention": sf.multi_head_attention(
        X, None, sf.tensor("W_Q", d, 1, 2, m), sf.tensor("W_K", d, 1, m), sf.tensor("W_V", d, 1, 1),
        sf.tensor("W_O", 1, 2, 1, d), is_causal=True,
    ),
    "attention, heads": sf.attention(
        sf.tensor("Q", H, n, d), sf.tensor("K", H, m, d), sf.tensor("V", H, m, c_v), is_causal=True
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OPS)
def test_the_stable_form_of_an_op_is_its_textbook_form(name):
    before, after = sf.textbook(OPS[name]), sf.stable(OPS[name])
    assert kind(before[before.indices], after[before.indices]) in ("proved", "exact", "checked")


@pytest.mark.parametrize("count", range(5))
def test_sizes_of_a_counterexample_are_tried_from_the_smallest_sum_on(count):
    wanted = sorted(product(range(3), repeat=count), key=lambda numbers: (sum(numbers), numbers))
    assert [steps for total in range(2 * count + 1) for steps in steps_of(count, total)] == wanted


def test_zero_over_a_root_of_a_quotient_is_zero():
    field = RationalField(Letters())
    ratio = field.div(field.letter("x"), field.letter("y"))
    root = field.function("sqrt", field.add(ratio, field.number(sympy.Integer(2))))
    nothing = field.number(sympy.Integer(0))
    assert field.div(nothing, root) == nothing


def test_two_ops_that_differ_are_told_apart():
    assert kind(sf.softmax(x)[i], sf.log_softmax(x)[i]) == "refuted"
    assert kind(sf.attention(Q, K, V)[i, c], sf.attention(Q, K, V, is_causal=True)[i, c]) == "refuted"
    assert kind(sf.layer_norm(x)[i], sf.layer_norm(x, form="added")[i]) == "refuted"


# Never wrong. ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(identities())
def test_a_true_identity_is_never_refuted(case):
    left, right = case
    assert kind(left.node(i), right.node(i)) in ("proved", "exact", "checked")


@settings(max_examples=60)
@given(perturbed())
def test_a_verdict_agrees_with_mpmath(case):
    """A line that is changed somewhere is refuted just where 40 digits of mpmath see a difference."""
    left, right = case
    verdict = sf.judge(left.node(i), "=", right.node(i))
    assert verdict.kind != "open"
    assert (verdict.kind == "refuted") == differ(left, right)


# Derivatives and expectations. ----------------------------------------------------------------------------------------

mu = sf.define("mu", (), sf.mean(x[k], k))
DIFFERENTIABLE = {
    "softmax": sf.softmax(x),
    "log-softmax": sf.log_softmax(x),
    "layer norm": sf.layer_norm(x),
    "powers": sf.define("f", i, x[i] ** 3 / (1 + sf.sum(x[k] ** 2, k))),
    "functions": sf.define("g", i, sf.tanh(x[i]) * sf.sin(mu[()]) + sf.cos(x[i]) / sf.exp(-x[i])),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives_are_sympys_on_the_explicit_form(name):
    tensor = DIFFERENTIABLE[name]
    jacobian = sf.define("J", ((i, n), (j, n)), sf.diff(tensor[i], x[j])).explicit(n=3)
    entries = tensor.explicit(n=3)
    symbols = sympy.symbols("x_1:4", real=True)
    numbers = (sympy.Rational(number, 7) for number in (2, -8, 5, 1))
    point = dict(zip((*symbols, sympy.Symbol("epsilon", real=True, positive=True)), numbers, strict=True))
    for row in range(3):
        for column in range(3):
            want = entries[row].diff(symbols[column]).subs(point).evalf(30)
            assert abs(jacobian[row, column].subs(point).evalf(30) - want) < 1e-25


def test_a_derivative_takes_its_tensor_as_independent():
    """∂Z/∂u_j is 1 although u depends on x, and ∂u/∂Z is 0 although Z is computed from u."""
    u = sf.define("u", i, sf.exp(x[i]))
    Z = sf.define("Z", (), sf.sum(u[k], k))
    assert kind(sf.diff(Z[()], u[j]), 1) == "proved"
    assert kind(sf.diff(u[i], Z[()]), 0) == "proved"


def test_finite_differences_bite(monkeypatch):
    """With a wrong slope, a line that agrees with it does not pass: the forward function says otherwise."""
    right_slope = DualField._slope

    def wrong_slope(self, name, at, outer):
        slope = right_slope(self, name, at, outer)
        return self.base.add(slope, slope) if name == "exp" else slope

    monkeypatch.setattr(DualField, "_slope", wrong_slope)
    verdict = sf.judge(sf.diff(sf.exp(x[i]), x[j]), "=", 2 * sf.delta(i, j) * sf.exp(x[i]))
    assert verdict.kind == "open"
    assert "finite differences" in verdict.evidence


def test_expectation_uses_declared_moments_only():
    q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1})
    length = sf.sum(q[k] ** 2, k)
    assert kind(sf.expect(length), n) == "proved"
    assert kind(sf.expect(length), n + 1) == "refuted"
    verdict = sf.judge(sf.expect(length**2), "=", n**2 + 2 * n)
    assert verdict.kind == "open"
    assert "moment 4" in verdict.evidence


def test_expectation_of_the_fourth_moment_where_it_is_declared():
    g = sf.tensor("g", n, kind="random", moments={1: 0, 2: 1, 3: 0, 4: 3})
    length = sf.sum(g[k] ** 2, k)
    assert kind(sf.expect(length**2), n**2 + 2 * n) == "proved"
    assert kind(sf.expect(length**2), n**2 + n) == "refuted"


def test_expectation_of_what_is_no_polynomial_is_open():
    q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1})
    assert kind(sf.expect(sf.exp(q[i])), 1) == "open"


@example(3)
@given(st.integers(-4, 4))
def test_a_power_is_a_repeated_product(exponent):
    base = 1 + x[i] ** 2
    product = base**0
    for _ in range(abs(exponent)):
        product = product * base if exponent > 0 else product / base
    assert kind(base**exponent, product) == "proved"


def test_verdicts_are_the_same_in_every_order():
    """A judge that has seen other lines says just what a fresh one says."""
    derivation = sf.load("softmax-jacobian")
    lines = [line.formula for line in derivation.lines]
    fresh = [sf.judge(before, "=", after).evidence for before, after in pairwise(lines)]
    assert [judged.verdict.evidence for judged in derivation.check()] == fresh


def test_an_axis_that_is_shorter_by_one_has_a_place_at_every_point():
    t = sf.tensor("t", n - 1)
    assert kind(sf.max(t[k], k), sf.log(sf.sum(sf.exp(t[k]), k)), "≤") == "proved"
    assert kind(sf.sum(t[k], k), 2 * sf.sum(t[k], k)) == "refuted"


def test_an_axis_of_half_a_size_is_a_whole_number():
    half = sf.tensor("h", n / 2)
    assert kind(sf.sum(half[k] ** 2, k), sf.sum(half[k] * half[k], k)) == "proved"


def test_an_inequality_is_looked_at_in_corners():
    assert kind(sf.log(sf.sum(sf.exp(x[k]), k)), sf.max(x[k] ** 2, k) + sf.log(n), "≤") == "refuted"


def test_a_relation_that_fails_at_size_1_alone_is_refuted():
    shifted = sf.sum(sf.exp(x[k] - sf.max(x[j], j)), k)
    assert (
        kind(1 / (shifted + sf.indicator(shifted, "=", 0)), 1 / (shifted + sf.indicator(shifted, "=", 1))) == "refuted"
    )


def test_any_two_of_few_sizes_differ_in_most_trials_and_any_two_of_many_in_one():
    few = [different_sizes(sf.sizes("a b c d e"), trial) for trial in range(POINTS)]
    many = [different_sizes(sf.sizes("a b c d e f g h"), trial) for trial in range(POINTS)]
    assert len(few[0]) <= MANY < len(many[0])
    for trials, least in ((few, 3), (many, 1)):
        for one, other in combinations(trials[0], 2):
            assert sum(sizes[one] != sizes[other] for sizes in trials) >= least
        assert max(number for sizes in trials for number in sizes.values()) <= 5


def nested(of, depth):
    term = x[i]
    for _ in range(depth):
        term = of(term)
    return term


@pytest.mark.parametrize(
    ("left", "relation", "right"),
    [
        (nested(lambda term: sf.maximum(term, x[i] - term), 14), "≥", 0),
        (nested(lambda term: sf.relu(term - 1) + term, 14), "≥", x[i]),
        (nested(lambda term: term * term + term, 40), "=", nested(lambda term: term + term * term, 40)),
        (sf.sum(x[i], (k, 10**7)), "=", 10**7 * x[i]),
    ],
    ids=["maxima", "relus", "squares", "a sum"],
)
def test_a_line_that_is_too_long_to_look_at_is_open(left, relation, right):
    """One object, nested many times, has more parts than anyone can walk over; so has a sum of ten million terms."""
    assert sf.judge(left, relation, right).kind == "open"


# -- large numbers -----------------------------------------------------------------------------------------------------


def hidden_scores(number):
    """A statement on scores that a number far below the others hides: what points cannot tell from 0 beside 1."""
    n = sf.sizes("n")
    i, j, k = sf.indices("i j k")
    s, m = sf.tensor("s", n, n), sf.tensor("m", n, n, kind="mask")
    hidden = sf.define("h", (i, j), sf.where(m[i, j], s[i, j], -number))
    p = sf.exp(hidden[i, j]) / sf.sum(sf.exp(hidden[i, k]), k)
    return Statement(lift(p), "=", lift(sf.softmax(hidden)[i, j]), {}), Statement(lift(p), "=", lift(p * m[i, j]), {})


@pytest.mark.parametrize("number", [10**9, sf.lift(10) ** 9, 5000])
def test_what_holds_for_any_positive_number_holds_for_a_large_one(number):
    true, false = hidden_scores(number)
    assert with_letters(true).words == str(sf.lift(number).plain())
    with flint.ctx.workprec(BITS):
        assert Judge()._for_any_number(true).kind == "proved"
        assert Judge()._for_any_number(false) is None


def test_points_at_small_numbers_speak_for_large_ones_where_sides_are_analytic():
    a, b, number = sf.scalar("a"), sf.scalar("b"), sf.lift(10) ** 9
    for side in (sf.exp(a - number) + b, sf.tanh(a * number) / (1 + sf.exp(-number)), (b - number) ** 3):
        assert with_letters(Statement(lift(side), "=", lift(side + 0 * a), {})).analytic
        assert not with_letters(Statement(lift(side), "≤", lift(side), {})).analytic
    held = sf.define("h", (), a - number)
    for side in (
        sf.sqrt((b - number) ** 2), sf.maximum(b, number), sf.relu(held[()]), sf.where(held[()] > b, a, b),
        sf.log(held[()]), (b - number) ** sf.lift(sympy.Rational(1, 2)), sf.abs(held[()] * b),
    ):  # fmt: skip
        assert not with_letters(Statement(lift(side), "=", lift(a), {})).analytic


def test_small_numbers_and_places_stay():
    x = sf.tensor("x", 3000)
    i = sf.indices("i")
    statement = Statement(lift(x[2000] + 7 * sf.sum(x[i] * sf.delta(i, 1500), i)), "=", lift(x[1]), {})
    assert with_letters(statement) is None
