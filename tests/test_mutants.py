"""Every kind of single-place change of the book's lines: refuted, or proved and confirmed by a plain evaluator."""

from __future__ import annotations

from collections import Counter

import pytest
from mutants import book_mutants, changes
from plain_points import compare

import symformer as sf
from symformer.proof import Judge

LOOKED_AT = 300
n, d = sf.sizes("n d")
i, j, k = sf.indices("i j k")
x, A = sf.tensor("x", n), sf.tensor("A", n, n)


@pytest.fixture(scope="module")
def judged():
    """(mutant, verdict) for 300 mutants from all over the book."""
    mutants = book_mutants()
    judges = {}
    chosen = [mutants[place * len(mutants) // LOOKED_AT] for place in range(LOOKED_AT)]
    return [
        (one, judges.setdefault(one.slug, Judge()).judge(one.before, one.relation, one.formula, one.ranges))
        for one in chosen
    ]


def test_hardly_any_mutant_stays_unsettled(judged):
    kinds = Counter(verdict.kind for _, verdict in judged)
    unsettled = [f"{verdict.kind}: {mutant}" for mutant, verdict in judged if verdict.kind in ("open", "checked")]
    assert len(unsettled) <= LOOKED_AT // 100, "\n".join(unsettled)
    assert kinds["refuted"] > 0.7 * LOOKED_AT


def test_what_is_proved_is_confirmed_by_plain_loops(judged):
    proved = [mutant for mutant, verdict in judged if verdict.kind in ("proved", "exact")]
    assert proved
    for mutant in proved:
        ranges = {index: span.size for index, span in mutant.ranges.items()}
        defined, difference = compare(mutant.before, mutant.formula, ranges, mutant.relation)
        assert defined, f"{mutant} is defined nowhere"
        assert difference is None, f"{mutant}: {difference}"


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
    assert "Σ_[k=1]^n n" in made_wrong(sf.sum(d, (k, n)), {})["size"]


def test_changes_keep_the_shapes_and_never_repeat():
    formula = sf.sum(A[i, k] * x[k], k) / n
    found = [changed for _, changed in changes(formula, {i: n, j: d}, formula)]
    assert len({changed.digest for changed in found}) == len(found)
    assert all(j not in changed.ranges for changed in found)
    assert formula.digest not in {changed.digest for changed in found}


def test_the_lines_of_one_chapter_have_hundreds_of_mutants():
    assert len(book_mutants(["softmax-jacobian"])) > 150
