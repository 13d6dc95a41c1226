"""How arrays are contracted is what a normal form is about: every way has its own, whatever things are called.

Four arrays share letters in sixteen ways, which are eight ways twice over (the two inner letters may change places).
Inside exponentials under a sum, and maxima, the normal form is put together anew under other names.
"""

from __future__ import annotations

from itertools import permutations, product

import pytest

import symformer as sf
from symformer.proof.normal import Proof, prove

n, d, e = sf.sizes("n d e")
i, l, a, b, k = sf.indices("i l a b k")
WAYS = tuple(product((a, b), repeat=4))
WRAPPED = {
    "an exponential": lambda inside: sf.sum(sf.exp(inside), l),
    "a maximum": lambda inside: sf.max(inside, l),
}


def contraction(way, names, shared):
    """Σ U T X X, with inner letters as a way says."""
    first, second = (sf.tensor(name, *shared) for name in names[:2])
    rows = sf.tensor(names[2], n, shared[0])
    one, two, three, four = way
    return sf.sum(first[one, k] * second[two, k] * rows[i, three] * rows[l, four], (a, shared[0]), (b, shared[0]), k)


def swapped(way):
    """The way with its two inner letters in each other's place."""
    return tuple(b if letter == a else a for letter in way)


def form(node):
    """The normal form of a row's number."""
    proof = prove(node, node, {"i": n})
    assert isinstance(proof, Proof)
    return proof.form


@pytest.mark.parametrize("shared", [(d, e), (e, d)], ids=["d e", "e d"])
@pytest.mark.parametrize("names", [*permutations("UTX")], ids="".join)
@pytest.mark.parametrize("wrap", WRAPPED)
def test_two_contractions_have_one_normal_form_exactly_if_they_are_one(wrap, names, shared):
    forms = {way: form(WRAPPED[wrap](contraction(way, names, shared))) for way in WAYS}
    for way, found in forms.items():
        assert {other for other in WAYS if forms[other] == found} == {way, swapped(way)}
