"""Lines with ≈ and →: judged against the limit, the order and the dropped terms that they state."""

import pytest
from sympy import oo

import symformer as sf
from symformer.notation import lift
from symformer.proof import Judge, toward

n, h, s = sf.sizes("n h s")
i, k = sf.indices("i k")
x = sf.tensor("x", n)
t, y = sf.scalar("t", kind="positive"), sf.scalar("y")
linear, quadratic = 24 * lift(s) * lift(h) ** 2, 4 * lift(s) ** 2 * lift(h)
tempered = sf.exp(x[i] / t) / sf.sum(sf.exp(x[k] / t), k)


def verdict(left, relation, right, **claim):
    return Judge().judge(left, relation, right, None, toward(**claim))


CLAIMS = {
    "what is dropped vanishes by its degree": (
        linear + quadratic, "≈", linear, {"to": (h, oo), "dropped": quadratic}, "proved",
    ),
    "what is dropped grows": (linear + quadratic, "≈", linear, {"to": (s, oo), "dropped": quadratic}, "refuted"),
    "what is dropped is not all": (
        linear + quadratic, "≈", linear, {"to": (h, oo), "dropped": 3 * quadratic}, "refuted",
    ),
    "order of the error": (sf.tanh(y), "≈", y, {"to": (y, 0), "order": 3}, "proved"),
    "an order too high": (sf.tanh(y), "≈", y, {"to": (y, 0), "order": 4}, "refuted"),
    "a wrong slope": (sf.tanh(y), "≈", 2 * y, {"to": (y, 0), "order": 3}, "refuted"),
    "a wrong sign": (sf.sin(y), "≈", y + y**3 / 6, {"to": (y, 0), "order": 5}, "refuted"),
    "a limit of a quotient": (lift(n) / (n + 1), "→", 1, {"to": (n, oo)}, "proved"),
    "a wrong limit of a quotient": (lift(n) / (n + 1), "→", 2, {"to": (n, oo)}, "refuted"),
    "hot softmax is uniform": (tempered, "→", 1 / lift(n), {"to": (t, oo)}, "proved"),
    "hot softmax is not twice that": (tempered, "→", 2 / lift(n), {"to": (t, oo)}, "refuted"),
    "all scores scaled to nothing": (sf.softmax(x)[i], "→", 1 / lift(n), {"to": (x, 0)}, "proved"),
    "a mean over more and more": (sf.sum(1 / lift(n) ** 2, (k, n)), "→", 0, {"to": (n, oo)}, "proved"),
    "a leading coefficient that may vanish": (y * lift(n) / (y * n + 1), "→", 1, {"to": (n, oo)}, "proved"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_about_a_limit(name):
    left, relation, right, claim, expected = CLAIMS[name]
    found = verdict(left, relation, right, **claim)
    assert found.kind == expected, found.evidence


def test_a_line_says_what_it_drops_and_in_which_limit():
    derivation = sf.Derivation(
        "Title.", calc=((linear + quadratic, "start"), sf.approx(linear, "long rows", to=(h, oo), dropped=quadratic))
    )
    assert [judged.verdict.kind for judged in derivation.check()] == ["proved"]
    assert "h → ∞" in derivation.text() and "dropping" in derivation.text()
    assert r"\approx" in derivation.latex()


def test_a_limit_is_printed_with_an_arrow():
    derivation = sf.Derivation("Title.", calc=((lift(n) / (n + 1), "start"), sf.tends(1, "long", to=(n, oo))))
    assert derivation.passes and r"\to" in derivation.latex()


@pytest.mark.parametrize("to", [(n, 1), (n, 0), (x[i], 0), "n", (2, 0)])
def test_a_limit_that_is_none_is_an_error(to):
    with pytest.raises(sf.NotationError):
        sf.tends(1, "why", to=to)


@pytest.mark.parametrize("named", [{}, {"dropped": linear, "order": 2}])
def test_an_approximation_names_its_order_or_its_dropped_terms(named):
    with pytest.raises(sf.DerivationError, match="dropped terms or the order"):
        sf.approx(1, "why", to=(n, oo), **named)
