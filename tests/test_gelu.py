"""What the page on GELU says in numbers, computed from the normal distribution of SciPy."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.special import expit, ndtr

import symformer as sf
from symformer import functions

GRID = np.linspace(-8, 8, 1_600_001)
NOTE = sf.load("gelu-slope").notes[0]
IDEA = " ".join(sf.load("gelu-slope").idea)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (functions.gelu(GRID, approximate="tanh"), r"than ([\d.]+)·10⁻⁴, at x ≈ ±(\d\.\d+)"),
        (GRID * expit(1.702 * GRID), r"than ([\d.]+)·10⁻², at x ≈ ±(\d\.\d+)"),
    ],
    ids=["tanh", "sigmoid"],
)
def test_the_largest_errors_of_the_short_forms_are_those_on_the_page(form, said):
    error = np.abs(form - GRID * ndtr(GRID))
    largest, place = (float(number) for number in re.search(said, NOTE).groups())
    power = 1e-4 if "⁻⁴" in said else 1e-2
    assert largest * power - 1e-3 * power <= error.max() <= largest * power
    assert abs(GRID[error.argmax()]) == pytest.approx(place, abs=1e-3)


def test_the_minimum_is_the_one_on_the_page():
    place, value = re.search(r"x ≈ −([\d.]+), where GELU is −([\d.]+)", IDEA).groups()
    values = functions.gelu(GRID)
    assert values.min() == pytest.approx(-float(value), abs=5e-6)
    assert GRID[values.argmin()] == pytest.approx(-float(place), abs=5e-5)


def test_pi_is_a_number_in_formulas():
    x = sf.scalar("x")
    density = sf.exp(-(x**2) / 2) / sf.sqrt(2 * sf.pi)
    assert str(density) == "(exp((−x^2)/2))/√(2 π)"
    assert sf.judge(sf.diff(sf.erf(x / sf.sqrt(2)), x), "=", 2 * density).kind == "proved"
    assert sf.judge(sf.diff(sf.erf(x / sf.sqrt(2)), x), "=", density).kind == "refuted"
