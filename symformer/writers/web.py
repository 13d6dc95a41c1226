"""Pages as HTML: standing alone, typeset by the browser, with nothing to load and a policy that forbids loading."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape

from symformer.pictures.standalone import packed
from symformer.typeset import Box, grid_key, in_one_line, mathml, text, transform, typst
from symformer.typeset.boxes import Entry, Fence, Fraction, Grid, Row, Script, Sign
from symformer.writers.cite import bibtex
from symformer.writers.notebook import notebook_json
from symformer.writers.page import Code, Formula, Inline, Link, Page, PageStep
from symformer.writers.render import MARKS, line_tex, render, step_tex

LARGE = 150_000  # characters of a page from which matrices are set by the page's script
ALIGNED = ("\\begin{aligned}\n", "\n\\end{aligned}")  # around each step: the script puts them there
# The widths, in characters, from which a formula is set smaller on paper, and the widest on a screen too.
SMALLER = ((140, "widest"), (90, "wider"), (60, "wide"))
PART = "\1"  # between the parts of a packed text
LONG = 34  # characters from which the reason stands under its formula
RESULTS = 8  # chains that the head of a page sums up


def web_page(page: Page, level: str | None = None, *, code: Sequence[str] = ()) -> str:
    """The main part of a page; `web_shell` puts it into a document.

    Args:
        page: what to write.
        level: the level that is switched on at first; by default index.
        code: the code cells of the notebook that a reader can take along; without any there is none, nor on a large
            page.
    """
    classes = symbol_classes(page)
    whole = _main(page, level, _Ids(classes, every=True), code=code)
    return whole if len(whole) < LARGE else _main(page, level, _Ids({}, every=False), _names(classes))


def symbol_classes(page: Page) -> dict[Box, str]:
    """The class of each name of a page: `s3`, and `q` where it is a query."""
    return {one.box: f"s{place} {one.role}".rstrip() for place, one in enumerate(page.symbols)}


def _names(classes: Mapping[Box, str]) -> str:
    """The names of a large page, for its script to mark: a class and a formula each."""
    named = packed(PART.join((name, mathml(box, styled=False))) for box, name in classes.items())
    return f' data-names="{named}"'


def _later(texts: Sequence[str]) -> str:
    """Listings that a large page holds packed until somebody asks for them."""
    return f' data-later="{packed(texts)}"'


def _main(page: Page, level: str | None, ids: _Ids, names: str = "", code: Sequence[str] = ()) -> str:
    shown = level if level in page.levels else page.levels[0]
    results = page.results if len(page.results) <= RESULTS else []
    return render("page.html.j2", page=page, shown=shown, math=ids.mathml, inline=ids.words, printed=ids.inline,
                  brief=not ids.every, verdicts=page.verdicts, results=results, key_of=partial(_key_of, page),
                  long=lambda box: width_of(box) > LONG, lines=_lines(page), bibtex=bibtex,
                  notebook=packed([notebook_json(page, code)]) if code else "",
                  names=names, later=_later, size=size_class, marks=MARKS, tex=_packed(page))  # fmt: skip


def _key_of(page: Page, formula: Formula) -> str:
    """Which symbol a definition defines, for the page's script."""
    for place, one in enumerate(page.symbols):
        if one.definition is not None and one.definition.index == formula.index:
            return f' data-def="{place}"'
    return ""


def _lines(page: Page) -> str:
    """Every line as LaTeX, Typst and Unicode, to be copied: in indices, then in matrices."""
    found = [(line, "index") for chain in page.chains for line in chain.lines]
    found += [(line, "matrix") for chain in page.chains for line in chain.matrix]
    return packed(
        PART.join((line_tex(line, level), *_said(line.relation, line.formula.at(level)))) for line, level in found
    )


def _said(relation: str, box: Box) -> tuple[str, str]:
    return f"{relation} {typst(box)}".strip(), f"{relation} {text(box)}".strip()


def _packed(page: Page) -> str:
    """The LaTeX of all steps, to be filled with numbers."""
    return packed(step_template(step) for step in page.steps) if page.live else ""


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


def size_class(box: Box | None) -> str:
    """One more class, by how wide a formula is, for narrow screens and paper."""
    width = width_of(box) if box is not None else 0
    return next((f" {name}" for least, name in SMALLER if width > least), "")


def width_of(box: Box) -> int:
    """About how many characters wide a box is set."""
    match box:
        case Grid():
            columns = zip(*box.rows, strict=True)
            return 2 + sum(2 + max(width_of(cell) for cell in column) for column in columns)
        case Row():
            return sum(width_of(item) for item in box.items)
        case Fraction():
            return max(width_of(box.over), width_of(box.under))
        case Fence() | Entry():
            return 2 + width_of(box.body)
        case Script():
            return width_of(box.base) + sum(width_of(part) for part in (box.sub, box.sup) if part is not None)
    return len(text(box))


class _Ids:
    """Ids for the numbers of one page: `S-1-2`, then `S-1-2.2` where it stands again.

    Args:
        every: whether a matrix is set wherever it stands, or comes in one line, and once, for the page's script to set.
    """

    def __init__(self, classes: Mapping[Box, str], *, every: bool) -> None:
        self.classes, self.every = classes, every
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
        brief = None if self.every else self._again
        return mathml(box, ids=self, brief=brief, styled=False, symbols=self.classes)

    def words(self, inline: Inline) -> str:
        """Running text with the names of the page marked."""
        return inline_html(inline, partial(mathml, styled=False, symbols=self.classes))

    def inline(self, inline: Inline) -> str:
        """Running text whose matrices come as those of the page do."""
        return inline_html(inline, self.mathml)
