"""Every symbol that stands on a page is declared on it: given, defined, an index with its range, or said in words."""

from functools import cache

import pytest

import symformer as sf
from symformer.derivation.leaves import leaf_names
from symformer.typeset import Box
from symformer.typeset.latex import split

SLUGS = [row.slug for row in sf.contents()]
MARKS = {"e", "π", "d", "′", "′′"}  # Euler's number, π, the d of a gradient's name, and primes


@cache
def page_of(slug):
    return sf.load(slug).page(judged=False)


def boxes(*inlines):
    return [part for inline in inlines for part in inline if isinstance(part, Box)]


def names(found):
    return frozenset().union(*map(leaf_names, found))


def shown(page):
    """Everything on a page that prints symbols, with where it stands."""
    for formula in page.where:
        yield from ((f"Where, {level}", formula.at(level)) for level in ("index", "matrix"))
    for chain in page.chains:
        for level in ("index", "matrix"):
            for line in chain.at(level):
                yield f"line {line.number}", line.formula.at(level)
                yield from ((f"the reason of line {line.number}", box) for box in boxes(line.reason))
    yield from (("the idea", box) for box in boxes(*page.idea))


def declared(page):
    """What stands under Given, on the left under Where, and on the left of an equation in a reason."""
    said = [formula.at("index") for formula in page.where]
    said += [box for chain in page.chains for line in chain.lines for box in boxes(line.reason)]
    lefts = [left for left, right in map(split, said) if right is not None]
    return names(boxes(*page.given_at("matrix"))) | names(lefts) | MARKS


@pytest.mark.parametrize("slug", SLUGS)
def test_no_symbol_of_a_page_is_undeclared(slug):
    page = page_of(slug)
    known = declared(page)
    gradients = any("gradient of the loss" in part for item in page.given for part in item if isinstance(part, str))
    loose = {
        name: where
        for where, box in shown(page)
        for name in leaf_names(box) - known
        if not (gradients and name.removeprefix("d") in known)
    }
    assert loose == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_given_says_each_range_once(slug):
    """No index runs to two ends in two items."""
    seen = set()
    for item in page_of(slug).given:
        if any(isinstance(part, str) and " from 1 to " in part and part.startswith(" run") for part in item):
            letters = leaf_names(item[0])
            assert not letters & seen, letters & seen
            seen |= letters


def test_an_undeclared_symbol_is_found():
    x, n = sf.tensor("x", 3), sf.indices("i")
    page = sf.Derivation("A title", given=(x,), calc=((x[n], "what y is"), (x[n], "as it was"))).page(judged=False)
    assert "y" not in declared(page)
