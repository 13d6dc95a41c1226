"""A page for Typst, and as a PDF where Typst's wheel is installed: for those who have no TeX."""

from __future__ import annotations

from symformer.typeset import Box, typst
from symformer.typeset.typst import typst_string
from symformer.writers.page import Code, Inline, Link, Page
from symformer.writers.render import render


class TypstMissing(RuntimeError):
    """The wheel of Typst is not installed."""


def typst_page(page: Page, level: str | None = None) -> str:
    """The source that `typst compile` reads; with a level, that level alone."""
    return render("page.typ.j2", page=page, level=level, inline=typst_inline, sign=_sign)


def typst_pdf(source: str) -> bytes:
    """The PDF that Typst makes of it.

    Raises:
        TypstMissing: the wheel, which the extra `typst` brings, is not installed.
    """
    try:
        from typst import compile as compiled
    except ImportError as error:
        raise TypstMissing('a PDF by way of Typst needs its wheel: pip install ".[typst]"') from error
    made: bytes = compiled(source.encode())
    return made


def typst_inline(inline: Inline) -> str:
    """Running text: words as strings, which hold no markup."""
    return "".join(map(_part, inline))


def _part(part: str | Box | Link | Code) -> str:
    if isinstance(part, Box):
        return f"${typst(part)}$"
    if isinstance(part, Code):
        return f"#raw({typst_string(part.words)});"
    words = f"“{part.title}”" if isinstance(part, Link) else part
    return f"#{typst_string(words)};"


def _sign(relation: str) -> str:
    return "" if not relation else {"<": "<", ">": ">"}.get(relation, relation)
