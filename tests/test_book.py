"""The book: every line judged, every formula typeset, every page the same from every run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import symformer as sf
from symformer.book import book_folder, build
from symformer.cli import main
from symformer.writers import tex_document
from symformer.writers.render import line_tex

SLUGS = [listed.slug for listed in sf.contents()]
DOCS = Path(__file__).resolve().parent.parent / "docs"
FENCE = re.compile(r"^```math\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"\$`([^`\n]+)`\$")


def pdflatex(folder, text):
    """Compiles a document once; without TeX the test is skipped, but on CI it fails."""
    if shutil.which("pdflatex") is None and "CI" not in os.environ:
        pytest.skip("pdflatex is not installed")
    (folder / "all.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    wrong = done.stdout[done.stdout.find("\n!") :][:800] if done.returncode else ""
    assert done.returncode == 0, wrong
    assert "Missing character" not in (folder / "all.log").read_text(errors="replace")


def pages(folder):
    """File name to bytes, for the Markdown files of a folder."""
    return {path.name: path.read_bytes() for path in folder.glob("*.md")}


# Our own book. --------------------------------------------------------------------------------------------------------


def test_every_file_of_the_book_is_in_its_contents():
    files = {path.stem.replace("_", "-") for path in book_folder().glob("*.py")} - {"contents"}
    assert files == set(SLUGS)
    assert len(SLUGS) == len(set(SLUGS))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_of_the_book_is_judged_as_it_should_be(book, slug):
    result = book[slug]
    assert not result.error
    for line in result.lines:
        assert line["verdict"] == (line["expected"] or line["verdict"]), line
        assert line["expected"] == "refuted" or line["verdict"] in ("proved", "exact", "checked"), line


def test_only_pages_of_definitions_claim_nothing(book):
    silent = {slug for slug in SLUGS if not book[slug].lines}
    assert {"random-transformer", "random-transformer-paper"} <= silent
    assert not any(sf.load(slug).lines for slug in silent)


def test_every_formula_of_the_book_compiles_under_pdflatex(book, tmp_path):
    display = [formula for result in book.values() for formula in FENCE.findall(result.markdown)]
    inline = [formula for result in book.values() for formula in INLINE.findall(result.markdown)]
    assert len(display) > 300
    assert len(inline) > 50
    formulas = [rf"\[ {formula.strip()} \]" for formula in display] + [f"${formula}$\n" for formula in inline]
    pdflatex(tmp_path, tex_document("\n".join(formulas), "All formulas"))


def test_the_latex_book_compiles_under_pdflatex(book, tmp_path):
    pdflatex(tmp_path, tex_document("\n\n".join(result.tex for result in book.values()), "The book"))


@pytest.mark.parametrize("slug", SLUGS)
def test_mathematics_survives_commonmark(book, slug):
    """What a CommonMark reader takes for code is just what was written as a formula, byte by byte."""
    text = book[slug].markdown
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    fences = [token.content for token in tokens if token.type == "fence" and token.info == "math"]
    assert fences == FENCE.findall(text)
    children = [(token.children or [])[:] for token in tokens if token.type == "inline"]
    spans = [
        (before.content[-1:], span.content, after.content[:1])
        for parts in children
        for before, span, after in zip(parts, parts[1:], parts[2:], strict=False)
        if span.type == "code_inline" and before.content.endswith("$")
    ]
    assert spans == [("$", formula, "$") for formula in INLINE.findall(text)]
    assert not [token for token in tokens if token.type == "html_block"]
    assert not [part for parts in children for part in parts if part.type == "html_inline"]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_stands_on_its_page(book, slug):
    fences = [formula.strip() for formula in FENCE.findall(book[slug].markdown)]
    for chain in sf.load(slug).page(judged=False).chains:
        for line in chain.lines:
            assert line_tex(line) in fences


def test_the_tracked_pages_are_those_of_a_fresh_build(book, tmp_path):
    build(book_folder(), tmp_path, pdf=False)
    fresh, tracked = pages(tmp_path), pages(DOCS)
    assert sorted(tracked) == sorted(fresh)
    assert [name for name in fresh if fresh[name] != tracked[name]] == []


def test_a_second_build_writes_nothing(book, tmp_path):
    first = build(book_folder(), tmp_path, pdf=False)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    second = build(book_folder(), tmp_path, pdf=False)
    assert first.written
    assert second.written == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == stamps


def test_links_between_pages_lead_somewhere(book, tmp_path):
    build(book_folder(), tmp_path, pdf=False)
    for name, text in pages(tmp_path).items():
        for target in re.findall(r"\]\(([\w-]+\.md)\)", text.decode()):
            assert (tmp_path / target).exists(), name


# Anybody's folder. ----------------------------------------------------------------------------------------------------

FILE = '''"""{title}.

An idea.
"""

from symformer import Derivation, diff, exp, indices, see, sizes, tensor, wrong

n = sizes("n")
i = indices("i")
x = tensor("x", n)
derivation = Derivation(__doc__, given=(x,), calc=((diff(x[i] ** 2, x[i]), "opening"), {line}))
'''
RIGHT = '(2 * x[i], "power rule")'


@pytest.fixture
def folder(tmp_path):
    """An empty folder of derivations."""
    made = tmp_path / "mine"
    made.mkdir()
    return made


def add(folder, stem, line=RIGHT, title=None):
    """Adds a derivation of two lines."""
    (folder / f"{stem}.py").write_text(FILE.format(title=title or stem.title(), line=line), encoding="utf-8")


def test_a_folder_without_contents_is_built_alphabetically(folder, tmp_path):
    for stem in ("b_two", "a_one", "c_three"):
        add(folder, stem)
    report = build(folder, tmp_path / "out", pdf=False)
    assert report.problems == []
    listed = re.findall(r"\]\(([\w-]+)\.md\)", (tmp_path / "out" / "README.md").read_text())
    assert listed == ["a-one", "b-two", "c-three"]


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path, folder):
    for stem in ("log_sum_exp_gradient", "softmax_jacobian"):
        shutil.copy(book_folder() / f"{stem}.py", folder)
    outputs = []
    for seed in ("1", "77"):
        out = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SYMFORMER_CACHE": str(tmp_path / f"cache{seed}")}
        command = [sys.executable, "-m", "symformer", "build", str(folder), "-o", str(out), "--no-pdf"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        outputs.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*.*")})
    assert outputs[0] == outputs[1]
    assert {Path("README.md"), Path("softmax-jacobian.md"), Path("tex/symformer.tex")} <= set(outputs[0])


def test_a_derivation_that_raises_is_reported_and_the_others_are_built(folder, tmp_path, capsys):
    add(folder, "a_good")
    add(folder, "b_bad", '(1 / 0, "no")')
    add(folder, "c_worse", '(x[i, i], "no")')
    (folder / "d_broken.py").write_text("def f(:\n", encoding="utf-8")
    assert main(["build", str(folder), "-o", str(tmp_path / "out"), "--no-pdf"]) == 1
    shown = capsys.readouterr().err.splitlines()
    assert f"{folder / 'b_bad.py'}:11: ZeroDivisionError" in shown[0]
    assert f"{folder / 'c_worse.py'}:11: ShapeError: x has 1 axis (n), got 2 indices" in shown[1]
    assert f"{folder / 'd_broken.py'}:1: SyntaxError" in shown[2]
    assert len(shown) == 3
    assert {path.name for path in (tmp_path / "out").glob("*.md")} == {"README.md", "a-good.md"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('(3 * x[i], "wrong")', "refuted"),
        ('(2 * x[i] / (x[i] - x[i]), "no number")', "open"),
        ('wrong(2 * x[i], "right after all")', "expected refuted"),
        ('(2 * x[i], (see("c-later"),))', "refers to c-later, which comes later"),
        ('(2 * x[i], (see("nowhere"),))', "refers to nowhere, which does not exist"),
        ('(2 * x[i], (see("b-this"),))', "refers to b-this, which comes later or is itself"),
    ],
)
def test_what_makes_a_build_fail(folder, tmp_path, line, problem):
    add(folder, "b_this", line)
    add(folder, "c_later")
    report = build(folder, tmp_path / "out", pdf=False)
    assert len(report.problems) == 1
    assert report.problems[0].startswith(f"{folder / 'b_this.py'}:")
    assert problem in report.problems[0]


def test_an_error_of_the_literature_passes_when_it_is_refuted(folder, tmp_path):
    add(folder, "a", f'wrong(3 * x[i], "an error"), {RIGHT}')
    assert build(folder, tmp_path / "out", pdf=False).problems == []
    assert "an error, refuted" in (tmp_path / "out" / "a.md").read_text()


def test_contents_that_cannot_be_used_are_bad_input(folder, tmp_path, capsys):
    add(folder, "a")
    (folder / "contents.py").write_text('CONTENTS = (("Part", ("a", "missing")),)')
    assert main(["build", str(folder), "-o", str(tmp_path / "out"), "--no-pdf"]) == 2
    assert "there is no missing.py" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_damaged_cache_is_no_harm(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "cache"))
    add(folder, "a")
    build(folder, tmp_path / "one", pdf=False)
    for path in (tmp_path / "cache").iterdir():
        path.write_text("{" if path.name < "8" else "[]")
    build(folder, tmp_path / "two", pdf=False)
    assert pages(tmp_path / "one") == pages(tmp_path / "two")
