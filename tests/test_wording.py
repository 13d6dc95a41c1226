"""Words of an author: mathematics in them is set, English stays English, code becomes code."""

from __future__ import annotations

import pytest

import symformer as sf
from symformer.derivation.wording import Wording, wording_of
from symformer.pictures.svg import brief
from symformer.typeset import Box, latex, name_box, text
from symformer.writers import Code, plain_inline
from symformer.writers.render import chain_tex
from symformer.writers.web import inline_html

SET = [
    ("the products W_Q W_Kᵀ and W_V W_O do", r"W_{Q} W_{K}^{\top} W_{V} W_{O}"),
    ("t = i + m − n, so its mask is j ≤ i", r"t = i + m - n j \le i"),
    ("over √d_k", r"\sqrt{d_{k}}"),
    ("two for each of the 12 L d² parameters", r"12 L d^{2}"),
    ("tanh has 1 − tanh²", r"1 - \tanh^{2}"),
    ("above 1.2 · 10⁻³⁸", r"1.2 \cdot 10^{-38}"),
    ("x̂ is x over σ", r"\hat{x} x \sigma"),
    ("solves ε' = −2 ε", r"\varepsilon^{\prime} = -2 \varepsilon"),
    ("A and B do not depend on A, but the root of a² is a, because a > 0", r"A B A a^{2} a a > 0"),
    ("Only A B matters", "A B"),
    ("a d-dimensional vector of n entries", "d n"),
    ("the query's d", "d"),
    ("W_Qx makes it", "W_{\\mathrm{Qx}}"),
]
ENGLISH = [
    "A key is a number and I read it as a whole", "LLaMA 7B and the 22B model, 7.5e9 weights", "appendix B, table D.1",
    "i.e. encoder_block and transformer_sizing", "1,024 tokens at 2 · 4, 0.93 %", "the words “a” and “c”",
    "the query's own row", "",
]  # fmt: skip


@pytest.mark.parametrize(("words", "formulas"), SET)
def test_mathematics_in_words_is_set(words, formulas):
    said = Wording({"x̂": name_box("x_hat")})(words)
    found = " ".join(latex(part) for part in said if isinstance(part, Box))
    assert found.replace(" ", "") == formulas.replace(" ", "")


@pytest.mark.parametrize("words", ENGLISH)
def test_english_stays_english(words):
    assert Wording({})(words) == ((words,) if words else ())


def test_words_in_backticks_are_code_and_escaped():
    said = Wording({})("run `a < b` with n")
    assert said == ("run ", Code("a < b"), " with ", name_box("n"))
    assert "<code>a &lt; b</code>" in inline_html(said)
    assert plain_inline(said) == "run `a < b` with n"


def test_no_line_breaks_between_a_formula_and_a_bracket():
    first, second = inline_html(Wording({})("so (n) is n")).split(" is ")
    assert first.startswith('so <span class="tight">(<math') and first.endswith("</math>)</span>")
    assert second.startswith("<math")


def derivation(**more):
    """A derivation that names a tensor by an English word and one by a cotangent, with a refuted line."""
    n, i = sf.sizes("n"), sf.indices("i")
    x, head, dX = sf.tensor("x", n), sf.tensor("head", n), sf.tensor("dX", n)
    calc = (
        sf.begin(x[i] + x[i] + head[i] * dX[i], "twice x, and a head", "The cotangent of dX"),
        sf.wrong(x[i] + head[i] * dX[i], "once"),
        (2 * x[i] + head[i] * dX[i], "twice"),
    )
    return sf.Derivation("T\n\nIt holds for n.", given=(x, head, dX), calc=calc, notes=(("2 n is ", 2 * n),), **more)


def test_names_of_a_derivation_are_set_in_headings_reasons_and_notes():
    page = derivation().page(judged=False)
    assert page.chains[0].title == ("The cotangent of ", name_box("dX"))
    assert page.chains[0].lines[0].reason == ("twice ", name_box("x"), ", and a head")
    assert [text(part) for part in page.notes[0] if isinstance(part, Box)] == ["2 n", "2 n"]
    assert "head" not in wording_of(derivation()).names


def test_the_line_after_a_refuted_one_says_which_it_follows():
    reasons = [plain_inline(line.reason) for line in derivation().page(judged=False).chains[0].lines]
    assert reasons == ["twice x, and a head", "once", "from (1): twice"]


def test_latex_to_copy_goes_on_from_the_last_good_line():
    rows = chain_tex(derivation().page(judged=False).chains[0]).splitlines()[1:-1]
    assert rows[1].startswith(r"&\ne x_{i}")
    assert rows[2].startswith(r"&x_{i} + x_{i}") and " = 2 x_{i}" in rows[2].replace("2x", "2 x")


def test_the_page_says_what_its_function_is_made_from():
    x, i = sf.tensor("x", sf.sizes("n")), sf.indices("i")
    y = sf.define("y", i, 2 * x[i])
    found = sf.gradient(y, x)
    assert derivation().page(judged=False).made == "the last line of each chain"
    assert sf.Derivation("T", given=(x,), where=(y,)).made == "its last definition"
    assert derivation(compiled=found).made == found.derivation.made == "all gradients that reverse mode derives"


def test_what_is_given_is_said_of_vectors_and_of_matrices():
    n, k = sf.sizes("n"), sf.indices("k")
    y, Y = sf.tensor("y", n, kind="simplex"), sf.tensor("Y", n, n, kind="simplex")
    p = sf.define("p", ((k, 2),), sf.delta(k, 1))
    calc = (sf.begin(y[k] * Y[k, k], "a"), (Y[k, k] * y[k], "b"))
    given = [plain_inline(item) for item in sf.Derivation("T", given=(y, Y), where=(p,), calc=calc).page().given]
    assert given[0].endswith("every entry positive, and they sum to 1")
    assert given[1].endswith("every entry positive, and each row sums to 1")
    assert "k runs from 1 to 2 or to n, as far as the axis reaches" in given


def test_a_last_line_that_is_an_input_makes_no_function():
    t = sf.scalar("t")
    same = sf.Derivation("T", given=(t.tensor,), calc=(sf.begin(sf.log(sf.exp(t)), "a"), (t, "b")))
    more = sf.Derivation("T", given=(t.tensor,), calc=(sf.begin(t + t, "a"), (2 * t, "b")))
    assert same.function_source == ""
    assert "2 * t" in more.function_source


def test_ticks_below_ten_million_have_no_exponent():
    assert [brief(value) for value in (15000.0, -0.0, 0.25, -12345.6, 1e9)] == ["15000", "0", "0.25", "−12350", "1e+09"]
