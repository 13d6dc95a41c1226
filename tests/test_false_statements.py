"""No false statement is accepted under a mark that says equal, at most or tends; true ones of the same kinds are."""

import false_statements as table
import pytest

import symformer as sf
from symformer.notation import Range, lift
from symformer.proof import Judge, toward

ACCEPTED = ("proved", "exact", "checked")


def verdict(left, relation, right, claim=None):
    """The judge's verdict; a loose index runs over n where nothing says otherwise."""
    left, right = lift(left), lift(right)
    known = {**left.ranges, **right.ranges}
    loose = {s for s in left.free | right.free if not s.is_positive and s not in known}
    ranges = {symbol: Range(table.n, "the table") for symbol in loose}
    return Judge().judge(left, relation, right, ranges, toward(**claim) if claim else None)


@pytest.mark.parametrize("place", range(len(table.FALSE)))
def test_a_false_statement_is_not_accepted(place):
    found = verdict(*table.FALSE[place])
    assert found.kind not in ACCEPTED, f"{table.FALSE[place]}: {found.evidence}"


def test_nearly_all_false_statements_have_a_counterexample():
    kinds = [verdict(*row).kind for row in table.FALSE[::5]]
    assert kinds.count("refuted") >= 0.9 * len(kinds)


@pytest.mark.parametrize("place", range(len(table.LIMITS)))
def test_a_false_limit_is_not_accepted(place):
    found = verdict(*table.LIMITS[place])
    assert found.kind not in ACCEPTED, f"{table.LIMITS[place]}: {found.evidence}"


@pytest.mark.parametrize("place", range(len(table.CONDITIONAL)))
def test_where_a_statement_holds_is_printed(place):
    found = verdict(*table.CONDITIONAL[place])
    assert found.kind in ACCEPTED and found.data["conditions"]
    assert all(condition in found.evidence for condition in found.data["conditions"])


@pytest.mark.parametrize("place", range(len(table.KINKS)))
def test_a_second_derivative_at_a_kink_does_not_stand(place):
    found = verdict(*table.KINKS[place])
    assert found.kind == "open" and "kink" in found.evidence


@pytest.mark.parametrize("place", range(len(table.TRUE)))
def test_a_true_statement_of_the_same_kind_is_accepted(place):
    found = verdict(*table.TRUE[place])
    assert found.kind in ACCEPTED, found.evidence


@pytest.mark.parametrize("place", range(len(table.TRUE_LIMITS)))
def test_a_true_limit_is_accepted(place):
    found = verdict(*table.TRUE_LIMITS[place])
    assert found.kind in ACCEPTED, found.evidence


@pytest.mark.parametrize("place", range(len(table.MOMENTS)))
def test_moments_of_nothing_are_refused(place):
    with pytest.raises(sf.NotationError, match="nothing can be drawn"):
        sf.tensor("q", table.n, kind="random", moments=table.MOMENTS[place])


def test_two_hundred_statements_stand_in_the_table():
    assert len(table.FALSE) + len(table.LIMITS) >= 200


def test_a_statement_without_end_is_open():
    assert verdict(sf.sum(1, (table.k, 10**7)), "=", 10**7).kind in ("open", "proved")
    assert verdict(sf.sum(sf.exp(lift(table.k)), (table.k, 10**7)), "≥", 1).kind in ("open", "proved")
    assert verdict(table.b ** (10**9), "=", 0).kind in ("open", "refuted")
