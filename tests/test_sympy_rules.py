"""What is an `Expr` answers as SymPy would on its plain form, and what SymPy makes of it is a formula again."""

from __future__ import annotations

import copy
import pickle
from typing import Any, NamedTuple

import pytest
import sympy

import symformer as sf
from symformer.notation import lift
from symformer.notation.node import Node

n, m = sf.sizes("n m")
i, j, k, q = sf.indices("i j k q")
x, y = sf.tensor("x", n), sf.tensor("y", n)
A = sf.tensor("A", n, n)
mask = sf.tensor("M", n, n, kind="mask")
g, eps = sf.scalar("g"), sf.scalar("eps", kind="positive")
w = sympy.Wild("w")

FORMS = {
    "entry": x[i],
    "number": g,
    "index": lift(i),
    "constant": lift(3),
    "decimal": lift(0.5),
    "pi": sf.pi * 1,
    "sum of terms": x[i] + g - 1,
    "negative": -x[i],
    "product": 2 * x[i] * g,
    "fraction": (x[i] + 1) / (g * x[i]),
    "power": (x[i] + g) ** 2,
    "odd power": (x[i] + eps) ** sympy.Rational(-3, 2),
    "function": sf.exp(x[i] + g) * sf.tanh(x[i]) + sf.log(eps),
    "root": sf.sqrt(eps + 1),
    "relu": sf.relu(x[i]) * 2,
    "sum": sf.sum(A[i, k] * x[k], k),
    "double sum": g * sf.sum(A[j, k], j, k),
    "maximum": sf.max(A[i, k], k) + 1,
    "delta": sf.delta(i, j) * x[j],
    "indicator": sf.indicator(j, "<=", i) * x[i],
    "derivative": sf.diff(x[i] ** 2, x[j]) * g,
    "expectation": sf.expect(x[i]) + g,
    "softmax": sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k),
}  # fmt: skip


class Letters(NamedTuple):
    """What methods are given: expressions of ours, or their plain forms."""

    g: Any
    eps: Any
    xi: Any
    xj: Any
    yi: Any
    yj: Any


OURS = Letters(g, eps, x[i], x[q], y[i], y[q])
PLAIN = Letters(*map(sympy.sympify, OURS))

METHODS = {
    "has": lambda e, s: (e.has(s.g), e.has(s.xi), e.has(s.yi), e.has(i), e.has(sympy.exp), e.has(sympy.Symbol)),
    "atoms": lambda e, s: (e.atoms(), e.atoms(sympy.Symbol), e.atoms(sympy.Indexed), e.atoms(sympy.Number)),
    "coeff": lambda e, s: (e.coeff(s.g), e.coeff(s.xi), e.coeff(s.xi, 2), e.coeff(s.g, 0)),
    "is_constant": lambda e, s: e.is_constant(s.g),
    "free_symbols": lambda e, s: e.free_symbols,
    "evalf": lambda e, s: (e.evalf(20), e.n()),
    "expand": lambda e, s: (e.expand(), sympy.expand(e)),
    "replace": lambda e, s: (e.replace(s.g, s.eps), e.replace(sympy.exp, sympy.sin), e.replace(s.xi, s.yi)),
    "cse": lambda e, s: [[sympy.sympify(one) for one in part] for part in sympy.cse(e)],
    "cse of a matrix": lambda e, s: sympy.cse(sympy.Matrix([sympy.sin(e), e * s.g, e])),
    "preorder_traversal": lambda e, s: list(map(sympy.sympify, sympy.preorder_traversal(e))),
    "postorder_traversal": lambda e, s: list(map(sympy.sympify, sympy.postorder_traversal(e))),
    "count_ops": lambda e, s: (e.count_ops(), sympy.count_ops(e), e.count_ops(visual=True)),
    "count": lambda e, s: e.count(s.g),
    "as_coefficients_dict": lambda e, s: e.as_coefficients_dict(),
    "as_ordered_terms": lambda e, s: e.as_ordered_terms(),
    "as_numer_denom": lambda e, s: e.as_numer_denom(),
    "as_independent": lambda e, s: e.as_independent(s.g),
    "as_coeff_Mul": lambda e, s: (e.as_coeff_Mul(), e.as_coeff_Add()),
    "as_base_exp": lambda e, s: e.as_base_exp(),
    "match": lambda e, s: (e.match(w * s.g), e.match(w + s.g)),
    "find": lambda e, s: e.find(sympy.Symbol),
    "nsimplify": lambda e, s: (e.nsimplify(), sympy.nsimplify(e)),
    "together": lambda e, s: (e.together(), sympy.together(e)),
    "factor": lambda e, s: (e.factor(), sympy.factor(e)),
    "cancel": lambda e, s: sympy.cancel(e),
    "collect": lambda e, s: (e.collect(s.g), sympy.collect(e, s.g)),
    "subs": lambda e, s: (e.subs(s.g, 2), e.subs({s.g: s.eps}), e.subs([(s.g, s.xj), (i, q)]), e.subs(n, 4)),
    "xreplace": lambda e, s: (e.xreplace({s.g: sympy.Integer(2)}), e.xreplace({s.xi: s.yj})),
    "rewrite": lambda e, s: e.rewrite(sympy.exp),
    "diff": lambda e, s: e.diff(s.g),
    "is_number": lambda e, s: (e.is_number, e.is_real, e.is_positive, e.is_zero, e.is_integer, e.is_finite),
    "is_Add": lambda e, s: (e.is_Add, e.is_Mul, e.is_Pow, e.is_Symbol, e.is_Number, e.is_Rational, e.is_Function),
    "is_polynomial": lambda e, s: e.is_polynomial(s.g),
    "equals": lambda e, s: e.equals(e + 1),
    "args": lambda e, s: (e.args, e.func == sympy.sympify(e).func),
    "could_extract_minus_sign": lambda e, s: e.could_extract_minus_sign(),
    "sort_key": lambda e, s: e.sort_key(),
    "as_powers_dict": lambda e, s: e.as_powers_dict(),
    "as_content_primitive": lambda e, s: e.as_content_primitive(),
    "has_free": lambda e, s: (e.has_free(sympy.sympify(g)), e.has_free(i)),
    "as_dummy": lambda e, s: sympy.latex(e.as_dummy()),
    "sympify": lambda e, s: sympy.sympify(e),
    "Tuple": lambda e, s: (sympy.Tuple(e), sympy.Eq(e, 1), sympy.Matrix([e])),
}  # fmt: skip


ERRORS = (TypeError, ValueError, AttributeError, NotImplementedError, sympy.PolynomialError, ZeroDivisionError)


def answer(method, expression, letters):
    """What comes back, or the kind of error."""
    try:
        return METHODS[method](expression, letters)
    except ERRORS as error:
        return type(error)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_answers_as_on_the_plain_form(method):
    for name, form in FORMS.items():
        assert answer(method, form, OURS) == answer(method, form.plain(), PLAIN), name


@pytest.mark.parametrize("form", FORMS)
def test_an_expression_is_made_of_its_parts(form):
    e = FORMS[form]
    assert e.func(*e.args) == e
    assert hash(e.func(*e.args)) == hash(e)
    for part in sympy.preorder_traversal(sympy.sympify(e)):
        if part.args:
            assert part.func(*part.args) == part


@pytest.mark.parametrize("form", FORMS)
def test_copies_and_pickles_are_the_same(form):
    e = FORMS[form]
    for made in (copy.copy(e), copy.deepcopy(e), pickle.loads(pickle.dumps(e)), e.copy()):
        assert made == e and hash(made) == hash(e) and type(made) is type(e)
    plain = e.plain()
    for made in (copy.copy(plain), copy.deepcopy(plain), pickle.loads(pickle.dumps(plain))):
        assert made == plain
        assert lift(made) == lift(plain)


# And back. ------------------------------------------------------------------------------------------------------------

MAKES = {
    "subs an index": lambda e: e.subs(i, j),
    "subs a bound letter": lambda e: e.subs(i, k),
    "subs a number": lambda e: e.subs(g, eps),
    "subs nothing": lambda e: e.subs(m, 3),
    "xreplace": lambda e: e.xreplace({x[i]: y[i]}),
    "expand": lambda e: e.expand(),
    "simplify": sympy.simplify,
    "together": lambda e: e.together(),
    "factor": sympy.factor,
    "sympify": sympy.sympify,
    "replace": lambda e: e.replace(g, eps),
}  # fmt: skip


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("form", FORMS)
def test_what_sympy_makes_of_it_is_a_formula_again(form, make):
    made = MAKES[make](FORMS[form])
    written = lift(made)
    assert sympy.simplify(written.plain() - made) == 0
    again = 2 * made + x[i]
    assert isinstance(lift(again), Node)
    assert lift(sf.sum(again, i)).ranges.keys() <= {i, j, k}
    assert str(sf.diff(made, x[j]))
    free = tuple(sorted(lift(again).ranges, key=str))
    assert sf.define("again", free, again).shape == (n,) * len(free)


def test_the_tensor_comes_back_and_not_one_of_its_name():
    """SymPy's caches know expressions by their names; ours do not."""
    positive, computed = sf.tensor("x", n, kind="positive"), sf.define("x", i, 2 * y[i])
    for tensor in (x, positive, computed, x):
        for make in (sympy.expand, sympy.simplify, lambda e: e.subs(j, k), lambda e: e + 1):
            (found,) = {part.tensor for part in walk_entries(lift(make(tensor[i] * g + 1))) if part.tensor.shape}
            assert found == tensor
    assert sf.tensor("g")[()].plain() == g.plain() != sf.scalar("g", kind="positive").plain()


def walk_entries(node):
    """Entries of tensors in an expression."""
    own = [node] if hasattr(type(node), "tensor") else []
    return own + [found for kid in node.kids for found in walk_entries(kid)]


def test_what_sympy_alone_would_write_is_found():
    X, G = sympy.IndexedBase("x", shape=(n,)), sympy.Symbol("g", real=True)
    for e in (x[i] * g + x[i], sympy.expand(x[i] * (g + 1))):
        assert sympy.expand(e.subs(X[i], 3)) == 3 * g.plain() + 3
        assert sympy.expand(e.subs(G, 3)) == 4 * x[i].plain()
        assert sympy.expand(e.xreplace({X[i]: sympy.Integer(3)})) == 3 * g.plain() + 3
    assert sympy.sympify(x[i]) == X[i] and hash(sympy.sympify(x[i])) == hash(X[i])
    assert X[i] - x[i].plain() == 0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sympy.Symbol("t"), sympy.Symbol("t", real=True)),
        (sympy.Symbol("t", positive=True), sympy.Symbol("t", integer=True, positive=True)),
        (sympy.Symbol("t", integer=True), sympy.Symbol("t")),
        (sympy.Dummy("t"), sympy.Dummy("t")),
    ],
)
def test_symbols_that_differ_in_assumptions_are_different(left, right):
    assert x[i] + left != x[i] + right
    assert lift(left) != lift(right)
    size = {"integer": True, "positive": True}
    assert sf.tensor("z", sympy.Symbol("t", **size)) != sf.tensor("z", sympy.Symbol("t", **size, even=True))
    assert sf.sum(g, (i, sympy.Symbol("t", **size))) != sf.sum(g, (i, sympy.Symbol("t", **size, even=True)))


@pytest.mark.parametrize("method", ["subs", "xreplace", "replace"])
def test_no_substitution_captures_a_bound_index(method):
    row = sf.sum(A[i, k] * x[k], k)
    moved = {
        "subs": lambda: row.subs(i, k),
        "xreplace": lambda: row.xreplace({i: k}),
        "replace": lambda: row.replace(i, k),
    }
    made = moved[method]()
    assert k in made.free_symbols
    assert lift(made).ranges.keys() == {k}


P = sf.softmax(sf.define("z", i, 2 * x[i]), name="P")


@pytest.mark.parametrize(
    "ask", [lambda: P[i].diff(x[j]), lambda: sf.diff(P[i] * g, x[j]).doit(), lambda: P[i].diff(x[i])]
)
def test_sympy_is_not_asked_for_the_derivative_of_what_is_computed(ask):
    """It would say 0."""
    with pytest.raises(sf.NotationError, match=r"P is computed from what .* is differentiated by"):
        ask()
    assert (x[i] ** 2).diff(x[i]) == 2 * x[i].plain()


CASES = {
    "min": (sympy.Min(x[i].plain(), g.plain()), lambda a, b: min(a, b)),
    "max": (sympy.Max(x[i].plain(), g.plain(), 1), lambda a, b: max(a, b, 1)),
    "abs": (sympy.Abs(x[i].plain()), lambda a, b: abs(a)),
    "sign": (sympy.sign(x[i].plain()), lambda a, b: (a > 0) - (a < 0)),
    "step": (sympy.Heaviside(x[i].plain()), lambda a, b: (a > 0) + (a == 0) / 2),
    "cases": (
        sympy.Piecewise(
            (g.plain(), x[i].plain() > 1), (x[i].plain(), sympy.And(x[i].plain() > 0, g.plain() > 0)), (-2, True)
        ),
        lambda a, b: b if a > 1 else a if a > 0 and b > 0 else -2,
    ),
    "sinh": (sympy.sinh(x[i].plain()), lambda a, b: float(sympy.sinh(a))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_other_functions_of_sympy_have_a_written_form(case):
    plain, right = CASES[case]
    result = sf.define("r", i, lift(plain) + 0 * g * x[i])
    function = sf.lambdify(result)
    for a in (-1.5, 0.0, 0.5, 2.0):
        for b in (-1.0, 0.25):
            values = {"x": [a], "g": b}
            got = function(
                *[values[tensor.name] for tensor in sf.program(sf.define("r", i, lift(plain) + 0 * g * x[i])).inputs]
            )
            assert abs(float(got[0]) - right(a, b)) < 1e-12


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (sympy.IndexedBase("q")[i], "q is no tensor of ours"),
        (sympy.Sum(x[k].plain(), (k, 2, n)), "a sum starts at 1, not at 2"),
        (sympy.Piecewise((1, x[i].plain() > 0)), "says nothing where no condition holds"),
        (sympy.gamma(x[i].plain()), "has no written form"),
    ],
)
def test_what_has_no_written_form_is_said_in_its_own_words(plain, words):
    with pytest.raises(sf.NotationError, match=words):
        lift(plain)
