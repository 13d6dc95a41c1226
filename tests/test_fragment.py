"""LaTeX for a paper: what amsmath alone compiles and KaTeX sets, definitions first, reasons in a column."""

import re
import shutil
import subprocess
from functools import cache

import pytest

import symformer as sf
from symformer.cli import main
from symformer.writers import fragment

SLUGS = [row.slug for row in sf.contents()]
LEVELS = (None, "matrix", "number")
# What amsmath and LaTeX itself know, and KaTeX, too.
KNOWN = set(
    re.findall(
        r"\w+",
        """
        align aligned cases pmatrix text mathrm mathbf texttt frac sqrt sum lim max min exp log sin cos tanh
        det hat tilde bar left right underbrace begin end notag partial cdot times odot oslash le ge ne approx
        to leftarrow in dots vdots ddots infty top mathrel prime mid nabla surd ell alpha beta gamma delta
        varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau varphi chi psi omega Gamma Delta
        Theta Lambda Sigma Phi Psi Omega not sim wedge backslash tfrac textbackslash textasciitilde
        textasciicircum langle rangle
        """,
    )
)


@cache
def page(slug):
    """The page, without verdicts."""
    return sf.load(slug).page(judged=False)


def written(slug, level):
    """The fragment of a page, or nothing where it has no numbers."""
    return fragment(page(slug), level) if level != "number" or page(slug).steps else ""


def commands(text):
    """The commands and environments in LaTeX, without its comments."""
    return set(re.findall(r"\\([A-Za-z]+)", re.sub(r"(?m)^%.*$", "", text)))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_fragment_is_one_align_without_a_preamble(slug):
    for level in (None, "matrix"):
        text = written(slug, level)
        lines = [line for line in text.splitlines() if not line.startswith("%")]
        assert text.count(r"\begin{align}") == text.count(r"\end{align}") == 1
        assert (lines[0], lines[-1]) == (r"\begin{align}", r"\end{align}")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_fragment_has_every_definition_and_every_reason(slug):
    text, chains, where = written(slug, None), page(slug).chains, page(slug).where
    leads = sum(bool(one.lead) for one in where) + sum(bool(chain.title) for chain in chains)
    assert text.count(r" && \text{") == sum(len(chain.lines) - 1 or 1 for chain in chains)
    assert text.count(r"\notag") == len(where) + leads


@pytest.mark.parametrize("slug", SLUGS)
def test_katex_knows_all_that_stands_there(slug):
    """No command that KaTeX lacks, and never two formulas so close that their dollars make a display."""
    for level in LEVELS:
        text = written(slug, level)
        assert commands(text) - KNOWN == set()
        assert "$$" not in text


def test_prose_in_mathematics_shares_its_dollars():
    x = sf.tensor("x", sf.sizes("n"))
    derivation = sf.Derivation("T", given=(x,), calc=((x[1], "first"), (x[1] * 1, "from −∞ to ∞√2/n")))
    assert r"\text{from $-\infty$ to $\infty \surd${}$2/n$}" in derivation.latex()
    assert "$$" not in derivation.document()


def test_every_fragment_compiles_in_a_plain_article(tmp_path):
    assert shutil.which("pdflatex") is not None
    body = "\n\\clearpage\n".join(written(slug, level) for slug in SLUGS for level in LEVELS)
    source = f"\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if line.startswith(("!", "l."))]


def test_most_fragments_fit_on_a_page():
    rows = [written(slug, None).count("\\\\\n") + 1 for slug in SLUGS]
    assert sum(count <= 30 for count in rows) > 0.75 * len(rows)


def test_after_a_refuted_line_the_last_good_one_is_said_again():
    x = sf.tensor("x")
    lines = ((2 * x[()], "a"), sf.wrong(3 * x[()], "an error"), (x[()] + x[()], "right"))
    text = sf.Derivation("T", given=(x,), calc=lines).latex()
    assert r"2x &\ne 3x && \text{an error}" in text
    assert r"2x &= x + x && \text{from (1): right}" in text


def test_the_document_is_asked_for(capsys):
    assert main(["show", "softmax-jacobian", "--format", "latex"]) == 0
    plain = capsys.readouterr().out
    assert main(["show", "softmax-jacobian", "--format", "latex", "--document"]) == 0
    whole = capsys.readouterr().out
    assert plain.startswith("% Jacobian of the softmax\n") and r"\documentclass" not in plain
    assert whole.startswith(r"\documentclass") and r"\end{document}" in whole
