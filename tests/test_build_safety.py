"""A build touches only what it writes, and words stay words in HTML."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import symformer as sf
from symformer.book import build

GOOD = '''"""A page.

An idea.
"""

from symformer import Derivation, indices, sizes, tensor

x = tensor("x", sizes("n"))
i = indices("i")
derivation = Derivation(__doc__, given=(x,), calc=((x[i] + x[i], "twice"), (2 * x[i], "collected")), example={"x": [1]})
'''
NASTY = "<script>alert(1)</script> \\input{/etc/passwd} $x$ 100% a & b `code` {{ 7*7 }} <img src=x onerror=y>"


def folder_with(tmp_path: Path, **files: str) -> Path:
    """A folder of derivations."""
    folder = tmp_path / "book"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_foreign_files_stay(tmp_path):
    out = tmp_path / "out"
    (out / "html").mkdir(parents=True)
    for path in (out / "mine.md", out / "html" / "mine.html"):
        path.write_text("mine", encoding="utf-8")
    build(folder_with(tmp_path, good=GOOD), out, pdf=False)
    assert (out / "mine.md").read_text(encoding="utf-8") == "mine"
    assert (out / "html" / "mine.html").read_text(encoding="utf-8") == "mine"
    assert (out / "html" / "good.html").exists()


def test_a_page_that_breaks_leaves_its_last_good_one(tmp_path):
    out = tmp_path / "out"
    build(folder_with(tmp_path, good=GOOD, other=GOOD), out, pdf=False)
    before = (out / "html" / "good.html").read_bytes()
    report = build(folder_with(tmp_path, good=GOOD + "\n1 / 0\n"), out, pdf=False)
    assert "good.py:12" in report.problems[0]
    assert (out / "html" / "good.html").read_bytes() == before


def test_a_build_that_is_stopped_leaves_the_last_good_book(tmp_path):
    out = tmp_path / "out"
    build(folder_with(tmp_path, good=GOOD, other=GOOD), out, pdf=False)
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(folder_with(tmp_path, good=GOOD.replace("An idea", "Another idea")), out, pdf=False, on_done=stop)
    assert {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()} == before


def nasty_page() -> str:
    """A page whose every word is an attack."""
    n, i = sf.sizes("n"), sf.indices("i")
    x = sf.tensor("x", n)
    calc = (sf.begin(x[i] + x[i], NASTY, NASTY), (2 * x[i], NASTY))
    figure = sf.HeatMap(sf.define("P", (i, sf.indices("j")), x[i] * x[sf.indices("j")]), NASTY, NASTY, NASTY)
    derivation = sf.Derivation(
        f"{NASTY}\n\n{NASTY}", given=(x, NASTY), calc=calc, notes=(NASTY,), reference=NASTY, example={"x": [1, 2]},
        pictures=(figure,),
    )  # fmt: skip
    return derivation.html()


def test_words_stay_words_in_html():
    page = nasty_page()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "49" not in page.split("<main>")[1]
    assert page.count("<script>") == 2  # the copy buttons, and the numbers that recompute
    assert page.count("{{ 7*7 }}") >= 6


def test_the_page_is_well_formed_where_it_is_xml():
    page = nasty_page()
    for start, end in (("<svg", "</svg>"), ("<math", "</math>")):
        piece = page[page.index(start) : page.index(end) + len(end)]
        ElementTree.fromstring(piece)
