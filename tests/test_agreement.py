"""A function that differs from its definitions does not leave our hands."""

import numpy as np
import pytest

import symformer as sf
from symformer.compile.agreement import agreement, fitting_sizes
from symformer.compile.small_blocks import SMALL_BLOCKS
from symformer.functions import blocks, memory, support, tries
from symformer.programs import call

n, m, d = sf.sizes("n m d")
i, j, c = sf.indices("i j c")
X, M = sf.tensor("X", n, d), sf.tensor("M", n, m, kind="mask")
PROGRAM = sf.program(sf.define("y", (i, c), X[i, c] ** 2))


def test_a_wrong_function_is_named_with_the_place_and_both_numbers():
    with pytest.raises(sf.CompileError, match=r"f: the function computes y\[0, 0\] = .* where its definition says"):
        agreement(lambda x: x**2 + 1e-6, PROGRAM, "f")


def test_a_wrong_shape_is_named():
    with pytest.raises(sf.CompileError, match="has the shape"):
        agreement(lambda x: (x**2).T, PROGRAM, "f")


def test_sizes_differ_from_each_other_and_from_one():
    sizes = fitting_sizes(sf.program(sf.attention(sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d))))
    assert len(set(sizes.values())) == len(sizes)
    assert min(sizes.values()) > 1


def test_sizes_that_depend_on_each_other_fit():
    y = sf.define("y", (i,), sf.tensor("a", 2 * n)[i] + sf.tensor("b", n / 2)[1])
    sizes = fitting_sizes(sf.program(y))
    assert sizes[n] % 2 == 0


def test_a_mask_has_a_row_that_sees_nothing_and_one_that_sees_all():
    given = {}

    def kept(*arrays):
        given["mask"] = next(one for one in arrays if one.dtype == bool)
        return function(*arrays)

    O = sf.attention(sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d), M)
    function = sf.lambdify(O, check=False)
    kept.__kwdefaults__ = None
    assert agreement(kept, sf.program(O), "f").entries
    assert not given["mask"][0].any()
    assert given["mask"][-1].all()


def test_a_stable_form_that_is_not_the_textbook_form_is_refused():
    textbook = sf.define("s", (i, c), sf.exp(X[i, c]) / sf.sum(sf.exp(X[i, c]), c))
    stable = sf.define("s", (i, c), sf.exp(X[i, c]) / sf.sum(sf.exp(X[i, c]), i))
    broken = call("softmax", (X,), textbook, stable, "s")
    with pytest.raises(sf.CompileError, match="where its definition says"):
        sf.lambdify(broken)


@pytest.mark.parametrize("letters", ["i j", "i c", "a b", "k i", "s t", "j k", "j i", "k l"])
def test_the_gradient_of_a_softmax_is_right_under_any_letters(letters):
    """A bound index was captured: dz = p dp (1 − d p) came out, unless the letters were i and j."""
    a, b = sf.indices(letters)
    p = sf.softmax(sf.define("z", (a, b), 2 * X[a, b]), name="p")
    x, dp = np.random.default_rng(1).normal(size=(2, 3, 4))
    weights = np.exp(2 * x) / np.exp(2 * x).sum(-1, keepdims=True)
    wanted = 2 * weights * (dp - (weights * dp).sum(-1, keepdims=True))
    assert np.allclose(sf.lambdify(sf.gradient(p, "X"))(dp, x), wanted, rtol=1e-12)


def test_nothing_is_looked_at_without_check():
    function = sf.lambdify(PROGRAM, check=False)
    assert np.allclose(function(np.full((1, 1), 3.0)), 9)


def test_what_is_wrong_between_blocks_alone_is_found_at_small_sizes():
    function = sf.lambdify(sf.attention(sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d)))
    spoilt = type(function)(
        function.__name__,
        function.__reduce__()[1][1].replace("Z = added(Z, u @ ones_m[columns])", "Z = u @ ones_m[columns]"),
        function.source,
    )
    q, k, v = np.random.default_rng(0).normal(size=(3, 9, 4))
    np.testing.assert_allclose(spoilt(q, k, v), function(q, k, v))
    program = sf.program(sf.attention(sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d), name="O"))
    with pytest.raises(sf.CompileError, match="where its definition says"):
        agreement(spoilt, program, "O")
    assert spoilt.space["WIDE"] == function.space["WIDE"] > 2


def test_all_numbers_that_cut_blocks_are_made_small():
    found = {name for module in (blocks, memory, support, tries) for name, value in vars(module).items()
             if name.isupper() and isinstance(value, int)}  # fmt: skip
    assert found == {*SMALL_BLOCKS, "KEPT"}
