"""Pages as HTML: standing alone, typeset by the browser, with nothing to load and a policy that forbids loading."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from html import escape
from importlib.resources import files

from symformer.pictures.standalone import fingerprint
from symformer.typeset import Box, grid_key, in_one_line, latex, mathml, text, transform
from symformer.typeset.boxes import Entry, Fence, Fraction, Grid, Row, Script, Sign
from symformer.writers.page import Code, Inline, Link, Page, PageChain, PageStep, Part
from symformer.writers.render import MARKS, line_tex, render, step_tex

LARGE = 150_000  # characters of a page from which matrices are set by the page's script
LIVE = (
    "reading.js",
    "computing.js",
    "writing.js",
    "copying.js",
    "drawn.js",
    "live.js",
)  # the scripts of live pages, in order
ALIGNED = ("\\begin{aligned}\n", "\n\\end{aligned}")  # around each step: the script puts them there
# The widths, in characters, from which a formula is set smaller on paper, and the widest on a screen too.
SMALLER = ((140, "widest"), (90, "wider"), (60, "wide"))


def web_page(page: Page, level: str | None = None) -> str:
    """The main part of a page; `web_shell` puts it into a document.

    Args:
        page: what to write.
        level: the level that is switched on at first; by default index.
    """
    whole = _main(page, level, _Ids(every=True))
    return whole if len(whole) < LARGE else _main(page, level, _Ids(every=False))


def _main(page: Page, level: str | None, ids: _Ids) -> str:
    shown = level if level in page.levels else page.levels[0]
    return render("page.html.j2", page=page, shown=shown, math=ids.mathml, inline=inline_html, printed=ids.inline,
                  brief=not ids.every,
                  chain_tex=chain_tex, size=size_class, marks=MARKS, tex=_packed(page))  # fmt: skip


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


def _packed(page: Page) -> str:
    """The LaTeX of all steps, to be filled with numbers: parted by zeros, deflated, in base 64."""
    texts = "\0".join(step_template(step) for step in page.steps) if page.live else ""
    packer = zlib.compressobj(9, wbits=-15)
    return base64.b64encode(packer.compress(texts.encode()) + packer.flush()).decode()


def step_template(step: PageStep) -> str:
    """The LaTeX of a step: ▦ for the rows of a matrix that has a key on the page, other numbers in brackets."""
    middle = _marked(step.substituted) if step.substituted is not None else None
    whole = step_tex(replace(step, symbols=_marked(step.symbols), substituted=middle, result=_marked(step.result)))
    return whole.removeprefix(ALIGNED[0]).removesuffix(ALIGNED[1])


def _marked(box: Box) -> Box:
    return transform(box, _mark)


def _mark(part: Box) -> Box | None:
    if isinstance(part, Grid) and grid_key(part) is not None and in_one_line(part):
        return Grid(((Sign("▦"),),))
    return Row((Sign("⟦"), part.body, Sign("⟧"))) if isinstance(part, Entry) else None


def web_contents(parts: Sequence[Part], pictures: Sequence[tuple[str, str, str]]) -> str:
    """The main part of the contents page."""
    total = sum(len(part.entries) for part in parts)
    return render("contents.html.j2", parts=parts, pictures=pictures, total=total, marks=MARKS)


def inline_html(inline: Inline, math: Callable[[Box], str] | None = None) -> str:
    """Running text: words escaped, formulas as MathML, links to pages; no line breaks between a formula and a mark."""
    math = math or partial(mathml, styled=False)
    out: list[str] = []
    word: list[str | Box | Link | Code] = []
    for part in inline:
        for piece in re.split(r"(\s+)", part) if isinstance(part, str) else (part,):
            if isinstance(piece, str) and piece.isspace():
                out += [_word_html(word, math), piece]
                word = []
            elif piece:
                word.append(piece)
    return "".join([*out, _word_html(word, math)])


def _word_html(parts: Sequence[str | Box | Link | Code], math: Callable[[Box], str]) -> str:
    """What stands between two spaces."""
    html = "".join(_inline_part(part, math) for part in parts)
    return f'<span class="tight">{html}</span>' if len(parts) > 1 and any(isinstance(p, Box) for p in parts) else html


def _inline_part(part: str | Box | Link | Code, math: Callable[[Box], str]) -> str:
    if isinstance(part, str):
        return escape(part)
    if isinstance(part, Code):
        return f"<code>{escape(part.words)}</code>"
    if isinstance(part, Link):
        return f'<a href="{escape(part.slug)}.html">{escape(part.title)}</a>'
    return math(part)


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
    """One more class, by how wide a formula is, for narrow screens and paper."""
    width = _width(box) if box is not None else 0
    return next((f" {name}" for least, name in SMALLER if width > least), "")


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
    """Ids for the numbers of one page: `S-1-2`, then `S-1-2.2` where it stands again.

    Args:
        every: whether a matrix is set wherever it stands, or comes in one line, and once, for the page's script to set.
    """

    def __init__(self, *, every: bool) -> None:
        self.every = every
        self.seen: dict[str, int] = {}
        self.matrices: set[str] = set()

    def _again(self, key: str) -> bool:
        known = key in self.matrices
        self.matrices.add(key)
        return known

    def __call__(self, key: str) -> str:
        self.seen[key] = self.seen.get(key, 0) + 1
        return key if self.seen[key] == 1 else f"{key}.{self.seen[key]}"

    def mathml(self, box: Box) -> str:
        """A formula with its numbers named."""
        return mathml(box, ids=self, brief=None if self.every else self._again, styled=False)

    def inline(self, inline: Inline) -> str:
        """Running text whose matrices come as those of the page do."""
        return inline_html(inline, self.mathml)


@cache
def _asset(name: str) -> str:
    """A file beside the templates; a script without its comment lines and indentation, which readers do not load."""
    content = files("symformer.writers").joinpath("templates", name).read_text(encoding="utf-8").strip()
    if not name.endswith(".js"):
        return content
    lines = (line.strip() for line in content.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


__all__ = ["chain_tex", "inline_html", "latex", "size_class", "web_contents", "web_page", "web_shell"]
