"""The yardstick of rewrites: what can be said is proved, and no false twin is accepted; see `rewrites`."""

from rewrites.table import UNSAID, rows


def test_the_rewrites_of_the_yardstick_are_proved_and_their_false_twins_are_not_accepted():
    found = list(rows())
    assert len(found) >= 100
    assert [row.rule.words for row in found if row.accepted] == []
    assert [row.rule.words for row in found if row.verdict != "proved"] == []
    assert all(UNSAID.values())
