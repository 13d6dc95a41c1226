"""Every kind of single-place change of a line, each once."""

from __future__ import annotations

from mutants import book_mutants, changes

import symformer as sf

n, d = sf.sizes("n d")
i, j, k = sf.indices("i j k")
x, A = sf.tensor("x", n), sf.tensor("A", n, n)


def made_wrong(formula, ranges):
    """The changes of a formula, by kind, as they are printed."""
    found = {}
    for kind, changed in changes(formula, ranges, formula):
        found.setdefault(kind, []).append(str(changed))
    return found


def test_every_place_of_a_formula_is_changed_in_every_way():
    found = made_wrong(x[i] ** 2 - 3 * sf.delta(i, j), {i: n, j: n})
    assert "−x_i^2 − 3 δ_ij" in found["sign"]
    assert "x_i^2 − 4 δ_ij" in found["coefficient"]
    assert "x_i^3 − 3 δ_ij" in found["exponent"]
    assert "x_j^2 − 3 δ_ij" in found["index"]
    assert "3 δ_ij − x_i^2" in found["order of a difference"]
    assert "x_i^2" in found["dropped term"]
    assert "x_i^2 − 3 δ_ij + x_i^2" in found["doubled term"]
    assert "x_i^2 − δ_ij" in found["dropped factor"]
    assert any("δ_ij δ_ij" in text for text in found["doubled factor"])
    assert "x_i^2 − 3 · 1" in found["delta"]
    assert "Σ_k n" in made_wrong(sf.sum(d, (k, n)), {})["size"]


def test_changes_keep_the_shapes_and_never_repeat():
    formula = sf.sum(A[i, k] * x[k], k) / n
    found = [changed for _, changed in changes(formula, {i: n, j: d}, formula)]
    assert len({changed.digest for changed in found}) == len(found)
    assert all(j not in changed.ranges for changed in found)
    assert formula.digest not in {changed.digest for changed in found}


def test_the_lines_of_one_chapter_have_hundreds_of_mutants():
    assert len(book_mutants(["softmax-jacobian"])) > 150
