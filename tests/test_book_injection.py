"""Words of an author are words: in Markdown, in LaTeX and in a template, never markup or code."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from test_book import pdflatex

import symformer as sf
from symformer.book import build
from symformer.writers import tex_document
from symformer.writers.inline import tex_text

EVIL = [
    "<script>alert(1)</script>",
    r"\input{/etc/passwd}",
    "$x$ and $$y$$ and \\(z\\)",
    "100% & more % of it",
    "` no code ` and ``` more",
    "{{ 7 * 7 }} {% raw %} << title >> <% if raw %> <# no #>",
    "[a link](javascript:alert) ![an image](x.png) <https://example.org>",
    "*stars* _lines_ **bold** ~~gone~~",
    "&lt;b&gt; &amp; &#60;",
    "# no heading",
    "- no list",
    "+ no list",
    "1. no list",
    "1) no list",
    "> no quotation",
    "--- no rule",
    "| no | table |",
    r"\end{document} ^^M ~ ^ _ # \verb|x|",
    "trailing backslash \\",
]
MARKUP = {"html_block", "html_inline", "link_open", "image", "em_open", "blockquote_open", "hr"}


def derivation(words):
    """A derivation with these words wherever words can stand."""
    n, i = sf.sizes("n"), sf.indices("i")
    x = sf.tensor("x", n)
    return sf.Derivation(
        f"{words}\n\n{words}",
        given=(x, words),
        calc=(sf.begin(x[i] + x[i], words, words), (2 * x[i], (words, x[i]))),
        reference=words,
        notes=(words,),
        example={"x": [1, 2]},
    )


def texts(tokens):
    """The words of all text in a Markdown page, without the formulas."""
    inline = [token for token in tokens if token.type == "inline"]
    return ["".join(part.content for part in token.children if part.type != "code_inline") for token in inline]


def parsed(page):
    """The tokens of a page, blocks first and the parts of their lines inside."""
    return MarkdownIt("commonmark").enable("table").parse(page)


@pytest.mark.parametrize("words", EVIL)
def test_words_stay_words_in_markdown(words):
    """A page with any words has the structure of a page with plain ones, and shows just these words."""
    tokens, plain = parsed(derivation(words).markdown()), parsed(derivation("plain words").markdown())
    assert not {part.type for token in tokens for part in (token, *(token.children or []))} & MARKUP
    assert [token.type for token in tokens] == [token.type for token in plain]
    title, *rest = texts(tokens)
    assert title == words.strip().rstrip(".")
    assert rest == [text.replace("plain words", words) for text in texts(plain)][1:]


def test_words_stay_words_in_latex(tmp_path):
    sections = [derivation(words).latex() for words in EVIL]
    for section in sections:
        read = "\n".join(line for line in section.splitlines() if not line.startswith("%"))  # TeX skips comments
        assert r"\input{" not in read
        assert r"\end{document}" not in read
    pdflatex(tmp_path, tex_document("\n\n".join(sections), EVIL[0]))


def test_an_accent_stands_on_its_letter_in_latex():
    assert tex_text("the cotangent of x\u0302_2, 100 %") == r"the cotangent of $\hat{x}$\_2, 100 \%"


def test_words_stay_words_on_a_terminal():
    for words in EVIL:
        assert words in " ".join(derivation(words).text().split())


@pytest.mark.parametrize(
    "name", [r"x}\input{/etc/passwd}", "a%b", "w$eird", "h#sh", "amp&", "back\\slash", "caret^", "tilde~", "ünïcode"]
)
def test_what_latex_would_read_is_no_name(name):
    with pytest.raises(sf.NotationError, match="a name is letters"):
        sf.tensor(name, sf.sizes("n"))


@pytest.mark.parametrize("stem", ["01_intro", "with space", "100%", "a&b", "h#sh", "par(en)", "ümlaut", "class"])
def test_any_file_name_makes_a_page_that_is_linked(tmp_path, stem):
    mine = tmp_path / "mine"
    mine.mkdir()
    source = (
        '"""T."""\nimport symformer as sf\nx = sf.scalar("x")\nderivation = sf.Derivation(__doc__, calc=((x, "a"),))\n'
    )
    (mine / f"{stem}.py").write_text(source, encoding="utf-8")
    report = build(mine, tmp_path / "out", pdf=False)
    assert report.problems == []
    (page,) = [path.name for path in (tmp_path / "out").glob("*.md") if path.name != "README.md"]
    tokens = (
        MarkdownIt("commonmark").enable("table").parse((tmp_path / "out" / "README.md").read_text(encoding="utf-8"))
    )
    links = [part.attrs["href"] for token in tokens for part in token.children or [] if part.type == "link_open"]
    assert [MarkdownIt().normalizeLinkText(link) for link in links] == [page]
    pdflatex(tmp_path, (tmp_path / "out" / "tex" / "symformer.tex").read_text(encoding="utf-8"))
