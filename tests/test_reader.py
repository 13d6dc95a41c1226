"""What a reader can do with a page in a browser: point, select, search, turn, switch, press keys."""

from __future__ import annotations

import nbformat
import pytest

from symformer.book import build

pytestmark = pytest.mark.xdist_group("browser")

HEAD = '''"""{title}.

{idea}
"""

from symformer import Derivation, begin, define, diff, exp, indices, see, sizes, sqrt, sum, tensor

n, m, d, e = sizes("n m d e")
i, j, k, c, f = indices("i j k c f")
'''
ATTENTION = (
    HEAD.format(title="Averages", idea="A query asks, keys answer. Then values are averaged.")
    + """
A, B, C = tensor("A", n, d), tensor("B", m, d), tensor("C", m, e)
S = define("S", (i, j), sum(A[i, c] * B[j, c], c))
W = define("W", (i, j), exp(S[i, j]) / sum(exp(S[i, k]), k))
O = define("O", (i, f), sum(W[i, j] * C[j, f], j))
derivation = Derivation(
    __doc__, given=(A, B, C), where=(S, W, O),
    calc=((sum(W[i, j], j), "what a row sums to"), (sum(exp(S[i, j]) / sum(exp(S[i, k]), k), j), "definition of W"),
          (sum(exp(S[i, j]), j) / sum(exp(S[i, k]), k), "factor out"), (1, "the sum is its denominator")),
    example={"A": [[1, 0]], "B": [[1, 1], [0, 1]], "C": [[1], [3]]},
)
"""
)
SQUARE = (
    HEAD.format(title="Slope of a square", idea="It is twice the number.")
    + """
x = tensor("x", n)
derivation = Derivation(__doc__, given=(x,), calc=((diff(x[i] ** 2, x[i]), "what we want"), (2 * x[i], "power rule")))
"""
)
CUBE = (
    HEAD.format(title="Slope of a cube", idea="It is three times the square.")
    + """
x = tensor("x", n)
derivation = Derivation(
    __doc__, given=(x,), calc=((diff(x[i] ** 3, x[i]), "what we want"), (3 * x[i] ** 2, "power rule, as in ", )),
    reference=("After ", see("square")),
)
""".replace('"power rule, as in ", )', '"power rule")')
)
CONTENTS = """CONTENTS = (("Means", ("averages",)), ("Slopes", ("square", "cube")))
LEADS = {"Slopes": "How steep it is."}
PATHS = (("Walker", "Uphill.", ("square", "cube")),)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The HTML of the three pages."""
    folder = tmp_path_factory.mktemp("three")
    for name, text in {"averages": ATTENTION, "square": SQUARE, "cube": CUBE, "contents": CONTENTS}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    assert build(folder, folder / "out", pdf=False).problems == []
    return folder / "out" / "html"


@pytest.fixture
def visit(browser, site):
    """Opens a page; complaints of the browser fail the test."""
    contexts = []

    def opened(name, **options):
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        for event in ("console", "pageerror", "request"):
            page.on(event, lambda found: page.heard.append(str(getattr(found, "url", None) or found)))
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield opened
    for context in contexts:
        assert all(url.startswith("file:") for page in context.pages for url in page.heard)
        context.close()


def lit(page):
    """The text of what is lit inside formulas."""
    return page.eval_on_selector_all("math .on", "nodes => nodes.map(node => node.textContent)")


def test_roles_are_told_by_what_tensors_do(visit):
    """No letter says so: what a softmax shares out are weights, A and B make its scores, C is averaged."""
    page = visit("averages")
    roles = {
        letter: page.eval_on_selector(f".margin mi:text-is('{letter}')", "node => node.className")
        for letter in "ABCWSO"
    }
    assert {letter: role.split()[1:] for letter, role in roles.items()} == {
        "A": ["q"], "B": ["k"], "C": ["v"], "W": ["p"], "S": [], "O": [],
    }  # fmt: skip


def test_pointing_at_a_symbol_lights_all_its_places_and_says_what_it_is(visit):
    page = visit("averages", viewport={"width": 1280, "height": 500})
    page.hover("#line-2 .formula mi:text-is('S') >> nth=0")
    found = lit(page)
    assert set(found) == {"S"} and len(found) == page.locator("math mi:text-is('S')").count()
    assert page.locator(".margin .lit").count() == 1
    page.hover("h1")
    assert lit(page) == []


def test_an_index_lights_within_its_chain(visit):
    page = visit("averages")
    page.hover("#line-2 .formula mi:text-is('k') >> nth=0")
    assert set(lit(page)) == {"k"}
    assert page.locator(".margin .def math .on").count() == 0


def test_selecting_a_line_shows_its_evidence_and_what_moved(visit):
    page = visit("averages")
    assert not page.is_visible("#line-3 .rule")
    page.click("#line-3 .reason")
    assert page.is_visible("#line-3 .rule") and "size" in page.inner_text("#line-3 .rule p")
    assert page.locator("#line-3 .moved").count() and page.locator("#line-2 .came").count()
    page.click("#line-4 .reason")
    assert not page.is_visible("#line-3 .rule") and page.locator("#line-2 .came").count() == 0


LANGUAGES = {
    "LaTeX": r"= \frac{\sum_{j} e^{S_{ij}}}{\sum_{k} e^{S_{ik}}}",
    "Markdown": "$`= ",
    "Typst": "$ = frac(",
    "Unicode": "= (",
}


def test_a_line_is_copied_in_four_languages(visit):
    page = visit("averages")
    page.click("#line-3 .reason")
    for name, start in LANGUAGES.items():
        page.click(f"#line-3 .how button:text-is('{name}')")
        page.wait_for_function(
            "text => navigator.clipboard.readText().then(found => found.startsWith(text))", arg=start
        )
    page.click("#line-3 .how button:text-is('Link')")
    page.wait_for_function("() => navigator.clipboard.readText().then(found => found.endsWith('averages.html#line-3'))")


def test_without_script_the_evidence_opens_and_roles_are_there(visit):
    page = visit("averages", java_script_enabled=False)
    page.click("#line-3 .mark summary")
    assert page.is_visible("#line-3 .rule")
    assert page.locator("#line-2 .p, .margin .q").count()


def test_keys_turn_pages_step_through_lines_and_switch_levels(visit):
    page = visit("averages")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.is_visible("#line-3 .rule")
    page.keyboard.press("k")
    assert page.is_visible("#line-2 .rule")
    page.keyboard.press("Escape")
    assert page.locator(".mark[open]").count() == 0
    page.keyboard.press("3")
    assert page.is_visible(".number-level")
    page.keyboard.press("n")
    page.wait_for_url("**/square.html")
    page.keyboard.press("p")
    page.wait_for_url("**/averages.html")
    assert page.is_visible(".number-level"), "the level is kept between pages"
    page.keyboard.press("/")
    page.wait_for_url("**/index.html#search")
    page.wait_for_function("() => document.activeElement.id === 'words'")


SEARCHES = {"cube": ["Slope of a cube"], "slope": ["Slope of a square", "Slope of a cube"], "W": ["Averages"],
            "∂x_i": ["Slope of a cube", "Slope of a square"], "S": ["Averages"],
            "keys answer": ["Averages"], "nothing of it": []}  # fmt: skip


def test_search_finds_titles_symbols_and_statements(visit):
    page = visit("index")
    page.wait_for_selector("#words")
    for words, wanted in SEARCHES.items():
        page.fill("#words", words)
        assert sorted(page.locator(".search li a").all_inner_texts()) == sorted(wanted), words
    page.fill("#words", "cube")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cube.html")


def test_the_contents_are_a_map(visit):
    page = visit("index")
    assert page.locator(".paths li a").all_inner_texts() == ["Slope of a square", "Slope of a cube"]
    assert "How steep it is." in page.inner_text("#part-2")
    assert page.inner_text("#part-1 .cards p") == "A query asks, keys answer."
    page.click("nav >> text=Symbols")
    assert page.locator("th math").all_text_contents() == sorted("ABCOSWx", key=str.casefold)
    page.go_back()
    page.click("nav >> text=Identities")
    page.click(".identity a >> nth=0")
    page.wait_for_url("**/averages.html#line-4")


def test_a_page_knows_its_neighbours(visit):
    page = visit("square")
    assert page.inner_text(".near .on") == "Slope of a cube"
    assert page.inner_text("a[rel=prev] span") == "Averages"
    assert page.inner_text(".bar nav") == "Slopes · 1 of 2"


def test_the_theme_is_chosen_and_kept(visit):
    page = visit("square", color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-do=theme]")
    dark = page.evaluate(ground)
    page.click("a[rel=next]")
    page.wait_for_url("**/cube.html")
    assert dark != light and page.evaluate(ground) == dark


def test_changed_numbers_are_marked_and_inputs_stand_outside_mathematics(visit):
    page = visit("averages")
    page.keyboard.press("3")
    assert page.locator("math input").count() == 0
    page.fill('input[aria-label="A[1][1]"]', "2")
    assert page.locator("#S-1-1 .chg, #S-1-1.chg").count() == 1
    assert page.locator("#S-1-2.chg").count() == 0
    page.wait_for_function("() => document.querySelector('[data-live=count]').textContent.endsWith('changed')")
    page.click("[data-live=reset]")
    assert page.locator(".chg").count() == 0


def test_a_page_is_taken_along_as_a_notebook(visit):
    page = visit("averages")
    with page.expect_download() as taken:
        page.click("[data-notebook]")
    assert taken.value.suggested_filename == "averages.ipynb"
    found = nbformat.reads(taken.value.path().read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(found)
    assert found.cells[0].source.startswith("# Averages")
    assert any("sf.load('averages')" in cell.source for cell in found.cells if cell.cell_type == "code")
