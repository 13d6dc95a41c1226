"""Pages, reasons, messages and documents speak the language of the field: each thing has one word, which readers know.

What is looked for are words that crept in once and that no textbook has: a slope for a gradient, shares for
probabilities, what is taken out or handed on. The left column is what is found, the right column what to write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import symformer as sf

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "the|a|an|all|its|their|these|equal|first|largest|your|each|this|of|three|what"
DIALECT = {
    r"\bslopes?\b(?! of a head| of ALiBi)(?<!odd slopes)": "gradient (of a loss), derivative (of a function)",
    rf"\b(?:{BEFORE}) shares?\b": "probability, attention weight, fraction",
    r"\bshares? (?:of|sums?|are called|that sum|moves?)\b": "probabilities, attention weights, fraction",
    r"\b(?:takes?|taken|taking|took) (?:it )?out\b": "factor out",
    r"\b(?:hands?|handed|handing) (?:\w+ )*on\b": "propagate, pass to",
    r"\bwhat we want\b": "what the formula is",
    r"\bleaves? the sum\b": "factor out of the sum",
    r"\bmultipl(?:y|ied) out\b": "expand",
    r"\babove and below\b|\bfraction bar\b": "numerator and denominator",
    r"\bdeltas? keeps?\b": "only the term k = j remains",
    r"\b(?:reverse mode|the machine) finds\b|\bfound above\b": "derives, derived",
    r"\bonly (?:\S+ )?holds\b": "only u_j depends on x_j",
    r"\bin the sum twice\b": "occurs twice",
    r"\bchange places\b": "exchange the sums",
    r"\bone fraction\b": "over a common denominator",
    r"\bless (?:the|its|their)\b": "minus",
    r"\bentry that is read\b": "differentiate each entry",
    r"\bthe spread\b": "the standard deviation",
    r"\bmay look at\b|\bwho looks\b": "attends to, sees",
    r"\bclocks? of (?:its|their) own\b|\bby other clocks\b": "at another speed",
    r"\bput in for\b|\bputs? in one after\b": "substitute",
    r"\ba slope\b|\bslopes? in\b": "derivative in",
}  # fmt: skip
DOCUMENTS = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "tutorials").glob("*.md"))]
CODE = re.compile(r"```(?:py|python|sh|json)\n.*?```|`[^`\n]+`", flags=re.DOTALL)


def dialect(words: str) -> list[str]:
    """Each word that a reader would stumble over, with what to write in its place."""
    return [
        f"“{found.group()}”: {plain}" for pattern, plain in DIALECT.items() for found in re.finditer(pattern, words)
    ]


def said(derivation: sf.Derivation) -> Iterator[str]:
    """The words of a derivation, piece by piece: title, idea, Given, Where, headings, reasons, notes, captions."""
    yield from (derivation.title, *derivation.idea)
    lines = [part for line in derivation.lines for part in (line.title, line.reason)]
    captions = [text for picture in derivation.pictures for text in vars(picture).values() if isinstance(text, str)]
    yield from strings([derivation.given, derivation.where, derivation.reference, derivation.notes, lines, captions])


def strings(parts: object) -> Iterator[str]:
    """All strings in nested tuples and lists."""
    if isinstance(parts, str):
        yield parts
    elif isinstance(parts, (tuple, list)):
        for part in parts:
            yield from strings(part)


def derived() -> Iterator[sf.Derivation]:
    """Derivations that nobody wrote, with every kind of generated reason."""
    n, m, d = sf.sizes("n m d")
    i, k = sf.indices("i k")
    Q, K, V, x = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d), sf.tensor("x", n)
    for tensor in (sf.attention(Q, K, V, softcap=5), sf.layer_norm(Q), sf.cross_entropy(x, sf.softmax(x))):
        yield sf.gradient(tensor).derivation
    yield sf.jacobian(sf.softmax(x), x).derivation
    yield sf.hessian(sf.logsumexp(x), x).derivation
    largest = sf.define("m", (), sf.max(x[k], k))
    shifted = sf.define("u", i, sf.exp(x[i] - largest[()]))
    yield sf.gradient(sf.define("p", i, shifted[i] / sf.sum(shifted[k], k))).derivation


def constants(path: Path) -> Iterator[str]:
    """The strings of a module that a user may read: no docstrings, and none of a single word."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield from (node.value,) if " " in node.value else ()


@pytest.mark.parametrize("slug", [row.slug for row in sf.contents()])
def test_a_page_speaks_the_language_of_the_field(slug):
    assert [found for words in said(sf.load(slug)) for found in dialect(words)] == []


def test_so_do_derivations_that_nobody_wrote():
    assert [found for derivation in derived() for words in said(derivation) for found in dialect(words)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_so_do_documents(name):
    assert dialect(CODE.sub("", (ROOT / name).read_text(encoding="utf-8"))) == []


def test_so_do_messages_and_help():
    modules = [path for path in (ROOT / "symformer").rglob("*.py") if "functions" not in path.parts]
    assert {
        f"{path.name}: {found}" for path in modules for words in constants(path) for found in dialect(words)
    } == set()


def test_so_do_templates():
    shown = list((ROOT / "symformer").rglob("*.j2"))
    assert [f"{path.name}: {found}" for path in shown for found in dialect(path.read_text(encoding="utf-8"))] == []


def test_the_search_bites():
    old = ["of the sum Z only u_j holds x_j", "what terms share is taken out", "shares sum to 1", "less its mean",
           "the slope of the loss", "the delta keeps the term k = j", "what reverse mode finds"]  # fmt: skip
    new = ["R heads share a key", "factor out P_ij", "m is the slope of a head", "the size of the file is less than n"]
    assert all(map(dialect, old))
    assert not any(map(dialect, new))
