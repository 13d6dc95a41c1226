"""What the contents, the search and the indices of a book say of a page, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symformer.typeset import Box, mathml, text
from symformer.writers.inline import plain_inline
from symformer.writers.page import Code, Inline, Link, Page
from symformer.writers.web import inline_html, width_of

LARGEST = 9_000  # characters of a picture that stands beside the title of a chapter
WIDEST = 70  # characters of a formula that stands in a list of formulas


def card(page: Page) -> dict[str, Any]:
    """Its idea in a sentence, its symbols with their definitions, what its chains come to, a small picture."""
    line = first_sentence(page.idea[0]) if page.idea else ()
    return {
        "line": inline_html(line),
        "said": plain_inline(line),
        "symbols": list(_symbols(page)),
        "results": list(_results(page)),
        "picture": page.thumbnail if len(page.thumbnail) <= LARGEST else "",
    }


def first_sentence(inline: Inline) -> Inline:
    """Running text to the first full stop before a space; with a colon and the like it goes on."""
    out: list[str | Box | Link | Code] = []
    for part in inline:
        if isinstance(part, str) and ". " in part:
            return (*out, part[: part.index(". ") + 1])
        out.append(part)
    return tuple(out)


def _symbols(page: Page) -> Iterator[dict[str, str]]:
    for one in page.symbols:
        definition = one.definition.index if one.definition is not None else None
        short = definition is not None and width_of(definition) <= WIDEST
        yield {
            "text": text(one.box),
            "box": mathml(one.box, styled=False),
            "shape": mathml(one.shape, styled=False) if one.shape is not None else "",
            "definition": mathml(definition, styled=False) if definition is not None and short else "",
            "said": text(definition) if definition is not None and short else "",
        }


def _results(page: Page) -> Iterator[dict[str, Any]]:
    for one in page.results:
        box = one.formula.index
        formula = mathml(box, styled=False) if width_of(box) <= WIDEST else ""
        yield {"number": one.number, "anchor": one.anchor, "text": text(box), "formula": formula}
