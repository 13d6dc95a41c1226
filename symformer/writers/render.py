"""A page in Markdown, LaTeX or plain text. Jinja2 puts the pieces together; templates hold no mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from symformer.typeset import Box, drawn, latex, text, typst
from symformer.typeset.latex import SYMBOLS, aligned, split
from symformer.typeset.typst import typst_string
from symformer.writers.flavors import FLAVORS
from symformer.writers.inline import (
    markdown_block,
    markdown_cell,
    markdown_inline,
    markdown_math,
    plain_inline,
    tex_inline,
    tex_text,
)
from symformer.writers.page import Link, Page, PageChain, PageLine, PageStep
from symformer.writers.places import Part

MARKS = {"proved": "■", "exact": "●", "checked": "◐", "refuted": "✗", "open": "○"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("symformer.writers"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters.update(
        latex=latex, text=text, md=markdown_block, md_inline=markdown_inline, md_cell=markdown_cell,
        md_math=markdown_math, tex=tex_text,
        tex_inline=tex_inline, plain=plain_inline, line_tex=line_tex, step_tex=step_tex,
        chain_tex=chain_tex, typst=typst, typst_string=typst_string, mark=lambda kind: MARKS[kind],
    )  # fmt: skip
    return environment


def line_tex(line: PageLine, level: str = "index") -> str:
    """A line's formula with its relation in front."""
    body = latex(line.formula.at(level))
    return f"{SYMBOLS.get(line.relation, line.relation)} {body}".strip()


def chain_tex(chain: PageChain) -> str:
    """A chain as LaTeX to copy: one aligned block; after a refuted line the last good one is said again."""
    rows: list[str] = []
    good = ""
    for line, before in zip(chain.lines, (None, *chain.lines), strict=False):
        resumed = f"{good} " if before is not None and before.relation == "≠" else ""
        rows.append(resumed + line_tex(line, "index"))
        good = good if line.relation == "≠" else latex(line.formula.index)
    lines = [rows[0], *(f"&{body}" for body in rows[1:])]
    return "\\begin{aligned}\n&" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def step_tex(step: PageStep) -> str:
    """The three lines of a step, aligned."""
    sign = r"\approx" if step.rounded else "="
    middle = [rf"&= {latex(step.substituted)}"] if step.substituted is not None else []
    first, last = aligned(step.symbols), rf"&{sign} {latex(step.result)}"
    if split(step.symbols)[1] is not None:
        lines = [first, *middle, last]
    else:
        lines = [f"{first} {middle[0]}", last] if middle else [f"{first} {last}"]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def markdown(page: Page, level: str | None = None, *, flavor: str = "github") -> str:
    """A page of Markdown, GitHub's by default; with a level, that level alone.

    Args:
        page: what to write.
        level: matrix, index or number.
        flavor: one of `FLAVORS`.
    """
    return render("page.md.j2", page=page, level=level, put=FLAVORS[flavor])


def tex(page: Page, level: str | None = None) -> str:
    """A section of the LaTeX book; with a level, that level alone."""
    return render("section.tex.j2", page=page, level=level)


def tex_document(body: str, title: str) -> str:
    """A LaTeX document that compiles with pdfLaTeX."""
    return render("book.tex.j2", body=body, title=title)


def tex_parts(sections: Sequence[tuple[str, str]]) -> str:
    """Sections with the title of their part before the first of each."""
    out, before = [], ""
    for part, section in sections:
        out += [rf"\part{{{tex_text(part)}}}", section] if part != before else [section]
        before = part
    return "\n\n".join(out)


def terminal(page: Page, level: str | None = None, *, draw: bool = False) -> str:
    """A page of plain text.

    Args:
        page: what to write.
        level: that level alone.
        draw: whether formulas are drawn over several lines, as on paper, or stand on one line each.
    """
    return render("page.txt.j2", page=page, level=level, put=drawn if draw else _linear, draw=draw).rstrip("\n") + "\n"


def _linear(box: Box, prefix: str = "") -> str:
    return prefix + text(box)


def contents_markdown(parts: Sequence[Part]) -> str:
    """The table of contents as GitHub Markdown."""
    return render("contents.md.j2", parts=parts, total=_totals(parts))


def _totals(parts: Sequence[Part]) -> int:
    return sum(len(part.entries) for part in parts)


def render(template: str, **context: Any) -> str:
    """A template filled in; the templates are data of this package."""
    return _environment().get_template(template).render(**context)


def references_markdown(uses: Sequence[Link], used_by: Sequence[Link]) -> str:
    """The foot of a page: what it uses, what uses it, and the way back."""
    rows = [("Uses", uses), ("Used by", used_by)]
    lines = [f"**{word}** {', '.join(markdown_inline((link,)) for link in links)}\n" for word, links in rows if links]
    return "\n".join([*lines, "[Contents](README.md)\n"])


def references_tex(uses: Sequence[Link], used_by: Sequence[Link]) -> str:
    """The foot of a section: what it uses and what uses it."""
    rows = [("Uses", uses), ("Used by", used_by)]
    lines = [
        rf"\paragraph{{{word}}} " + ", ".join(tex_inline((link,)) for link in links) for word, links in rows if links
    ]
    return "\n\n".join([*lines, ""])
