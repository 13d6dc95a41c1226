"""The book in a browser: Debian's Chromium, driven by playwright, from files, with the network watched."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import gallery
import pytest
from playwright.sync_api import Page

import symformer as sf
from symformer.book import book_folder, build

SLUGS = [listed.slug for listed in sf.contents()]
PAGES = [*SLUGS, "index"]
READ = ".idea, .reason, .mark summary, li, p, a, figcaption, legend, label, h1, h2, h3, pre"

pytestmark = pytest.mark.xdist_group("browser")

CONTRAST = """selector => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const lum = rgb => rgb.slice(0, 3).map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const back = node => {
    const c = node ? parse(getComputedStyle(node).backgroundColor) : [255, 255, 255];
    return c.length === 3 || c[3] > 0 ? c : back(node.parentElement); };
  return [...document.querySelectorAll(selector)].filter(n => n.getClientRects().length).map(n => {
    const [a, b] = [lum(parse(getComputedStyle(n).color)), lum(back(n))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05); }).reduce((x, y) => Math.min(x, y), 21);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The book's HTML."""
    out = tmp_path_factory.mktemp("site")
    assert build(book_folder(), out, pdf=False).problems == []
    return out / "html"


@pytest.fixture
def visit(browser, site):
    """Opens a page in a context of its own, and keeps what it asked for and complained of."""
    contexts = []

    def opened(slug: str, **options) -> Page:
        context = browser.new_context(**{"viewport": {"width": 360, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("request", lambda request: page.heard.append(request.url))
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto((site / f"{slug}.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def levels(page: Page) -> list[str]:
    """The levels that the page's switch offers."""
    return page.eval_on_selector_all("input[name=level]", "nodes => nodes.map(node => node.id)")


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_stands_by_itself_on_a_phone(visit, slug):
    """It asks for nothing and complains of nothing, its headings go down step by step, nothing runs over the edge."""
    page = visit(slug)
    found = page.eval_on_selector_all("h1, h2, h3, h4", "nodes => nodes.map(node => Number(node.tagName[1]))")
    assert found[0] == 1
    assert found.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(found))
    for level in [None, *levels(page)]:
        if level:
            page.check(f"#{level}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, level
    assert page.heard == [page.url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("slug", ["attention-backward", "layer-norm-invariance", "index"])
def test_text_stands_out_from_its_ground(visit, slug, scheme):
    assert visit(slug, color_scheme=scheme).evaluate(CONTRAST, READ) >= 4.5


def test_the_contrast_check_bites(visit):
    page = visit("index")
    page.evaluate("document.querySelector('h1').style.setProperty('color', '#ccc')")
    assert page.evaluate(CONTRAST, READ) < 4.5


@pytest.mark.parametrize("slug", ["softmax-jacobian", "attention-backward"])
def test_the_keyboard_reaches_every_control(visit, slug):
    page = visit(slug)
    page.evaluate("document.querySelectorAll('details').forEach(node => node.open = true)")
    wanted = page.evaluate("""() => [...document.querySelectorAll('a[href], summary, button, pre[tabindex]')]
        .filter(node => node.checkVisibility()).length""")
    page.evaluate("window.reached = new Set(); addEventListener('focusin', event => reached.add(event.target))")
    for _ in range(wanted + 30):
        page.keyboard.press("Tab")
    missed = page.evaluate("""() => [...document.querySelectorAll('a[href], summary, button, pre[tabindex]')]
        .filter(node => node.checkVisibility() && !reached.has(node)).map(node => node.outerHTML.slice(0, 80))""")
    assert missed == []


def test_arrow_keys_move_the_switch(visit):
    page = visit("softmax-jacobian")
    page.focus("#level-index")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("#level-matrix")
    assert page.is_visible(".chain.matrix")
    assert not page.is_visible(".chain.index")


@pytest.mark.parametrize("script", [True, False])
def test_the_switch_works_with_and_without_script(visit, script):
    page = visit("softmax-jacobian", java_script_enabled=script)
    shown = {"index": ".chain.index", "matrix": ".chain.matrix", "number": ".number-level"}
    for level, selector in shown.items():
        page.check(f"#level-{level}")
        assert page.is_visible(selector)
        assert not any(page.is_visible(other) for name, other in shown.items() if name != level)


def test_the_button_copies_the_latex(visit):
    page = visit("softmax-jacobian", permissions=["clipboard-read", "clipboard-write"])
    page.click("details.source summary")
    page.click("details.source button")
    page.wait_for_selector("details.source button:text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()").startswith("\\begin{aligned}")


@pytest.mark.parametrize("slug", ["attention-backward", "random-transformer"])
def test_print_cuts_nothing_off(visit, slug):
    page = visit(slug, viewport={"width": 700, "height": 1000})
    page.emulate_media(media="print")
    cut = page.evaluate("""() => [...document.querySelectorAll('.formula math, pre')]
        .filter(node => node.getBoundingClientRect().right > 701).map(node => node.textContent.slice(0, 60))""")
    assert cut == []


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_is_small(site, slug):
    assert (site / f"{slug}.html").stat().st_size < (300_000 if slug == "random-transformer-whole" else 250_000)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_mathml_parses_and_ids_are_unique(site, slug):
    text = (site / f"{slug}.html").read_text(encoding="utf-8")
    for element in re.findall(r"<math.*?</math>", text, flags=re.DOTALL):
        ElementTree.fromstring(element)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_numbers_carry_ids(visit):
    page = visit("random-transformer")
    assert page.text_content("#Q-1-1-1") == "8"
    assert page.text_content("#S-1-2-2") == "135.5517"


def test_every_formula_of_the_gallery_is_typeset(browser, tmp_path):
    """Each takes room, and nothing of it is red or raw: what it looks like was looked at beside pdfLaTeX's."""
    path = tmp_path / "gallery.html"
    path.write_text(gallery.html(), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    sizes = page.eval_on_selector_all("math", "nodes => nodes.map(node => node.getBoundingClientRect().height)")
    assert len(sizes) == len(gallery.GALLERY) == 12
    assert min(sizes) > 12
    assert page.eval_on_selector_all("merror", "nodes => nodes.length") == 0
    page.close()


def test_a_matrix_is_as_tall_as_its_rows(browser, tmp_path):
    """MathML is really laid out: two rows stand above each other, and brackets grow with them."""
    path = tmp_path / "gallery.html"
    path.write_text(gallery.html(), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    first = "(() => { const rows = document.querySelectorAll('mtable')[0].querySelectorAll('mtr'); return"
    assert page.evaluate(
        f"{first} rows[1].getBoundingClientRect().top >= rows[0].getBoundingClientRect().bottom - 1; }})()"
    )
    page.close()
