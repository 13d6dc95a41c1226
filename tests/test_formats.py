"""Formats that authors ask for: Word, slides, Typst, flavours of Markdown; all from the same boxes."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile

import pytest
from gallery import GALLERY
from markdown_it import MarkdownIt

import symformer as sf
from symformer.cli import main
from symformer.typeset import latex, omath, typst
from symformer.typeset.boxes import Big, Box, Grid, Named, Number, Root, Row, Script, Sign
from symformer.writers import FLAVORS

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SPACES = f'xmlns:m="{M[1:-1]}" xmlns:w="{W[1:-1]}"'

# The children of each element in the order of the schema (ECMA-376, part 1, shared-math.xsd).
RUNS = "r acc d f groupChr limLow limUpp m nary rad sSub sSubSup sSup"
ORDER = {
    "f": "num den", "rad": "radPr deg e", "sSub": "e sub", "sSup": "e sup", "sSubSup": "e sub sup", "acc": "accPr e",
    "nary": "naryPr sub sup e", "d": "dPr e", "m": "mPr mr*", "mr": "e*", "limLow": "e lim", "limUpp": "e lim",
    "groupChr": "groupChrPr e", "naryPr": "chr limLoc supHide?", "dPr": "begChr endChr", "mPr": "mcs", "mcs": "mc",
    "mc": "mcPr", "mcPr": "count mcJc", "accPr": "chr", "groupChrPr": "chr", "radPr": "degHide", "r": "rPr? t",
    "rPr": "sty|nor",
}  # fmt: skip
ARGUMENTS = {"e", "num", "den", "sub", "sup", "lim", "deg", "oMath"}
EXTRA: dict[str, Box] = {
    "a sum with nothing behind it": Row((Big("∑", Named("i")),)),
    "a maximum": Row((Big("max", Named("j")), Named("x"))),
    "a range": Big("∑", Row((Named("k"), Sign("="), Number("1"))), Named("n")),
    "a power of ten": Number("-1.5e-07"),
    "signs that are markup": Row(tuple(map(Sign, ("<", "&", "#", "_", "$", "{", "}", "/", "\\", "\"")))),
    "an empty row in a matrix": Grid(((Row(()), Named("a b")), (Root(Number("2")), Script(Named("x"), Sign("⊤"))))),
}  # fmt: skip
BOXES = {**GALLERY, **EXTRA}


def fits(element: ElementTree.Element) -> None:
    """Checks an element of mathematics and all in it against the schema's order."""
    name, kids = element.tag.removeprefix(M), [kid.tag.removeprefix(M) for kid in element]
    if name in ARGUMENTS:
        assert set(kids) <= set(RUNS.split()), (name, kids)
    elif name in ORDER:
        pattern = "".join(
            f"(?:(?:{part.rstrip('*?')}) ){part[-1] if part[-1] in '*?' else ''}" for part in ORDER[name].split()
        )
        assert re.fullmatch(pattern, "".join(f"{kid} " for kid in kids)), (
            name,
            kids,
        )
    else:
        assert not kids, name
    for kid in element:
        fits(kid)


@pytest.mark.parametrize("name", BOXES)
def test_office_mathematics_follows_its_schema(name):
    root = ElementTree.fromstring(f"<w:p {SPACES}>{omath(BOXES[name])}</w:p>")
    fits(root[0])


def test_the_schema_check_bites():
    wrong = f"<m:oMath {SPACES}><m:f><m:den/><m:num/></m:f></m:oMath>"
    with pytest.raises(AssertionError):
        fits(ElementTree.fromstring(wrong))


@pytest.mark.parametrize("name", BOXES)
def test_typst_is_balanced(name):
    """Brackets that are not escaped close in order, and no quotation mark stays open."""
    bare = re.sub(r"\\.", "", re.sub(r'"(?:[^"\\]|\\.)*"', "", typst(BOXES[name])))
    assert '"' not in bare
    while bare != (less := re.sub(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}", "", bare)):
        bare = less
    assert not set(bare) & set("()[]{}"), typst(BOXES[name])


TYPST = {
    "a range": "sum_(k = 1)^(n)",
    "a power of ten": "−1.5 dot 10^(−7)",
    "signs that are markup": r"< \& \# \_ \$ \{ \} \/ \\ \"",
}


@pytest.mark.parametrize("name", TYPST)
def test_typst_is_what_it_should_be(name):
    assert typst(BOXES[name]) == TYPST[name]


@pytest.fixture(scope="module")
def page():
    """A page with lines, numbers, a picture and a known error."""
    return sf.load("attention-backward").page(judged=False)


@pytest.fixture(scope="module")
def derivation():
    """A short page."""
    return sf.load("softmax-jacobian")


@pytest.mark.parametrize("level", [None, "matrix", "number"])
def test_a_document_for_word_is_whole(derivation, level):
    content = derivation.docx(level)
    assert content == derivation.docx(level), "the same bytes again"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
    types = {one.get("PartName") for one in parts["[Content_Types].xml"]} - {None}
    assert {f"/{name}" for name in parts} >= types
    document = parts["word/document.xml"]
    formulas = list(document.iter(f"{M}oMath"))
    for formula in formulas:
        fits(formula)
    styles = {one.get(f"{W}styleId") for one in parts["word/styles.xml"].iter(f"{W}style")}
    assert {one.get(f"{W}val") for one in document.iter(f"{W}pStyle")} <= styles
    found = derivation.page()
    lines = sum(len(chain.at(level or "index")) for chain in found.chains)
    assert len(list(document.iter(f"{M}oMathPara"))) >= (lines if level != "number" else len(found.steps))
    assert found.title in "".join(document.itertext())


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_formula_survives_each_flavour(derivation, flavor):
    """A reader of CommonMark, told of the flavour's own marks, finds every formula as it was written."""
    text = derivation.markdown(flavor=flavor)
    found = derivation.page()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lines = [latex(line.formula.index) for chain in found.chains for line in chain.lines]
    if flavor in ("github", "myst"):
        fences = [token.content for token in tokens if token.type == "fence" and token.info in ("math", "{math}")]
    else:
        fences = re.findall(r"^\$\$\n(.*?)\n\$\$$", text, re.DOTALL | re.MULTILINE)
    assert all(any(line in fence for fence in fences) for line in lines)
    others = {"github": "{math}", "myst": "$", "quarto": "`$", "pandoc": "`$"}
    assert others[flavor] not in text.split("## As a NumPy")[0].replace("\\$", "")


def test_words_that_pandoc_would_change_are_kept():
    derivation = sf.Derivation(
        "Words\n\nUse --at v.json ... or user@host, 2^10.", where=(sf.define("y", (), sf.tensor("x")[()] * 2),)
    )
    assert r"\-\-at v.json \.\.\. or user\@host, 2\^10." in derivation.markdown(flavor="pandoc")
    assert "--at v.json ... or user@host, 2^10." in derivation.markdown()


def test_slides_show_one_line_more_with_each_key(browser, tmp_path, derivation):
    path = tmp_path / "slides.html"
    path.write_text(derivation.slides(), encoding="utf-8")
    shown = browser.new_page()
    heard = []
    shown.on("request", lambda request: heard.append(request.url))
    shown.on("console", lambda message: heard.append(message.text))
    shown.goto(path.as_uri())
    counts = []
    for _ in range(60):
        now = "[...document.querySelectorAll('.slide.now .line')].filter(line => !line.matches('.later')).length"
        counts.append((shown.inner_text("#at"), shown.evaluate(now)))
        shown.keyboard.press("ArrowRight")
    chains = [len(chain.lines) for chain in derivation.page().chains]
    for number, lines in enumerate(chains):
        place = next(at for at, count in dict(counts).items() if count == lines)
        assert [count for at, count in dict.fromkeys(counts) if at == place] == list(range(1, lines + 1)), number
    shown.keyboard.press("Home")
    assert shown.inner_text(".slide.now h1") == derivation.title
    assert heard == [path.as_uri()]
    shown.close()


COMMANDS = {
    "a flavour of no Markdown": (["show", "softmax-jacobian", "--flavor", "myst"], "--flavor"),
    "an unknown flavour": (["show", "softmax-jacobian", "--format", "markdown", "--flavor", "html"], "html"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_cannot_be_is_named(capsys, name):
    arguments, word = COMMANDS[name]
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out and word in err and err.count("\n") == 1


def test_every_format_of_the_command_line_is_written(capsysbinary, tmp_path):
    (tmp_path / "v.json").write_text(json.dumps({"x": [1, 2]}))
    for name, start in {"docx": b"PK", "slides": b"<!doctype html>", "typst": b"#set document"}.items():
        assert main(["show", "softmax-jacobian", "--format", name, "--at", str(tmp_path / "v.json")]) == 0
        assert capsysbinary.readouterr().out.startswith(start)
    assert main(["show", "softmax-jacobian", "--format", "docx", "-o", str(tmp_path / "x.docx")]) == 0
    assert zipfile.is_zipfile(tmp_path / "x.docx")
