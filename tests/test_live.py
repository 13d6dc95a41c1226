"""Live pages in Chromium: an edit recomputes every number as NumPy does, and nothing bad gets through."""

from __future__ import annotations

import json
import re
import sys
import urllib.parse

import numpy as np
import pytest

import symformer as sf
from symformer.notation.build import erf, relu, sigmoid, softplus
from symformer.programs import program
from symformer.values import read_file

pytestmark = pytest.mark.xdist_group("browser")

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Writes the live page of a worked example and gives its address."""
    folder = tmp_path_factory.mktemp("live")

    def written(item) -> str:
        worked = sf.load(item).at() if isinstance(item, str) else item
        path = folder / f"{abs(hash(worked.derivation.title))}.html"
        path.write_text(worked.html(), encoding="utf-8")
        return path.as_uri()

    return written


@pytest.fixture
def visit(browser, pages):
    """Opens a live page."""
    contexts = []

    def opened(item, state="", **options):
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto(pages(item) + state)
        return page

    yield opened
    for context in contexts:
        context.close()


def edit(page, cell, text):
    """Types into the cell of an input: `edit(page, "x[1]", "2")`."""
    page.fill(f'input[aria-label="{cell}"]', text)


def copied(page, what):
    """What a copy button puts on the clipboard."""
    page.click(f"[data-live={what}]")
    page.wait_for_selector(f"[data-live={what}]:text('Copied')")
    return page.evaluate("navigator.clipboard.readText()")


def arrays(page):
    """Every named array of the page, in full digits."""
    space = {"np": np}
    for line in copied(page, "numpy").splitlines()[2:]:
        name, _, text = line.partition(" = np.array(")
        space[name] = np.array(json.loads(text[:-1].replace("-np.inf", "null")), dtype=float)
    return space


def status(page):
    """What the page says about its values."""
    return page.inner_text(".live [role=status]")


def numpys(derivation, values):
    """Every named intermediate as the library's NumPy computes it."""
    found = {}
    for tensor in derivation.where:
        target = program(tensor)
        found[tensor.name] = sf.lambdify(target)(*(np.array(values[one.name], float) for one in target.inputs))
    return found


EDITS = {
    "softmax-jacobian": {"x[2]": "-0.25"},
    "attention-in-three-notations": {"Q[1][1]": "2.5", "K[3][2]": "-1/3", "V[2][1]": "1e-3"},
    "attention-backward": {"Q[1][2]": "0.7", "K[1][1]": "-2"},
    "layer-norm-jacobian": {"x[1]": "17.125"},
    "causal-mask": {"Q[2][1]": "-1.5"},
    "random-transformer": {"E[1][1]": "-0.5", "W_Q[2][3][1]": "3", "W_O[1][2][4]": "0.125"},
    "cross-entropy-gradient": {"x[1]": "4"},
}


HEAT_MAPS = ["attention-in-three-notations", "causal-mask"]


def cells(page):
    """What a heat map shows: shade, colour and number of each entry."""
    return page.eval_on_selector_all(
        "figure [data-entry]",
        "all => all.map(g => [g.dataset.entry, g.querySelector('rect').getAttribute('fill-opacity'),"
        " g.querySelector('rect').getAttribute('class'), g.querySelector('text').textContent])",
    )


@pytest.mark.parametrize("slug", HEAT_MAPS)
def test_a_heat_map_follows_edits_and_goes_back(visit, slug):
    """After an edit the picture is the one that is drawn of the new numbers."""
    page = visit(slug)
    before = cells(page)
    edit(page, "Q[1][1]", "2.5")
    after = cells(page)
    assert [one[0] for one in after] == [one[0] for one in before]
    assert after != before
    derivation = sf.load(slug)
    example = {**derivation.example, "Q": [[2.5, *derivation.example["Q"][0][1:]], *derivation.example["Q"][1:]]}
    drawn = [picture for picture in derivation.at(example).page().pictures if "data-entry" in picture[2]]
    wanted = re.findall(
        r'data-entry="([^"]+)"><rect [^>]*?class="(\w+)"[^>]*? fill-opacity="([^"]+)".*?<text[^>]*>([^<]*)', drawn[0][2]
    )
    assert [(key, role, float(shade), text) for key, shade, role, text in after] == [
        (key, role, float(shade), text) for key, role, shade, text in wanted
    ]
    page.click("[data-live=reset]")
    assert cells(page) == before
    assert page.heard == []


BAR = r'data-entry="([^"]+)"><rect x="([^"]+)"[^>]*? width="([^"]+)".*?<text[^>]*>([^<]*)'


def test_bars_follow_edits_and_go_back(visit):
    """After an edit the bars are those that are drawn of the new numbers, and so is the line where 0 is."""
    page = visit("layer-norm-backward")
    shown = lambda: page.eval_on_selector("figure svg:has([data-bars])", "svg => svg.outerHTML")  # noqa: E731
    before = shown()
    edit(page, "dy[2]", "-3")
    derivation = sf.load("layer-norm-backward")
    dy = [-3 if place == 1 else value for place, value in enumerate(derivation.example["dy"])]
    fresh = next(
        one[2] for one in derivation.at({**derivation.example, "dy": dy}).page().pictures if "data-bars" in one[2]
    )
    for (key, x, width, text), (own, own_x, own_width, own_text) in zip(
        re.findall(BAR, shown()), re.findall(BAR, fresh), strict=True
    ):
        assert (key, text) == (own, own_text)
        assert (float(x), float(width)) == pytest.approx((float(own_x), float(own_width)), abs=0.02)
    zero = r'<line x1="([^"]+)"[^>]*class="zero"'
    assert float(re.search(zero, shown()).group(1)) == pytest.approx(float(re.search(zero, fresh).group(1)), abs=0.02)
    page.click("[data-live=reset]")
    assert shown() == before and page.heard == []


@pytest.mark.parametrize("slug", EDITS)
def test_live_values_are_numpys(visit, slug):
    derivation = sf.load(slug)
    values = {tensor.name: np.array(derivation.example[tensor.name], dtype=object) for tensor in derivation.inputs}
    page = visit(slug)
    for cell, text in EDITS[slug].items():
        name, *place = re.findall(r"[\w']+", cell)
        assert name in values, f"{slug} has {list(values)}"
        values[name][tuple(int(number) - 1 for number in place)] = text
        edit(page, cell, text)
    numbers = {name: [[float(sympy_rational(x)) for x in np.ravel(value)]] for name, value in values.items()}
    given = {name: np.reshape(numbers[name], np.shape(value)) for name, value in values.items()}
    got = arrays(page)
    for name, want in numpys(derivation, given).items():
        np.testing.assert_allclose(got[name], want, rtol=1e-12, atol=1e-13, err_msg=name)
    assert page.heard == []


def sympy_rational(value):
    """A number as a reader writes it."""
    over, _, under = str(value).partition("/")
    return float(over) / float(under or 1)


def test_the_comparison_bites(visit):
    page = visit("softmax-jacobian")
    edit(page, "x[2]", "-0.25")
    want = numpys(sf.load("softmax-jacobian"), {"x": [1, -0.2500001, 3]})
    assert not np.allclose(arrays(page)["s"], want["s"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("slug", [row.slug for row in sf.contents() if sf.load(row.slug).example])
def test_a_page_computes_the_numbers_that_it_was_printed_with(visit, slug):
    """Every number of the page, those of its lines too, and its LaTeX: what the script makes is what stands there."""
    page = visit(slug)
    markdown = sf.load(slug).at().markdown()
    assert [step for step in copied(page, "latex").split("\n\n") if step.strip() not in markdown] == []
    printed, computed = page.evaluate(NUMBERS), page.evaluate(COMPUTED)
    assert len(printed) == len(computed) > 0
    for was, now in zip(printed, computed, strict=True):
        assert now is not None and (was is None or now == pytest.approx(was, rel=2e-3, abs=2e-4))


# The number in every place that has an id; None where it is set as a fraction or a root.
NUMBERS = """() => [...document.querySelectorAll('.number-level math:not(.gone) mrow[id]')].map(node => {
    const text = node.textContent.replace(/−/g, '-').replace(/[()]/g, '').replace('·10', 'e').replace('∞', 'Infinity');
    return node.querySelector('mfrac, msqrt, msup') ? null : Number(text); })"""

# What the page's script computes for each of these places, from the page's own inputs; None where it has no value.
COMPUTED = """() => {
    const own = page.inputs.map(input => ({ ...input, texts: input.values })), { values } = computing.compute(own);
    return [...document.querySelectorAll('.number-level math:not(.gone) mrow[id]')].map(node => {
        const [name, ...place] = node.id.replace(/\\.\\d+$/, '').split('-'), array = values[name];
        if (!array) return null;
        const value = array.data[place.reduce((flat, at, axis) => flat * array.shape[axis] + Number(at) - 1, 0)];
        return node.classList.contains('minus') ? -value : value; }); }"""


def test_a_change_shows_in_every_formula_that_reads_it(visit):
    page = visit("attention-in-three-notations")
    edit(page, "Q[1][1]", "5")
    for place in ("#Q-1-1\\.2",):
        assert page.text_content(place) == "5"
    assert page.text_content("#S-1-1") == "3.5355"
    assert page.text_content("#P-1-1") == "0.4928"


def test_live_numbers_are_decimals_and_say_so(visit):
    page = visit("attention-in-three-notations")
    assert "64-bit" in page.inner_text(".live")
    assert page.locator("#S-1-1 msqrt").count() == 1
    edit(page, "V[1][1]", "2")
    assert page.locator("#S-1-1 msqrt").count() == 1, "no V is in S: what does not follow stays exact"
    edit(page, "Q[1][2]", "0")
    edit(page, "Q[1][1]", "0.5")
    assert page.text_content("#S-1-1") == "0.3536"
    assert page.locator("#S-1-1 msqrt").count() == 0


def test_a_number_that_the_script_cannot_compute_is_marked_after_an_edit(visit, monkeypatch):
    script = sys.modules["symformer.live.script"]
    line = script._line
    monkeypatch.setattr(script, "_line", lambda one, found: "" if one.name.startswith("value:") else line(one, found))
    page = visit(sf.load("softmax-jacobian").at())
    before = page.text_content(".number-level .step:last-of-type .more:last-child")
    assert "?" not in before
    edit(page, "x[1]", "2")
    assert "?" in page.text_content(".number-level .step:last-of-type .more:last-child")
    page.click("[data-live=reset]")
    assert page.text_content(".number-level .step:last-of-type .more:last-child") == before


def test_an_edit_recomputes_what_depends_on_it_and_nothing_else(visit):
    page = visit("attention-in-three-notations")
    fresh = """name => {
        const own = page.inputs.map(input => ({ ...input, texts: input.values })), all = computing.compute(own);
        const { fresh } = computing.compute(own.filter(input => input.name === name), all);
        return [...fresh].filter(one => !one.includes(':')); }"""
    assert set(page.evaluate(fresh, "V")) >= {"V", "O"} and not {"Q", "S", "P"} & set(page.evaluate(fresh, "V"))
    assert set(page.evaluate(fresh, "Q")) >= {"Q", "S", "P", "O"} and not {"K", "V"} & set(page.evaluate(fresh, "Q"))


def test_a_sign_that_turns_gets_its_brackets(visit):
    x = sf.tensor("x", n)
    lines = ((sf.sum(x[k] ** 2, k), "a"), (sf.sum(x[k] * x[k], k), "b"), (sf.sum(x[k], k), "c"))
    page = visit(sf.Derivation("Signs", given=(x,), calc=lines).at(x=[1, -2]))
    shown = "nodes => nodes.map(node => [...node.querySelectorAll('.more')].at(0).innerText.replace(/\\s+/g, ''))"
    rows = lambda: page.eval_on_selector_all(".step:not(.given)", shown)  # noqa: E731
    before = rows()
    edit(page, "x[1]", "-3")
    edit(page, "x[2]", "2")
    after = rows()
    assert [re.sub(r"\n|^=", "", row) for row in before] == ["12+(−2)2", "1·1+(−2)(−2)", "1−2"]
    assert [re.sub(r"\n|^=", "", row) for row in after] == ["(−3)2+22", "−3·(−3)+2(2)", "−3−(−2)"]


@pytest.mark.parametrize("text", ["two", "", "1e999", "NaN", "0x10", "1/0", "--1", "1,5", "9" * 401])
def test_a_wrong_input_marks_its_cell_and_keeps_the_last_good_state(visit, text):
    page = visit("softmax-jacobian")
    edit(page, "x[1]", "2")
    before, good = page.evaluate(NUMBERS), arrays(page)["s"]
    edit(page, "x[3]", text)
    cell = page.locator('input[aria-label="x[3]"]')
    assert cell.get_attribute("aria-invalid") == "true"
    assert status(page).startswith("x[3]: expected a finite number")
    assert page.evaluate(NUMBERS) == before
    assert json.loads(copied(page, "values")) == {"x": [2, 2, 3]}
    edit(page, "x[3]", "3")
    assert (cell.get_attribute("aria-invalid"), status(page)) == ("false", "")
    np.testing.assert_array_equal(arrays(page)["s"], good)


def test_numbers_that_overflow_are_refused(visit):
    page = visit("softmax-jacobian")
    before = page.text_content("#s-1")
    edit(page, "x[1]", "1000")
    assert "u leaves the range of 64-bit numbers" in status(page)
    assert page.text_content("#s-1") == before


KINDS = [
    ("positive", [1, 2], "0", "expected a positive value"),
    ("nonnegative", [1, 2], "-1", "expected a nonnegative value"),
    ("mask", [1, 0], "2", "expected a mask value"),
    ("simplex", ["1/2", "1/2"], "0.75", "expected a row that sums to 1"),
    ("permutation", [2, 1], "1", "expected each number once"),
    ("integer", [2, 1], "3", "expected an integer value from 1 to 2"),
]


@pytest.mark.parametrize(("kind", "values", "bad", "words"), KINDS)
def test_a_cell_takes_only_what_its_tensor_may_hold(visit, kind, values, bad, words):
    x = sf.tensor("x", n, kind=kind, **({"upper": n} if kind in ("permutation", "integer") else {}))
    derivation = sf.Derivation(f"Kind {kind}", given=(x,), calc=((sf.sum(x[k], k), "a"),))
    page = visit(derivation.at(x=values))
    edit(page, "x[1]", bad)
    assert words in status(page)


MATRIX = {"A": ([[1, 2], [4, 3]], (n, n), {})}
PROGRAMS = {
    "gather": (
        lambda t: sf.define("y", (i, c), t["E"][t["ids"][i], c] * 2),
        {"E": ([[1, 2], [3, 4], [5, 6]], (m, d), {}), "ids": ([3, 1], (n,), {"kind": "integer", "upper": m})},
        "E[3][1]",
    ),
    "maximum": (lambda t: sf.define("y", i, sf.max(t["A"][i, j], j) - sf.mean(t["A"][i, j], j)), MATRIX, "A[1][1]"),
    "indicator": (
        lambda t: sf.define("y", (i, j), sf.indicator(j, "<=", i) * t["A"][i, j] + sf.delta(i, j)),
        MATRIX,
        "A[2][1]",
    ),
    "diagonal": (lambda t: sf.define("y", i, t["A"][i, i] * 2 - sf.sum(t["A"][k, k], k)), MATRIX, "A[1][1]"),
    "op": (lambda t: sf.softmax(t["A"], name="y"), MATRIX, "A[1][2]"),
    "bends": (
        lambda t: sf.define("y", i, erf(t["x"][i]) + sigmoid(t["x"][i]) * softplus(t["x"][i]) - relu(-t["x"][i])),
        {"x": ([-1, 2, 5], (n,), {})},
        "x[2]",
    ),
    "sorted": (
        lambda t: sf.define("y", i, sf.sort(t["x"], descending=True)[i] * 2),
        {"x": ([1, 3, 3, 2], (n,), {})},
        "x[2]",
    ),
    "largest": (
        lambda t: sf.define("y", i, sf.argmax(t["x"][k], k) * t["x"][i] + t["x"][sf.argmax(t["x"][k], k)]),
        {"x": ([1, 3, 3, 2], (n,), {})},
        "x[2]",
    ),
    "joined": (
        lambda t: sf.define("y", (i, j), sf.concat([t["A"], sf.roll(t["A"], 1, 1), t["A"][1:]])[i, j] * 2),
        MATRIX,
        "A[2][1]",
    ),
    "padded": (lambda t: sf.define("y", (i, j), sf.pad(t["A"], (1, 2))[i, j] + 1), MATRIX, "A[2][1]"),
    "functions": (
        lambda t: sf.define("y", i, sf.tanh(t["x"][i]) + sf.log(2 + sf.sin(t["x"][i])) * sf.cos(t["x"][i] / n)),
        {"x": ([1, 2, 3], (n,), {})},
        "x[2]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_kind_of_program_recomputes(visit, name):
    make, given, cell = PROGRAMS[name]
    tensors = {key: sf.tensor(key, *shape, **domain) for key, (_, shape, domain) in given.items()}
    result = make(tensors)
    values = {key: value for key, (value, _, _) in given.items()}
    derivation = sf.Derivation(f"Program {name}", given=tuple(tensors.values()), where=(result,))
    page = visit(derivation.at(values))
    edit(page, cell, "0.375")
    key, *place = re.findall(r"\w+", cell)
    values[key] = np.array(values[key], float)
    values[key][tuple(int(number) - 1 for number in place)] = 0.375
    want = derivation.at({one: np.array(value).tolist() for one, value in values.items()}).example.nested(result)
    np.testing.assert_allclose(arrays(page)["y"], np.array(want, float), rtol=1e-12)


def test_every_input_of_the_whole_transformer_is_a_cell_and_all_that_follows_follows(visit):
    derivation = sf.load("random-transformer-whole")
    page = visit("random-transformer-whole")
    page.click("label[for=level-number]") if page.locator("label[for=level-number]").is_visible() else None
    cells = page.locator(".given input").evaluate_all("nodes => nodes.map(node => node.getAttribute('aria-label'))")
    assert len(set(cells)) == len(cells) == sum(np.size(value) for value in derivation.example.values())
    values = {name: np.array(value, dtype=object) for name, value in derivation.example.items()}
    for cell, text in {"source[2]": "9", "t[1]": "3", "W_V_E[1][2][3][1]": "0.5", "W_K_X[2][1][4][3]": "-2",
                       "b_1_D[2][8]": "0.25", "U[4][10]": "1.5", "PE_m[3][2]": "-1"}.items():  # fmt: skip
        name, *place = re.findall(r"\w+", cell)
        values[name][tuple(int(number) - 1 for number in place)] = text if "/" in text else float(text)
        edit(page, cell, text)
    values["source"] = [1, 9]
    again = derivation.at({name: np.array(value).tolist() for name, value in values.items()}).example
    got = arrays(page)
    for name in ("X", "X_E", "Y_D", "logits", "P", "G", "next"):
        one = next(tensor for tensor in derivation.where if tensor.name == name)
        np.testing.assert_allclose(got[name], np.array(again.nested(one), float), rtol=1e-10, atol=1e-12, err_msg=name)
    assert page.heard == []


def layers(downwards=False):
    """A page with a repeat: x_ℓ = x + tanh(x W_ℓ), the last x and those of all layers."""
    L, a, b, ell = sf.sizes("L"), *sf.indices("a b ell")
    x, W = sf.tensor("x", n, d), sf.tensor("W", d, d)
    y = sf.define("y", (i, a), sf.tanh(sf.sum(x[i, b] * W[b, a], b)))
    after = sf.define("z", (i, a), x[i, a] + y[i, a])
    start, stack = sf.tensor("x_0", n, d), sf.tensor("W_all", L, d, d)
    last = sf.repeat(after, (ell, L), {x: start}, {W: stack}, name="x_L")
    all_y = sf.every_layer(last, y, "y_all")
    total = sf.define("s", ell, sf.sum(sf.sum(all_y[ell, i, a], a), i))
    return sf.Derivation("Layers", given=(start, stack), where=(last, all_y, total))


def test_layers_are_live(visit):
    derivation = layers()
    values = {"x_0": [[1, 2], [0, 1]], "W_all": [[[0.5, 0], [1, 1]], [[0, 1], [1, 0]], [[0, -1], [1, 0.25]]]}
    page = visit(derivation.at(values))
    edit(page, "W_all[2][1][1]", "0.75")
    edit(page, "x_0[1][1]", "-1")
    x, every = np.array([[-1.0, 2], [0, 1]]), []
    W = np.array(values["W_all"])
    W[1, 0, 0] = 0.75
    for one in W:
        every.append(np.tanh(x @ one))
        x = x + every[-1]
    got = arrays(page)
    np.testing.assert_allclose(got["x_L"], x, rtol=1e-12)
    np.testing.assert_allclose(got["y_all"], every, rtol=1e-12)
    np.testing.assert_allclose(got["s"], np.sum(every, axis=(1, 2)), rtol=1e-12)
    assert "Layer 2 of 3" in page.text_content(".number-level")
    assert page.text_content("#z_2-1-1") == f"{(x - every[2])[0, 0]:.4f}".replace("-", "−")


# Reset, copies, state. ------------------------------------------------------------------------------------------------


def test_reset_brings_everything_back(visit):
    page = visit("attention-in-three-notations")
    before = page.inner_html(".number-level")
    edit(page, "Q[1][1]", "5")
    edit(page, "Q[1][2]", "five")
    page.click("[data-live=reset]")
    clean = lambda html: re.sub(r' (aria-invalid|title|style|class|data-own)="[^"]*"', "", html)  # noqa: E731
    assert clean(page.inner_html(".number-level")) == clean(before)
    assert "#" not in page.url


def test_the_latex_is_the_printers_until_a_number_changes(visit):
    page = visit("softmax-jacobian")
    markdown = sf.load("softmax-jacobian").at().markdown()
    first = copied(page, "latex").split("\n\n")
    assert first
    assert all(step.strip() in markdown for step in first)


def test_the_latex_follows_an_edit(visit):
    page = visit("softmax-jacobian")
    edit(page, "x[1]", "-2.5")
    latex = copied(page, "latex")
    assert r"\begin{pmatrix} -2.5 \\ 2 \\ 3 \end{pmatrix}" in latex
    assert "⟦" not in latex


def test_the_values_file_is_read_back(visit, tmp_path):
    page = visit("attention-in-three-notations")
    edit(page, "Q[1][1]", "2/3")
    edit(page, "Q[2][2]", ".50")
    (tmp_path / "mine.json").write_text(copied(page, "values"))
    worked = sf.load("attention-in-three-notations").at(read_file(tmp_path / "mine.json"))
    got = arrays(page)
    for tensor in worked.tensors():
        np.testing.assert_allclose(got[tensor.name], worked.example.nested(tensor), rtol=1e-12)


def test_an_address_carries_the_values(visit):
    page = visit("softmax-jacobian")
    edit(page, "x[3]", "7/2")
    page.wait_for_timeout(400)
    state = page.url[page.url.index("#") :]
    other = visit("softmax-jacobian", state)
    assert other.input_value('input[aria-label="x[3]"]') == "7/2"
    assert other.text_content("#s-1") == page.text_content("#s-1")


TAMPERED = {
    "not JSON": "{x",
    "not percent-encoded": "%E0%A4%A",
    "no object": "[1]",
    "an unknown name": '{"y": ["1", "2", "3"]}',
    "a wrong number of values": '{"x": ["1"]}',
    "a word": '{"x": ["1", "two", "3"]}',
    "infinity": '{"x": ["1", "1e999", "3"]}',
    "code": '{"x": ["1", "alert(1)", "3"]}',
    "markup": '{"<img src=x>": ["1"]}',
    "a number that is no text": '{"x": [1, 2, 3]}',
    "a prototype": '{"__proto__": ["1", "2", "3"]}',
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_address_is_refused_with_a_mark(visit, name):
    text = TAMPERED[name]
    state = "#at=" + (text if "%" in text else urllib.parse.quote(text))
    page, plain = visit("softmax-jacobian", state), visit("softmax-jacobian")
    assert "refused" in status(page) and "bad" in page.get_attribute(".live [role=status]", "class")
    assert page.text_content("#s-1") == plain.text_content("#s-1")
    assert page.input_value('input[aria-label="x[2]"]') == "2"
    assert page.heard == []


def test_a_slider_warms_scores(visit):
    page = visit("softmax-jacobian")
    page.locator("#temperature").fill("1")
    np.testing.assert_allclose(arrays(page)["x"], [0.1, 0.2, 0.3])
    want = np.exp([0.1, 0.2, 0.3]) / np.exp([0.1, 0.2, 0.3]).sum()
    np.testing.assert_allclose(arrays(page)["s"], want, rtol=1e-12)
    assert page.inner_text("[data-live=degrees]") == "10"


def test_a_slider_sets_the_temperature_itself(visit):
    page = visit("temperature")
    page.locator("#temperature").fill("-1")
    assert page.input_value('input[aria-label="T"]') == "0.1"
    assert arrays(page)["T"] == 0.1


def test_without_script_the_prepared_numbers_stand_there(visit):
    page = visit("softmax-jacobian", java_script_enabled=False)
    assert page.locator(".number-level").is_visible()
    assert not page.locator(".live").is_visible()
    assert page.locator(".step input").count() == 0
    assert "0.0900" in page.inner_text(".number-level")


def test_the_policy_names_every_script(pages, visit):
    source = visit("softmax-jacobian").content()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', source).group(1)
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")
    assert policy.count("sha256-") == 1 + source.count("<script>")
