"""How a page is cited."""

from __future__ import annotations

from symformer.writers.inline import plain_inline, tex_text
from symformer.writers.page import Page


def bibtex(page: Page) -> str:
    """An entry of BibTeX, with the source that the page follows."""
    fields = {
        "author": "{The SymFormer authors}",
        "title": tex_text(page.title),
        "howpublished": "SymFormer, derivations checked by machine",
        "year": "2026",
    }
    if page.reference:
        fields["note"] = tex_text(f"After {plain_inline(page.reference)}")
    lines = (f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{symformer-{page.slug or 'page'},\n" + ",\n".join(lines) + "\n}"
