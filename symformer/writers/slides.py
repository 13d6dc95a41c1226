"""A page as slides: one document of HTML that needs no other file, with one line more at each press of a key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from symformer.pictures.standalone import BASE, CLOSED, THEME, fingerprint
from symformer.typeset import mathml
from symformer.writers.page import Page
from symformer.writers.render import MARKS, render
from symformer.writers.shell import asset
from symformer.writers.web import inline_html, symbol_classes

FEW = 6  # items of a list that one slide takes
T = TypeVar("T")


def slides(page: Page, level: str | None = None) -> str:
    """The document.

    Args:
        page: what to write.
        level: index or matrix, what formulas are in (index by default), or number, the worked example alone.
    """
    style, script = BASE + asset("slides.css"), f"{THEME}\n{asset('slides.js')}"
    policy = f"{CLOSED}; style-src '{fingerprint(style)}'; script-src '{fingerprint(script)}'"
    math = partial(mathml, styled=False, symbols=symbol_classes(page))
    shown = level or ("index" if page.chains or page.where else "number")
    return render(
        "slides.html.j2", page=page, level=shown, numbers=level in (None, "number"), math=math, marks=MARKS,
        inline=partial(inline_html, math=math), given=_few(page.given_at(shown)), where=_few(page.where),
        gradients=_few(page.gradients), style=style, script=script, policy=policy,
    )  # fmt: skip


def _few(items: Sequence[T]) -> list[Sequence[T]]:
    """The items in groups that a slide takes."""
    return [items[start : start + FEW] for start in range(0, len(items), FEW)]
