"""Objects that are copied, sent to other processes, or look alike; options at the border of functions."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import sympy

import symformer as sf
from symformer.functions import adam_step, adamw_step
from symformer.system import script_json

n, i = sf.sizes("n"), sf.indices("i")
x = sf.tensor("x", n)
WAYS = {"pickle": lambda it: pickle.loads(pickle.dumps(it)), "copy": copy.copy, "deepcopy": copy.deepcopy}


def derivation():
    """A page of two lines."""
    lines = ((x[i] + x[i], "twice"), (2 * x[i], "collected"))
    return sf.Derivation("A page.\n\nAn idea.", given=(x,), calc=lines, example={"x": [1, "1/3"]})


@pytest.mark.parametrize("way", WAYS)
def test_derivations_and_functions_are_copied(way):
    page = derivation()
    assert [judged.passes for judged in page.check()] == [True]
    for item in (page, page.at(), sf.load("temperature")):
        again = WAYS[way](item)
        assert again.text() == item.text()
    assert [judged.verdict for judged in WAYS[way](page).check()] == [judged.verdict for judged in page.check()]
    function = sf.lambdify(sf.softmax(x, name="p"))
    again = WAYS[way](function)
    np.testing.assert_array_equal(again([1.0, 2.0]), function([1.0, 2.0]))
    assert (again.source, again.__name__, again.__doc__) == (function.source, "p", function.__doc__)


@pytest.mark.parametrize("way", WAYS)
def test_expressions_are_copied(way):
    for item in (x, x[i], x[i] * 2 + sf.exp(x[i]), sf.softmax(x)):
        assert WAYS[way](item) == item


def test_sizes_that_differ_in_what_is_assumed_are_different():
    other = sympy.Symbol("n", integer=True, positive=True, even=True)
    assert sf.tensor("x", n) == sf.tensor("x", n)
    assert sf.tensor("x", other) != sf.tensor("x", n)


ONE = np.ones(2)


@pytest.mark.parametrize("step_of", [adam_step, adamw_step], ids=["adam", "adamw"])
def test_rates_that_divide_by_zero_are_named(step_of):
    for name, value in (("beta1", 1), ("beta1", 1.0), ("beta2", 1.5), ("beta1", float("nan")), ("beta2", -0.1)):
        with pytest.raises(ValueError, match=f"{name}: expected"):
            step_of(ONE, ONE, ONE, ONE, 1, lr=0.1, **{name: value})
    with pytest.raises(ValueError, match="lr: expected a number that a float can hold"):
        step_of(ONE, ONE, ONE, ONE, 1, lr=10**400)


@pytest.mark.parametrize("step_of", [adam_step, adamw_step], ids=["adam", "adamw"])
def test_a_step_beyond_all_numbers_is_the_limit(step_of):
    late, limit = (step_of(ONE, ONE, ONE, ONE, step, lr=0.1) for step in (10**400, 10**9))
    for one, two in zip(late, limit, strict=True):
        np.testing.assert_array_equal(one, two)


def test_no_text_ends_a_script():
    text = script_json({"</script><!-- \u2028": ["<b>&"]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"</script><!-- \u2028": ["<b>&"]}
