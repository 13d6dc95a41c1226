"""The letters: order kept as written, at home in SymPy, and shape errors at the line that makes them."""

from __future__ import annotations

import math
import os
import pickle
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy

import symformer as sf
from symformer.notation import erf, lift, relu, sigmoid, softplus, substitute

n, m, d_k = sf.sizes("n m d_k")
i, j, k, c, f = sf.indices("i j k c f")
x, y = sf.tensor("x", n), sf.tensor("y", n)
A, Q, K = sf.tensor("A", n, m), sf.tensor("Q", n, d_k), sf.tensor("K", m, d_k)
a = sf.scalar("a")
t = sympy.Symbol("t")

FORMS = [
    (x[i] + 1 - y[i], r"x_{i} + 1 - y_{i}", "x_i + 1 − y_i"),
    (1 + x[i], r"1 + x_{i}", "1 + x_i"),
    (x[i] - (y[i] - 1), r"x_{i} - (y_{i} - 1)", "x_i − (y_i − 1)"),
    (x[i] - (-y[i]), r"x_{i} - (- y_{i})", "x_i − (−y_i)"),
    (2 * x[i] * 3, r"2x_{i} \cdot 3", "2 x_i · 3"),
    (x[i] * 2, r"x_{i} \cdot 2", "x_i · 2"),
    (y[i] * x[i], r"y_{i}x_{i}", "y_i x_i"),
    (sympy.Integer(3) * x[i], r"3x_{i}", "3 x_i"),
    (x[i] * sympy.Integer(3), r"x_{i} \cdot 3", "x_i · 3"),
    (sympy.Rational(1, 2) * x[i], r"\frac{1}{2}x_{i}", "1/2 x_i"),
    (t * x[i], r"tx_{i}", "t x_i"),
    (x[i] * t, r"x_{i}t", "x_i t"),
    ((n - 1) * x[i], r"(n - 1)x_{i}", "(n − 1) x_i"),
    (x[i] + sympy.sqrt(2), r"x_{i} + \sqrt{2}", "x_i + √2"),
    (x[i] * -2, r"x_{i}(-2)", "x_i(−2)"),
    (-2 * x[i] + y[i], r"-2x_{i} + y_{i}", "−2 x_i + y_i"),
    (x[i] / y[i] / 2, r"\frac{\frac{x_{i}}{y_{i}}}{2}", "(x_i/y_i)/2"),
    (x[i] / (y[i] / 2), r"\frac{x_{i}}{\frac{y_{i}}{2}}", "x_i/(y_i/2)"),
    (-(x[i] ** 2), r"- x_{i}^{2}", "−x_i^2"),
    ((-x[i]) ** 2, r"(- x_{i})^{2}", "(−x_i)^2"),
    ((x[i] / y[i]) ** 2, r"\left( \frac{x_{i}}{y_{i}} \right)^{2}", "(x_i/y_i)^2"),
    (2 ** x[i], r"2^{x_{i}}", "2^x_i"),
    (2.84 * x[i], r"2.84x_{i}", "2.84 x_i"),
    (x[i] + 0.000001, r"x_{i} + 1 \cdot 10^{-6}", "x_i + 1e−06"),
    (sf.sum(Q[i, c] * K[j, c], j, c), r"\sum_{j}\sum_{c}Q_{ic}K_{jc}", "Σ_j Σ_c Q_ic K_jc"),
    (sf.sum(x[k], k) * 2, r"\left( \sum_{k}x_{k} \right) \cdot 2", "(Σ_k x_k) · 2"),
    (sf.sum(x[k] + y[k], k), r"\sum_{k}(x_{k} + y_{k})", "Σ_k (x_k + y_k)"),
    (sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k), r"\frac{e^{x_{i}}}{\sum_{k}e^{x_{k}}}", "exp(x_i)/(Σ_k exp(x_k))"),
    (sf.diff(x[i], x[j]) * y[j], r"\frac{\partial x_{i}}{\partial x_{j}}y_{j}", "(∂x_i)/(∂x_j) y_j"),
    (sf.delta(i, j) - 1 / n, r"\delta_{ij} - \frac{1}{n}", "δ_ij − 1/n"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "latex", "text"), FORMS, ids=[form[2] for form in FORMS])
def test_a_form_prints_as_it_was_written(node, latex, text):
    assert sympy.latex(node) == latex
    assert str(node) == text
    assert node._repr_latex_() == f"$\\displaystyle {latex}$"


# In SymPy. ------------------------------------------------------------------------------------------------------------

X = sympy.IndexedBase("x", shape=(n,))


def test_an_entry_is_an_expression_and_sympifies_to_a_plain_one():
    node = 2 * x[i] + x[i]
    assert isinstance(node, sympy.Expr)
    plain = sympy.sympify(node)
    assert plain == 3 * X[i]
    assert not [part for part in sympy.preorder_traversal(plain) if isinstance(part, type(node))]


@pytest.mark.parametrize(
    ("got", "want"),
    [
        ((x[i] ** 2).subs(X[i], 3), sympy.Integer(9)),
        ((x[i] ** 2).subs(x[i], 3), sympy.Integer(9)),
        ((x[i] * 2).xreplace({x[i]: t}), 2 * t),
        ((x[i] ** 2).diff(x[i]), 2 * X[i]),
        (sympy.diff(x[i] ** 2, x[i]), 2 * X[i]),
        (sympy.exp(x[i] + x[i]), sympy.exp(2 * X[i])),
        (sympy.sqrt(x[i] + 1), sympy.sqrt(X[i] + 1)),
        (sympy.Matrix([[x[i], x[i] + x[i]]]), sympy.Matrix([[X[i], 2 * X[i]]])),
        (sympy.expand((x[i] + 1) ** 2), X[i] ** 2 + 2 * X[i] + 1),
        (sympy.simplify(x[i] / x[i]), sympy.Integer(1)),
        (sf.sum(x[k], k).subs(n, 3).doit(), X[1] + X[2] + X[3]),
        (sf.sqrt(x[i]).subs(x[i], 4), sympy.Integer(2)),
        (sum([x[i], x[i]]), 2 * X[i]),
    ],
)  # fmt: skip
def test_sympy_accepts_entries(got, want):
    assert str(sympy.sympify(got)) == str(want)


def test_numbers_of_every_kind_can_stand_in_a_formula():
    for number in (
        3,
        0.25,
        Fraction(1, 3),
        sympy.Rational(2, 7),
        sympy.pi,
        sympy.sqrt(2),
        np.int64(3),
        np.float64(0.5),
    ):
        node = x[i] * number
        assert abs(float(sympy.sympify(node / x[i])) - float(number)) < 1e-15


# Substitution. --------------------------------------------------------------------------------------------------------


def test_substitution_renames_a_bound_index_that_would_capture():
    """exp(A_ij) / Σ_k exp(A_ik) at i = k: a captured k would sum the diagonal."""
    square = sf.tensor("A", n, n)
    entry = sf.exp(square[i, j]) / sf.sum(sf.exp(square[i, k]), k)
    moved = sf.define("r", k, substitute(entry, {i: k, j: 1})).explicit(n=3)
    entries = np.arange(9.0).reshape(3, 3) ** 2 / 20
    at = {f"A_{row + 1}_{column + 1}": entries[row, column] for row, column in np.ndindex(3, 3)}
    got = [float(value.subs({symbol: at[symbol.name] for symbol in value.free_symbols})) for value in moved]
    np.testing.assert_allclose(got, np.exp(entries[:, 0]) / np.exp(entries).sum(axis=1), rtol=1e-13)


def test_substitution_leaves_a_bound_index_alone_and_reaches_sizes():
    assert substitute(sf.sum(x[k], k), {k: 2}) == sf.sum(x[k], k)
    assert n not in substitute(sf.sum(sf.sum(a, (j, n)), (k, n + m)), {n: 4}).plain().free_symbols


@pytest.mark.parametrize("method", ["subs", "xreplace"])
def test_sympys_own_substitution_does_not_capture_either(method):
    """i → k in Σ_k A_ik must not give the trace."""
    square = sf.tensor("A", n, n)
    row = sf.sum(square[i, k], k)
    moved = row.subs(i, k) if method == "subs" else row.xreplace({i: k})
    trace = sympy.Sum(sympy.IndexedBase("A", shape=(n, n))[j, j], (j, 1, n)).subs(n, 3).doit()
    assert sympy.expand(moved.subs(n, 3).doit() - trace) != 0
    assert k in moved.free_symbols


# Shapes. --------------------------------------------------------------------------------------------------------------

V = sf.tensor("V", m, d_k)
WRONG = {
    "index k runs over n in x but over m in V": lambda: sf.sum(x[k] * V[k, f], k),
    "index j runs over m in A but over n in x": lambda: A[i, j] + x[j],
    "index i runs over n in x but over m in the sum": lambda: sf.sum(x[i], (i, m)),
    "x has 1 axis (n), got 2 indices": lambda: x[i, j],
    "A has 2 axes (n, m), got 1 indices": lambda: A[i],
    "x: index 0 is outside 1..n": lambda: x[0],
    "x: index -1 is outside 1..n": lambda: x[-1],
    "z: index 4 is outside 1..3": lambda: sf.tensor("z", 3)[4],
    "write (k, n)": lambda: sf.sum(sf.exp(x[i]), k),
    "write (i, n)": lambda: sf.max(2, i),
    "size 0 is no positive integer": lambda: sf.tensor("z", 0),
    "size -1 is no positive integer": lambda: sf.tensor("z", -1),
    "kind 'odd' is not one of": lambda: sf.tensor("z", n, kind="odd"),
    "x is symbolic": lambda: list(x),
    "'a' cannot stand in a formula": lambda: x[i] + "a",
    "a derivative is taken by an entry": lambda: sf.diff(x[i], t),
    "relation '~' is not one of": lambda: sf.indicator(i, "~", j),
    # What Python or NumPy would ask of a number: it works, or says what to write.
    "write sf.where(x_i > 0, a, b) for a choice": lambda: 1 if x[i] > 0 else 2,
    "sf.maximum or sf.minimum for the larger": lambda: max(x[i], 0),
    "[x_i < 3] has no truth value": lambda: min(3, x[i]),
    "and & | ~ for and, or, not": lambda: x[i] > 0 and x[i] < 1,
    "[x_i > 0] has no truth value": lambda: 0 < x[i] < 1,
    "write sf.indicator(a, '=', b)": lambda: sf.where(x[i] == 1, 1, 0),
    "such as sf.softmax, takes a whole tensor": lambda: sf.softmax(A[i, j]),
    "write sf.exp, sf.sqrt, sf.floor": lambda: math.exp(x[i]),
    "and cannot go into math.exp, float, int or round": lambda: float(x[i]),
    "x_i has no value before its entries have numbers": lambda: int(x[i]),
    "round: write sf.floor": lambda: round(x[i]),
    "np.arctan of x_i is not known here": lambda: np.arctan(x[i]),
    "array([1., 1., 1.]) cannot stand in a formula": lambda: np.ones(3) * x[i],
    "nan cannot stand in a formula": lambda: x[i] * math.nan,
    "-inf cannot stand in a formula: hide entries with sf.where": lambda: sf.where(x[i] > 0, x[i], -math.inf),
    "None cannot stand in a formula": lambda: x[i] + None,
    "I has no written form": lambda: x[i] * 1j,
    "meets a whole array; write whole arrays alone": lambda: x[i] ** x,
    "index 0 is outside 1..n; indices count from 1": lambda: x[0],
    # Names and sizes: a string is a name, and never evaluated.
    "a size of tensor z is a whole number or made of symbols that sf.sizes gives, not 'n'": lambda: sf.tensor("z", "n"),
    "not '__import__(\"os\")'": lambda: sf.tensor("z", '__import__("os")'),
    "not '2*n'": lambda: sf.tensor("z", "2*n"),
    "is no positive integer": lambda: sf.tensor("z", 2.5),
    "tensor name '1x': a name is letters": lambda: sf.tensor("1x", n),
    "tensor name 'a b'": lambda: sf.define("a b", i, x[i]),
    "not 'i'": lambda: sf.define("a", "i", x[i]),
    "no tensor in the body carries index j; write (j, n)": lambda: sf.define("a", (i, j), x[i]),
    "index i is free in the body but not among its indices": lambda: sf.define("a", (), x[i]),
    "scan: x becomes x_i; expected a tensor": lambda: sf.scan({x: x[i]}, (i, n), {}),
    "there is no q to differentiate by; the inputs are x": lambda: sf.gradient(
        sf.program(sf.define("L", (), sf.sum(x[i], i))), wrt="q"
    ),
    "index c runs over d_k in V but over n in x": lambda: sf.sum(V[k, c] * x[c], c),
}  # fmt: skip


def test_what_numpy_and_python_ask_of_numbers_works_on_entries():
    assert str(abs(x[i])) == "|x_i|"
    assert str(np.maximum(x[i], 0)) == "max(x_i, 0)"
    assert str(np.exp(x[i]) + np.int64(2)) == "exp(x_i) + 2"
    assert str(x[i] // 2) == "⌊x_i/2⌋"
    assert str(sf.where((x[i] > 0) & ~(x[i] > 1), x[i], 0)) == "{x_i if x_i > 0 ∧ x_i ≤ 1; 0 otherwise}"


@pytest.mark.parametrize("message", WRONG)
def test_what_has_no_meaning_is_refused_where_it_is_written(message):
    with pytest.raises(sf.NotationError) as caught:
        WRONG[message]()
    assert message in str(caught.value)
    assert caught.traceback[1].path.name == "test_notation.py"  # the line that was written, not a later one


@pytest.mark.parametrize("index", [1.5, "i", x])
def test_an_index_is_an_integer_expression(index):
    with pytest.raises(sf.NotationError):
        _ = x[index]


def test_a_conflict_hidden_under_a_sum_is_found_too():
    with pytest.raises(sf.ShapeError, match="index j runs over m in A but over d_k in Q"):
        _ = sf.sum(A[i, j], i) * sf.sum(Q[i, j], i)


def test_one_letter_may_be_bound_twice_with_different_sizes():
    assert str(sf.sum(x[k], k) * sf.sum(V[k, f], k)) == "(Σ_k x_k) Σ_k V_kf"


# Identity. ------------------------------------------------------------------------------------------------------------


def test_equal_expressions_have_equal_digests_and_others_do_not():
    forms = [form[0] for form in FORMS]
    assert len({node.digest for node in forms}) == len(forms)
    assert (x[i] + 1).digest == (sf.tensor("x", n)[i] + 1).digest
    assert x[i] + 1 == sf.tensor("x", n)[i] + 1
    assert hash(x[i] * 2) == hash(x[i] * 2)
    assert x[i] * 2 != 2 * x[i]
    assert x[i] != sf.tensor("x", n, kind="positive")[i]
    assert lift(0.5) != lift(Fraction(1, 2))


def test_expressions_survive_pickling():
    for node, _, _ in FORMS:
        assert pickle.loads(pickle.dumps(node)).digest == node.digest


def test_digests_are_the_same_in_every_process():
    code = (
        "import symformer as sf\n"
        "n, d = sf.sizes('n d'); i, j, k, c = sf.indices('i j k c')\n"
        "Q = sf.tensor('Q', n, d, kind='random', moments={2: 1, 1: 0})\n"
        "P = sf.softmax(sf.define('S', (i, j), sf.sum(Q[i, c] * Q[j, c], c) / sf.sqrt(d)))\n"
        "print(P.digest, P[i, j].digest, P.written.digest, (2.5 * P[i, j] ** 2).digest)"
    )
    printed = set()
    for seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (sigmoid, lambda x: 1 / (1 + sf.exp(-x))),
        (softplus, lambda x: sf.log(1 + sf.exp(x))),
        (relu, lambda x: x * sf.indicator(x, ">", 0)),
    ],
)
def test_a_function_with_a_formula_is_that_formula(function, formula):
    i, x = sf.indices("i"), sf.tensor("x", sf.sizes("n"))
    assert sf.judge(function(x[i]), "=", formula(x[i])).kind in ("proved", "checked")
    assert sf.judge(sf.diff(function(x[i]), x[i]), "=", sf.diff(formula(x[i]), x[i])).kind in ("proved", "checked")
    assert sf.judge(function(x[i]), "=", formula(2 * x[i])).kind == "refuted"


def test_the_slope_of_the_error_function_is_a_bell():
    i, x = sf.indices("i"), sf.tensor("x", sf.sizes("n"))
    bell = lift(2) / sf.sqrt(sympy.pi) * sf.exp(-(x[i] ** 2))
    assert sf.judge(sf.diff(erf(x[i]), x[i]), "=", bell).kind == "proved"
    assert sf.judge(sf.diff(erf(x[i]), x[i]), "=", -bell).kind == "refuted"


WORDS = [
    ({"positive": True}, 'positive is a kind: write kind="positive"'),
    ({"mask": True}, 'mask is a kind: write kind="mask"'),
    ({"uper": 3}, "there is no option uper; expected lower, upper"),
    ({"lower": 0}, 'lower belongs to kind="integer" or kind="interval", not to kind="real"'),
    ({"kind": "mask", "moments": {1: 0}}, 'moments belongs to kind="random"'),
    ({"kind": "integer", "upper": True}, "upper: expected a number, or an expression of sizes, got True"),
    ({"kind": "integer", "upper": "print(1)"}, "upper: expected a number"),
    ({"kind": "mask", "sees": 1}, "sees: expected True or False, got 1"),
    ({"kind": "random", "moments": 3}, "moments: expected"),
    ({"kind": "random", "moments": {True: 0}}, "moments: expected"),
    ({"kind": "random", "moments": {1: "0"}}, "moment 1: expected a number"),
]


@pytest.mark.parametrize(("said", "words"), WORDS, ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_said_of_a_tensor_and_does_not_belong_there_is_told_with_the_cure(said, words):
    for make in (lambda: sf.tensor("x", sf.sizes("n"), **said), lambda: sf.scalar("x", **said)):
        with pytest.raises(sf.NotationError, match=f"tensor x: .*{re.escape(words)}"):
            make()
