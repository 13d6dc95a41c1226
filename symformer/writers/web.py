"""Pages as HTML: standing alone, typeset by the browser, with nothing to load and a policy that forbids loading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files

from symformer.pictures.standalone import fingerprint
from symformer.typeset import Box, latex, mathml, text, transform
from symformer.typeset.boxes import Entry, Fence, Fraction, Grid, Row, Script, Sign
from symformer.writers.page import Code, Inline, Link, Page, PageChain, PageStep, Part
from symformer.writers.render import MARKS, line_tex, render, step_tex

LIVE = ("reading.js", "copying.js", "live.js")  # the scripts of live pages, in order
# The widths, in characters, from which a formula is set smaller on paper, and the widest on a screen too.
SMALLER = ((140, "widest"), (90, "wider"), (60, "wide"))


def web_page(page: Page, level: str | None = None) -> str:
    """The main part of a page; `web_shell` puts it into a document.

    Args:
        page: what to write.
        level: the level that is switched on at first; by default index.
    """
    ids = _Ids()
    shown = level if level in page.levels else page.levels[0]
    return render("page.html.j2", page=page, shown=shown, math=lambda box: ids.mathml(box), inline=inline_html,
                  chain_tex=chain_tex, size=size_class, marks=MARKS, to_fill=step_template)  # fmt: skip


def web_shell(
    title: str,
    main: str,
    uses: Sequence[Link] = (),
    used_by: Sequence[Link] = (),
    *,
    home: bool = True,
    live: str = "",
) -> str:
    """A whole document: style, scripts and policy are in it, and nothing else is needed.

    Args:
        title: of the document.
        main: what `web_page` or `web_contents` wrote.
        uses: pages that it refers to.
        used_by: pages that refer to it.
        home: whether the page has a way back to the contents.
        live: the page's own script, which the runtime of live pages is put around.
    """
    style = _asset("style.css")
    scripts = [_asset("script.js")]
    if live:
        scripts += ["\n".join([_asset("arrays.js"), live, *(_asset(name) for name in LIVE)])]
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'"
    sources = " ".join(f"'{fingerprint(script)}'" for script in scripts)
    policy = f"{closed}; style-src '{fingerprint(style)}'; script-src {sources}"
    return render("shell.html.j2", title=title, main=main, uses=uses, used_by=used_by, style=style, scripts=scripts,
                  policy=policy, home=home)  # fmt: skip


def step_template(step: PageStep) -> str:
    """The LaTeX of a step, with brackets around each number that a live page replaces."""
    middle = _marked(step.substituted) if step.substituted is not None else None
    return step_tex(replace(step, symbols=_marked(step.symbols), substituted=middle, result=_marked(step.result)))


def _marked(box: Box) -> Box:
    return transform(box, lambda part: Row((Sign("⟦"), part.body, Sign("⟧"))) if isinstance(part, Entry) else None)


def web_contents(parts: Sequence[Part], pictures: Sequence[tuple[str, str, str]]) -> str:
    """The main part of the contents page."""
    total = sum(len(part.entries) for part in parts)
    return render("contents.html.j2", parts=parts, pictures=pictures, total=total, marks=MARKS)


def inline_html(inline: Inline) -> str:
    """Running text: words escaped, formulas as MathML, links to pages; no line breaks between a formula and a mark."""
    out: list[str] = []
    word: list[str | Box | Link | Code] = []
    for part in inline:
        for piece in re.split(r"(\s+)", part) if isinstance(part, str) else (part,):
            if isinstance(piece, str) and piece.isspace():
                out += [_word_html(word), piece]
                word = []
            elif piece:
                word.append(piece)
    return "".join([*out, _word_html(word)])


def _word_html(parts: Sequence[str | Box | Link | Code]) -> str:
    """What stands between two spaces."""
    html = "".join(map(_inline_part, parts))
    return f'<span class="tight">{html}</span>' if len(parts) > 1 and any(isinstance(p, Box) for p in parts) else html


def _inline_part(part: str | Box | Link | Code) -> str:
    if isinstance(part, str):
        return escape(part)
    if isinstance(part, Code):
        return f"<code>{escape(part.words)}</code>"
    if isinstance(part, Link):
        return f'<a href="{escape(part.slug)}.html">{escape(part.title)}</a>'
    return mathml(part)


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


def size_class(box: Box | None) -> str:
    """A class by how wide a formula is, for narrow screens and paper."""
    width = _width(box) if box is not None else 0
    return next((name for least, name in SMALLER if width > least), "")


def _width(box: Box) -> int:
    """About how many characters wide a box is set."""
    match box:
        case Grid():
            columns = zip(*box.rows, strict=True)
            return 2 + sum(2 + max(_width(cell) for cell in column) for column in columns)
        case Row():
            return sum(_width(item) for item in box.items)
        case Fraction():
            return max(_width(box.over), _width(box.under))
        case Fence() | Entry():
            return 2 + _width(box.body)
        case Script():
            return _width(box.base) + sum(_width(part) for part in (box.sub, box.sup) if part is not None)
    return len(text(box))


class _Ids:
    """Ids for the numbers of one page: `S-1-2`, then `S-1-2.2` where it stands again."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, key: str) -> str:
        self.seen[key] = self.seen.get(key, 0) + 1
        return key if self.seen[key] == 1 else f"{key}.{self.seen[key]}"

    def mathml(self, box: Box) -> str:
        """A formula with its numbers named."""
        return mathml(box, ids=self)


@cache
def _asset(name: str) -> str:
    return files("symformer.writers").joinpath("templates", name).read_text(encoding="utf-8").strip()


__all__ = ["chain_tex", "inline_html", "latex", "size_class", "web_contents", "web_page", "web_shell"]
