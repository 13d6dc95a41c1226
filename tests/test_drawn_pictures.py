"""Pictures of the book: they are drawn of the page's numbers, and what they say is what the page says."""

import numpy as np
import pytest

import symformer as sf
from symformer.pictures import bars

PAGES = [row.slug for row in sf.contents() if sf.load(row.slug).pictures]


def test_half_a_hundred_pages_have_a_picture():
    assert len(PAGES) >= 50


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers():
    drawn = bars("b", "Title", [("p", [1, -2]), ("q", [0, 2])], ["first", "second"], ["p", "q"])
    parts = [part.split('"') for part in drawn.svg.split("<rect ")[1:]]
    start, width = ([float(part[place]) for part in parts] for place in (1, 5))
    unit = width[0]
    assert width == pytest.approx([unit, 0, 2 * unit, 2 * unit], abs=0.02)
    assert start[2] + 2 * unit == pytest.approx(start[0], abs=0.02)
    assert drawn.description == "p: 1.00 at first, −2.00 at second; q: 0.00 at first, 2.00 at second."


def test_bars_need_a_number_for_each_label():
    with pytest.raises(ValueError, match="for each of 2 labels"):
        bars("b", "Title", [("p", [1])], ["first", "second"])


def test_a_curve_varies_one_entry_of_a_vector_between_its_ends():
    page = sf.load("softmax-jacobian")
    (figure,) = page.pictures
    said = figure.draw(page.at()).description
    for name, first, last in (("s₁", -2, 8), ("s₂", -2, 8), ("s₃", -2, 8)):
        ends = [np.exp([x, 2, 3]) / np.exp([x, 2, 3]).sum() for x in (first, last)]
        low, high = (f"{end['₁₂₃'.index(name[1])]:.4g}" for end in ends)
        assert f"{name}: from {low} at −2 to {high} at 8" in said


def test_formulas_of_sizes_are_drawn_without_numbers():
    """Each curve goes through the values of its formula, and the page needs no worked example."""
    n, d = sf.sizes("n d")
    figure = sf.FormulaCurves(
        {"square": sf.lift(n) ** 2 / d, "line": sf.lift(n)}, "How it grows", "n", [1, 2, 4], "n", "value", {"d": 2}
    )
    picture = figure.draw()
    assert "square: from 0.5 at 1 to 8 at 4" in picture.description
    assert "line: from 1 at 1 to 4 at 4" in picture.description
    page = sf.Derivation("Growth", calc=((sf.lift(n) / n, "what"), (1, "cancel")), pictures=(figure,)).page(
        judged=False
    )
    assert [title for title, _, _ in page.pictures] == ["How it grows"] and not page.steps
