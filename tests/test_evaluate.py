"""The interpreter at its edges: what it cannot answer it says so, and never makes up."""

import pytest
import sympy

import symformer as sf
from symformer.notation import hide, lift

n = sf.sizes("n")
i, k = sf.indices("i k")
x = sf.tensor("x", n)
M = sf.tensor("M", n, kind="mask")
q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1})
P = sf.define("P", i, x[i] ** 2)


def kind(left, right, relation="="):
    """The kind of the judge's verdict."""
    return sf.judge(left, relation, right).kind


def test_a_negative_power_has_no_moment():
    assert kind(sf.expect(q[1] ** -2), 1) == "open"


def test_a_derivative_reaches_under_an_expectation():
    assert kind(sf.diff(sf.expect(P[i] * q[i] ** 2), P[i]), 1) in ("proved", "exact")
    assert kind(sf.diff(sf.expect(P[i]), P[i]), 0) == "refuted"


def test_relations_of_indices_are_of_exact_numbers():
    half = sympy.Rational(3, 2)
    assert kind(x[i] * sf.indicator(i, "<", half), x[i] * sf.delta(i, 1)) in ("checked", "exact", "proved")
    assert kind(x[i] * sf.indicator(i, "<", half), 0) == "refuted"


@pytest.mark.parametrize("place", [sympy.Integer(0), -1])
def test_no_entry_stands_outside_its_tensor(place):
    with pytest.raises(sf.ShapeError, match="outside"):
        _ = x[place]


def test_sizes_reach_as_far_as_the_largest_index():
    assert kind(sf.diff(sf.sum(x[k], k), x[9]), 1) in ("proved", "exact")
    assert kind(sf.diff(sf.sum(x[k], k), x[9]), 0) == "refuted"


def test_an_index_and_a_size_of_one_name_are_two_things():
    letter = sf.indices("n")
    right = sf.define("a", (), sf.sum(x[n], (letter, n)))
    assert kind(sf.define("a", (), sf.sum(x[letter], letter))[()], right[()]) == "refuted"


@pytest.mark.parametrize("function", [sf.tanh, sf.log, sf.cos])
def test_minus_infinity_is_known_to_exp_alone(function):
    assert kind(function(hide(x[i], M[i])), function(x[i])) == "open"


def test_arithmetic_with_minus_infinity_is_open():
    assert kind(2 * hide(x[i], M[i]), 2 * x[i]) == "open"
    assert kind(2 * hide(x[i], M[i]), x[i]) == "refuted"  # where nothing is hidden


def test_masks_are_no_letters():
    assert kind(M[1] * M[2], M[1]) == "refuted"
    assert kind(M[i] * M[i], M[i]) == "proved"


def test_a_relation_of_sums_is_one_of_values():
    assert kind(x[i] * sf.indicator(sf.sum(x[k] ** 2, k), "≥", 0), x[i]) in ("checked", "exact")


def test_an_unknown_relation_is_refused():
    with pytest.raises(sf.NotationError, match="<"):
        sf.judge(x[i], "<", lift(1))
