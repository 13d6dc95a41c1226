"""Sizes that no input has: named in the example, in words where they are missing."""

import pytest

import symformer as sf
from symformer.notation import lift

n = sf.sizes("n")
k = sf.indices("k")
t = sf.scalar("t")
grown = sf.define("g", (), t / (t + n - 1))
page = sf.Derivation(
    "Equal shares.",
    where=(grown,),
    calc=((sf.sum(grown[()], (k, n)), "n times"), (n * grown[()], "a constant"), (lift(n) * t / (t + n - 1), "g")),
    example={"t": 2, "n": 3},
)


def test_a_size_is_given_by_its_name():
    assert page.passes
    assert "3/2" in page.at().text()
    assert "8/5" in page.at(t=2, n=4).text()


WRONG = [
    ({"t": 2}, "n: expected a size"),
    ({"t": 2, "n": 0}, "n: expected a size"),
    ({"t": 2, "n": 3, "m": 1}, "m: unknown; expected t, n"),
]


@pytest.mark.parametrize(("values", "words"), WRONG)
def test_a_size_that_is_missing_or_none_is_named(values, words):
    with pytest.raises(sf.ValuesError, match=words):
        page.at(values)


def test_its_page_is_written_in_every_format():
    assert "3/2" in page.text() and "<math" in page.html() and "```math" in page.markdown()
