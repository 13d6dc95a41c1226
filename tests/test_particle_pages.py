"""The pages on tokens as particles: how sure they are, that their printed errors are refuted, and that they bite."""

import pytest

import symformer as sf
from symformer.proof import Judge

PAGES = {  # slug: verdicts that are not "proved"
    "sphere-invariance": set(),
    "energy-ascent": set(),
    "modified-metric": set(),
    "mean-shift": {"refuted"},
    "tokens-on-the-circle": {"checked"},
    "gram-equation": set(),
    "equiangular-tokens": {"checked"},
    "pre-norm": set(),
    "phase-curve": set(),
    "long-context": set(),
    "without-a-sphere": set(),
}


@pytest.mark.parametrize("slug", PAGES)
def test_every_line_is_as_sure_as_it_was(book, slug):
    assert {line["verdict"] for line in book[slug].lines} - {"proved"} <= PAGES[slug]
    assert all(line["verdict"] != "refuted" or line["expected"] == "refuted" for line in book[slug].lines)


def test_the_printed_form_without_the_factor_is_refuted(book):
    assert [line["expected"] for line in book["mean-shift"].lines].count("refuted") == 1


@pytest.mark.parametrize("slug", PAGES)
def test_a_wrong_factor_or_term_is_refuted_in_every_line(slug):
    derivation, judge = sf.load(slug), Judge()
    before = None
    for line in derivation.lines:
        if line.relation == "=" and line.expected is None:
            loose = before.free | line.formula.free
            ranges = {index: found for index, found in derivation.ranges(line).items() if index in loose}
            for changed in (2 * line.formula + 1, -line.formula - 1):
                assert judge.judge(before, "=", changed, ranges).kind == "refuted", str(line.formula)
        before = line.formula if line.expected is None else before
