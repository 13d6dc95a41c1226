"""Every format that a page is written in by its name: one row here, one emitter of boxes, one template."""

from __future__ import annotations

from collections.abc import Callable

from symformer.writers.docx import docx
from symformer.writers.fragment import fragment
from symformer.writers.page import Page
from symformer.writers.render import markdown, terminal
from symformer.writers.shell import web_shell
from symformer.writers.slides import slides
from symformer.writers.typst_page import typst_page
from symformer.writers.web import web_page

Writer = Callable[[Page, str | None], str | bytes]


def html(page: Page, level: str | None = None) -> str:
    """A page of HTML that needs no other file; a level is the one that is switched on at first."""
    return web_shell(page.title, web_page(page, level), home=False, lines=bool(page.chains), live=page.live)


WRITERS: dict[str, Writer] = {
    "text": terminal, "latex": fragment, "markdown": markdown, "html": html, "docx": docx, "slides": slides,
    "typst": typst_page,
}  # fmt: skip
