"""Boxes to presentation MathML (the part that is MathML Core), which every browser typesets without script or font.

What browsers ignore is not used: no `columnalign`, no `mathvariant` but normal. Operators get their spacing and their
stretch from the browser's own dictionary; a bracket around something low is told not to stretch.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from symformer.typeset.boxes import (
    Accent,
    Big,
    Box,
    Brace,
    Cases,
    Entry,
    Fence,
    Fraction,
    Grid,
    Named,
    Number,
    Prose,
    Root,
    Row,
    Script,
    Sign,
    words_touch,
)
from symformer.typeset.latex import OPERATORS

MARKS = {"hat": "^", "tilde": "~", "bar": "¯"}
LISTED = ' data-l=""'  # a matrix without a key, for a script to set
LETTERS = set("ℝℤ𝔼∂∞⊤…⋮⋱ℓ□")


def mathml(
    box: Box,
    *,
    block: bool = False,
    ids: Callable[[str], str] | None = None,
    brief: Callable[[str], bool] | None = None,
    styled: bool = True,
) -> str:
    """A `<math>` element.

    Args:
        box: what to typeset.
        block: whether it stands on a line of its own; inside a line, sums and fractions still get their full size.
        ids: gives each number of a tensor's entry (named like `S-1-2`) an id that is unique on the page.
        brief: given for a large page, whose script sets matrices: whether one, by its key, has stood there before.
        styled: whether it says itself that sums get their full size inside a line; else a style sheet does.
    """
    display = ' display="block"' if block else ' displaystyle="true"' if styled else ""
    emitter = _Emitter(ids, brief)
    inside = emitter.items(box) if isinstance(box, Row) else emitter.emit(box)
    return f"<math{display}>{inside}</math>"


class _Emitter:
    def __init__(self, ids: Callable[[str], str] | None, brief: Callable[[str], bool] | None) -> None:
        self.ids, self.brief = ids, brief

    def emit(self, box: Box) -> str:
        return _EMIT[type(box)](self, box)

    def named(self, box: Named) -> str:
        name = escape(box.text).replace(" ", "\u00a0")
        if box.bold:
            return f'<mi class="bold" mathvariant="normal">{name}</mi>'
        if box.upright or len(box.text) == 1:
            return (
                f"<mi>{name}</mi>" if len(box.text) > 1 or not box.upright else f'<mi mathvariant="normal">{name}</mi>'
            )
        return "<mrow>" + "".join(f"<mi>{escape(letter)}</mi>" for letter in box.text) + "</mrow>"

    def number(self, box: Number) -> str:
        mantissa, _, exponent = box.digits.partition("e")
        sign = "<mo>−</mo>" if mantissa.startswith("-") else ""
        digits = f"<mn>{escape(mantissa.removeprefix('-'))}</mn>"
        power = f"<mo>·</mo><msup><mn>10</mn>{self._exponent(exponent)}</msup>" if exponent else ""
        return f"<mrow>{sign}{digits}{power}</mrow>" if sign or power else digits

    def _exponent(self, digits: str) -> str:
        return self.number(Number(str(int(digits))))

    def row(self, box: Row) -> str:
        return f"<mrow>{self.items(box)}</mrow>"

    def items(self, box: Row) -> str:
        """What stands side by side; `<math>` itself is a row."""
        items: list[str] = []
        for place, item in enumerate(box.items):
            if place and _is_function(box.items[place - 1]) and isinstance(item, Fence):
                items.append("<mo>\u2061</mo>")
            elif place and words_touch(box.items[place - 1], item):
                items.append('<mspace width="0.17em"></mspace>')
            items.append(self.emit(item))
        return "".join(items)

    def script(self, box: Script) -> str:
        base = self.emit(box.base)
        sub = self.emit(box.sub) if box.sub is not None else ""
        sup = self.emit(box.sup) if box.sup is not None else ""
        if sub and sup:
            return f"<msubsup>{base}{sub}{sup}</msubsup>"
        return f"<msub>{base}{sub}</msub>" if sub else f"<msup>{base}{sup}</msup>"

    def big(self, box: Big) -> str:
        symbol = (
            f"<mo>{escape(box.symbol)}</mo>" if box.symbol == "∑" else f'<mo movablelimits="false">{box.symbol}</mo>'
        )
        if box.over is not None:
            return f"<munderover>{symbol}{self.emit(box.under)}{self.emit(box.over)}</munderover>"
        return f"<munder>{symbol}{self.emit(box.under)}</munder>"

    def fence(self, box: Fence) -> str:
        stretchy = "" if isinstance(box.body, (Number, Entry)) else f' stretchy="{str(is_tall(box.body)).lower()}"'
        left, right = (f"<mo{stretchy}>{escape(mark)}</mo>" for mark in (box.left, box.right))
        return f"<mrow>{left}{self.emit(box.body)}{right}</mrow>"

    def grid(self, box: Grid) -> str:
        found = grid_key(box) if self.ids is not None else None
        key = f' {found[1]}="{escape(found[0])}"' if found is not None else ""
        if self.brief is not None:
            return self._briefly(box, found[0] if found is not None else "", key)
        return f"<mrow><mo>(</mo><mtable{key}>{self._table(box, found is not None)}</mtable><mo>)</mo></mrow>"

    def _table(self, box: Grid, numbered: bool) -> str:
        cell = self._numbered if numbered else self.emit
        rows = ("".join(f"<mtd>{cell(one)}</mtd>" for one in cells) for cells in box.rows)
        return "".join(f"<mtr>{cells}</mtr>" for cells in rows)

    def _briefly(self, box: Grid, name: str, key: str) -> str:
        """A matrix for a script to set: without its brackets, in one line, and empty where it has stood before."""
        assert self.brief is not None
        table = self._table(box, bool(name))
        inside = "" if name and self.brief(name) else in_one_line(box) or table
        return f"<mtable{key or LISTED}>{inside}</mtable>"

    def _numbered(self, box: Box) -> str:
        """A number whose id follows from its place in a table that has a key; a decimal is one token."""
        assert isinstance(box, Entry) and self.ids is not None
        self.ids(box.key)
        if isinstance(box.body, Number) and "e" not in box.body.digits:
            return f"<mn>{escape(box.body.digits.replace('-', '−'))}</mn>"
        return self.emit(box.body)

    def cases(self, box: Cases) -> str:
        rows = (f"<mtr><mtd>{self.emit(one)}</mtd><mtd>{self.emit(two)}</mtd></mtr>" for one, two in box.rows)
        return f'<mrow><mo stretchy="true">{{</mo><mtable class="cases">{"".join(rows)}</mtable></mrow>'

    def brace(self, box: Brace) -> str:
        braced = f'<munder>{self.emit(box.body)}<mo stretchy="true">⏟</mo></munder>'
        return f"<munder>{braced}{self.emit(box.note)}</munder>"

    def sign(self, box: Sign) -> str:
        if box.symbol in LETTERS:
            return f'<mi mathvariant="normal">{box.symbol}</mi>'
        if box.symbol == "/":
            return '<mo lspace="0" rspace="0">/</mo>'  # as LaTeX sets it
        return f"<mo>{escape(box.symbol)}</mo>"

    def entry(self, box: Entry) -> str:
        inner = self.emit(box.body)
        if self.ids is None:
            return inner
        behind = ' class="minus"' if box.minus else ""
        return f'<mrow id="{escape(self.ids(box.key))}"{behind}>{inner}</mrow>'


def in_one_line(box: Grid) -> str:
    """A matrix of decimals as `1 2; 3 4`; nothing where an entry is something else."""
    bodies = [[cell.body if isinstance(cell, Entry) else cell for cell in cells] for cells in box.rows]
    if not all(isinstance(body, Number) and "e" not in body.digits for cells in bodies for body in cells):
        return ""
    text = "; ".join(" ".join(body.digits for body in cells if isinstance(body, Number)) for cells in bodies)
    return f"<mtr><mtd><mtext>{escape(text.replace('-', '−'))}</mtext></mtd></mtr>"


def grid_key(box: Grid) -> tuple[str, str] | None:
    """What all keys of a grid begin with, and the attribute that says how they go on: `S` for S-1-1, S-1-2, …

    A table with `data-k` has the keys key-row-column, one with `data-v` is a column with the keys key-row. Nothing
    where some of it is left out, or no number of a tensor.
    """
    first = box.rows[0][0]
    if not isinstance(first, Entry):
        return None
    for attribute, tail in (("data-k", "-{}-{}"), ("data-v", "-{}")):
        key = first.key.removesuffix(tail.format(1, 1))
        if key != first.key and (attribute == "data-k" or len(box.rows[0]) == 1) and _has_keys(box, key + tail):
            return key, attribute
    return None


def _has_keys(box: Grid, pattern: str) -> bool:
    return all(
        isinstance(cell, Entry) and not cell.minus and cell.key == pattern.format(down, across)
        for down, cells in enumerate(box.rows, start=1)
        for across, cell in enumerate(cells, start=1)
    )


def is_tall(box: Box) -> bool:
    """Whether brackets around a box must grow."""
    match box:
        case Fraction() | Grid() | Big() | Root() | Cases() | Brace():
            return True
        case Row():
            return any(is_tall(item) for item in box.items)
        case Fence() | Accent() | Entry():
            return is_tall(box.body)
        case Script():
            return is_tall(box.base)
    return False


def _is_function(box: Box) -> bool:
    return isinstance(box, Named) and box.upright and (len(box.text) > 1 or box.text in OPERATORS)


_EMIT: dict[type, Callable[..., str]] = {
    Named: _Emitter.named,
    Number: _Emitter.number,
    Sign: _Emitter.sign,
    Prose: lambda self, box: f"<mtext>{escape(box.text)}</mtext>",
    Row: _Emitter.row,
    Fraction: lambda self, box: f"<mfrac>{self.emit(box.over)}{self.emit(box.under)}</mfrac>",
    Root: lambda self, box: f"<msqrt>{self.emit(box.body)}</msqrt>",
    Script: _Emitter.script,
    Accent: lambda self, box: f'<mover accent="true">{self.emit(box.body)}<mo>{MARKS[box.mark]}</mo></mover>',
    Big: _Emitter.big,
    Fence: _Emitter.fence,
    Grid: _Emitter.grid,
    Entry: _Emitter.entry,
    Cases: _Emitter.cases,
    Brace: _Emitter.brace,
}
