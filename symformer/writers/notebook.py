"""A page as a Jupyter notebook: prose and formulas in Markdown, and cells that compute the same again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from symformer.typeset import Box, latex
from symformer.typeset.latex import SYMBOLS
from symformer.writers.inline import MARKDOWN_SPECIAL
from symformer.writers.page import Code, Inline, Link, Page
from symformer.writers.render import render


class NotebookMissing(RuntimeError):
    """nbformat is not installed."""


def notebook(page: Page, code: Sequence[str]) -> str:
    """The notebook as JSON; it is not run.

    Args:
        page: the prose and the formulas.
        code: the source of each code cell; these come last.

    Raises:
        NotebookMissing: nbformat, which the extra `notebook` brings, is not installed.
    """
    try:
        from nbformat import reads, validate, writes
    except ImportError as error:
        raise NotebookMissing('writing a notebook needs nbformat: pip install ".[notebook]"') from error
    made = reads(notebook_json(page, code), as_version=4)
    validate(made)
    return str(writes(made)) + "\n"


def notebook_json(page: Page, code: Sequence[str]) -> str:
    """The notebook as JSON that nobody has validated, of version 4.5 of the format."""
    texts = [part.strip() for part in notebook_markdown(page).split("\n---cell---\n") if part.strip()]
    cells = [_cell("markdown", f"prose-{place}", text) for place, text in enumerate(texts)]
    cells += [
        {**_cell("code", f"code-{place}", source), "execution_count": None, "outputs": []}
        for place, source in enumerate(code)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def _cell(kind: str, name: str, source: str) -> dict[str, Any]:
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source}


def notebook_markdown(page: Page) -> str:
    """The page in the Markdown of Jupyter, with dollars around formulas; cells are parted by a line `---cell---`."""
    return render("page.nb.j2", page=page, inline=_inline, math=_display, sign=_sign)


def _display(box: Box, relation: str = "") -> str:
    return f"$$\n{relation} {latex(box)}\n$$".replace("\n ", "\n")


def _sign(relation: str) -> str:
    return SYMBOLS.get(relation, relation)


def _inline(inline: Inline) -> str:
    return "".join(_part(part) for part in inline)


def _part(part: str | Box | Link | Code) -> str:
    if isinstance(part, Box):
        return f"${latex(part)}$"
    if isinstance(part, Code):
        return f"`{part.words}`"
    words = part.title if isinstance(part, Link) else part
    return MARKDOWN_SPECIAL.sub(r"\\\1", words.replace("\n", " "))
