"""Programs: definitions in order, calls under a renaming, and what one tensor can be asked for."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symformer as sf

n, m, d, e, p, q = sf.sizes("n m d e p q")
i, j, k, c = sf.indices("i j k c")
x = sf.tensor("x", n)
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d))
P = sf.softmax(S, name="P")
O = sf.define("O", (i, c), sf.sum(P[i, j] * V[j, c], j))


def names(tensors):
    return [tensor.name for tensor in tensors]


# Definitions. ---------------------------------------------------------------------------------------------------------


def test_a_definition_knows_its_shape_indices_and_expression():
    assert S.shape == (n, m)
    assert S.indices == (i, j)
    assert str(S) == "S_ij = (Σ_c Q_ic K_jc)/√d"
    assert sympy.latex(S) == r"S_{ij} = \frac{\sum_{c}Q_{ic}K_{jc}}{\sqrt{d}}"


def test_a_range_that_no_tensor_carries_is_given():
    ones = sf.define("ones", ((i, n), (j, m)), 1)
    assert ones.shape == (n, m)
    assert ones.explicit(n=1, m=2) == sympy.Matrix([[1, 1]])
    assert sf.define("count", (i, n), i).explicit(n=3).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sf.define("s", i, x[j]), "index j is free in the body but not among its indices"),
        (lambda: sf.define("s", (), x[j]), "index j is free in the body"),
        (lambda: sf.define("s", (i, j), x[i]), "no tensor in the body carries index j"),
        (lambda: sf.define("s", (i, i), x[i]), "listed twice"),
        (lambda: sf.define("s", ((i, m),), x[i]), "index i runs over m in the definition but over n in x"),
        (lambda: S[i], "S has 2 axes (n, m), got 1 indices"),
        (lambda: sf.program(x), "not inputs"),
        (lambda: sf.program(), "needs outputs"),
        (lambda: sf.program(S, inputs=[Q]), "reads K, which is not among its inputs"),
        (lambda: sf.textbook(S), "S is no call"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(sf.NotationError) as caught:
        make()
    assert message in str(caught.value)


# Programs. ------------------------------------------------------------------------------------------------------------


def test_statements_come_after_what_they_are_computed_from():
    program = sf.program(O)
    assert names(program.inputs) == ["Q", "K", "V"]
    assert names(program) == ["S", "P", "O"]
    assert names(program.sizes) == ["d", "e", "m", "n"]
    assert program["P"] == P
    assert program["Q"] == Q
    assert str(program).splitlines()[1] == "P = softmax(S)"


def test_unfolding_opens_calls_in_either_form_under_free_names():
    assert names(sf.program(O).unfold()) == ["S", "P", "O"]
    stable = sf.program(O).unfold(stable=True)
    assert names(stable) == ["S", "m", "u", "Z", "P", "O"]
    assert names(sf.program(sf.softmax(sf.softmax(S), name="R")).unfold(stable=True)).count("m") == 1


def test_names_are_unique():
    u, other = sf.define("u", i, 2 * x[i]), sf.define("u", i, 3 * x[i])
    with pytest.raises(sf.NotationError, match="two different tensors are called u"):
        sf.program(sf.define("w", i, u[i] + other[i]))


def test_two_inputs_of_one_name_are_never_taken_for_one():
    """x real plus x positive is not 2 x: the line that says so is refused."""
    with pytest.raises(sf.NotationError, match="two different tensors are called x"):
        sf.define("w", i, x[i] + sf.tensor("x", n, kind="positive")[i])


def test_an_input_that_is_not_used_may_stand_in_the_order():
    program = sf.program(S, inputs=[V, K, Q])
    assert names(program.inputs) == ["V", "K", "Q"]
    got = sf.lambdify(program)(np.ones((3, 5)), np.ones((3, 4)), 2 * np.ones((2, 4)))
    np.testing.assert_allclose(got, np.full((2, 3), 4.0))


def test_several_outputs_make_several_arrays():
    both = sf.lambdify(sf.program(S, P))
    scores, shares = both(np.eye(2), np.eye(2))
    np.testing.assert_allclose(scores, np.eye(2) / np.sqrt(2))
    np.testing.assert_allclose(shares.sum(axis=-1), 1)


# Calls. ---------------------------------------------------------------------------------------------------------------

X, Y, Z = sf.tensor("X", p, q), sf.tensor("Y", p, q), sf.tensor("Z", p, d)


def test_a_program_is_called_on_other_tensors_and_sizes():
    result = sf.program(O)(X, Y, Z, name="R")
    assert result.shape == (p, d)
    assert result.program is not None
    assert {str(size) for size in result.expr.free_symbols if size.is_positive} == {"p", "q", "d"}
    assert sf.judge(result[i, c], "=", sf.attention(X, Y, Z)[i, c]).kind in ("proved", "exact", "checked")


def test_a_program_can_be_called_on_its_own_results():
    square = sf.tensor("A", n, n)
    twice = sf.program(sf.define("B", (i, j), sf.sum(square[i, k] * square[k, j], k)))
    fourth = twice(twice(square), name="F")
    got = sf.lambdify(fourth)(np.array([[1.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(got, [[1, 4], [0, 1]])


def test_concrete_sizes_are_sizes_too():
    fixed = sf.program(S)(sf.tensor("a", 2, 3), sf.tensor("b", 4, 3))
    assert fixed.shape == (2, 4)
    assert fixed.explicit().shape == (2, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X,), "takes 2 tensors, got 1"),
        ((X, Z), "size d is q elsewhere but d in Z"),
        ((X, x), "expected 2 axes, x has 1"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(arguments, message):
    with pytest.raises(sf.ShapeError) as caught:
        sf.program(S)(*arguments)
    assert message in str(caught.value)


# What an op gives, as the contract says. ------------------------------------------------------------------------------

B = sf.tensor("B", n, m)
OPS = {
    "softmax": (sf.softmax(B), {"n": 2, "m": 3}),
    "log_softmax": (sf.log_softmax(x), {"n": 3}),
    "logsumexp": (sf.logsumexp(B), {"n": 2, "m": 3}),
    "layer_norm": (sf.layer_norm(B), {"n": 2, "m": 3}),
    "linear": (sf.linear(Q, sf.tensor("W", d, e)), {"n": 2, "d": 2, "e": 1}),
    "attention": (sf.attention(Q, K, V), {"n": 2, "m": 3, "d": 1, "e": 2}),
    "cross_entropy": (sf.cross_entropy(B, sf.tensor("y", n, m)), {"n": 2, "m": 2}),
}


@pytest.mark.parametrize("name", OPS)
def test_an_op_has_expression_indices_shape_program_and_notebook_form(name):
    tensor, _ = OPS[name]
    assert isinstance(tensor.expr, sympy.Expr)
    assert set(tensor.indices) <= tensor.expr.free_symbols
    assert len(tensor.shape) == len(tensor.indices)
    assert isinstance(tensor.program, sf.Program)
    assert names(tensor.program)[-1] == tensor.name
    assert tensor._repr_latex_() == f"$\\displaystyle {sympy.latex(tensor)}$"
    assert isinstance(tensor.expr.subs(tensor.shape[0] if tensor.shape else n, 2), sympy.Expr)


@pytest.mark.parametrize("name", OPS)
def test_sympys_lambdify_of_the_explicit_form_is_ours(name):
    """SymPy on scalars and our array function, on the same random numbers."""
    tensor, sizes = OPS[name]
    function = sf.lambdify(tensor)
    random = np.random.default_rng(7)
    shapes = [tuple(sizes[str(size)] for size in source.shape) for source in tensor.program.inputs]
    arrays = [random.standard_normal(shape) if shape else np.float64(0.25) for shape in shapes]
    entries = tensor.explicit(**sizes)
    letters = {}
    for source, array in zip(tensor.program.inputs, arrays, strict=True):
        for place in np.ndindex(np.shape(array)):
            letters["_".join([source.name, *(str(number + 1) for number in place)])] = array[place]
    symbols = sorted(entries.free_symbols, key=str)
    got = sympy.lambdify(symbols, entries)(*(letters[str(symbol)] for symbol in symbols))
    np.testing.assert_allclose(np.array(got, float), function(*arrays), rtol=1e-12)


def test_explicit_is_a_matrix_an_array_or_an_expression():
    assert isinstance(S.explicit(n=1, m=2, d=1), sympy.ImmutableDenseMatrix)
    assert isinstance(sf.softmax(x).explicit(n=2), sympy.ImmutableDenseNDimArray)
    assert isinstance(sf.logsumexp(x).explicit(n=2), sympy.Expr)
    assert str(S.explicit(n=1, m=1, d=2)[0, 0]) == "sqrt(2)*(K_1_1*Q_1_1 + K_1_2*Q_1_2)/2"
    assert sympy.latex(sf.softmax(x).explicit(n=1)) == r"\left[\begin{matrix}1\end{matrix}\right]"
    assert S.explicit({n: 1, m: 1, d: 1}) == S.explicit(n=1, m=1, d=1)
    first, second = sympy.symbols("Q_1_1 K_1_1", real=True)
    assert S.explicit(n=1, m=1, d=1).subs({first: 2, second: 3}) == sympy.Matrix([[6]])


def test_explicit_takes_masks_as_numbers():
    M = sf.tensor("M", n, n, kind="mask", sees=True)
    masked = sf.attention(sf.tensor("a", n, d), sf.tensor("b", n, d), sf.tensor("v", n, e), M)
    got = masked.explicit(n=2, d=1, e=1, M=[[1, 0], [1, 1]])
    assert str(got[0, 0]) == "v_1_1"
    assert masked.explicit(n=2, d=1, e=1, M=np.array([[True, False], [True, True]])) == got


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n": 2, "m": 2}, "size d must be a positive integer, got None"),
        ({"n": 2, "m": 2, "d": 0}, "size d must be a positive integer, got 0"),
        ({"n": 2, "m": 2, "d": 1.5}, "size d must be a positive integer, got 1.5"),
        ({"n": 2, "m": 2, "d": True}, "size d must be a positive integer, got True"),
        ({"n": 2, "m": 2, "d": 1, "z": 1}, "no size or input is called z"),
        ({"n": 2, "m": 1, "d": 1, "Q": [[1], [2], [3]]}, "Q"),
        ({"n": 2, "m": 1, "d": 1, "Q": [[1]]}, "Q"),
    ],
)
def test_explicit_names_what_is_missing_or_unknown(sizes, message):
    with pytest.raises(sf.NotationError) as caught:
        S.explicit(**sizes)
    assert message in str(caught.value)


@pytest.mark.parametrize("number", [sympy.Integer(2), np.int64(2)])
def test_whole_numbers_of_every_kind_are_sizes(number):
    assert sf.softmax(x).explicit(n=number) == sf.softmax(x).explicit(n=2)


def test_an_entry_at_a_place_is_a_function_too():
    assert sf.lambdify(sf.define("r", (), x[2] - x[1]))(np.array([3.0, 10.0])) == 7
    np.testing.assert_allclose(sf.lambdify(sf.define("r", i, Q[i, 1]))(np.array([[1.0, 2], [3, 4]])), [1, 3])
