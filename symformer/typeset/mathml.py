"""Boxes to presentation MathML (the part that is MathML Core), which every browser typesets without script or font.

What browsers ignore is not used: no `columnalign`, no `mathvariant` but normal. Operators get their spacing and their
stretch from the browser's own dictionary; a bracket around something low is told not to stretch.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
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

MARKS = {"hat": "^", "tilde": "~", "bar": "¯", "dot": "˙"}
LISTED = ' data-l=""'  # a matrix without a key, for a script to set
LETTERS = set("ℝℤ𝔼∂∞⊤…⋮⋱ℓ□")
UPRIGHT = set("ℝℤ𝔼ℓ")  # letters that have no slanted form


def mathml(
    box: Box,
    *,
    block: bool = False,
    ids: Callable[[str], str] | None = None,
    brief: Callable[[str], bool] | None = None,
    styled: bool = True,
    symbols: Mapping[Box, str] | None = None,
) -> str:
    """A `<math>` element.

    Args:
        box: what to typeset.
        block: whether it stands on a line of its own; inside a line, sums and fractions still get their full size.
        ids: gives each number of a tensor's entry (named like `S-1-2`) an id that is unique on the page.
        brief: given for a large page, whose script sets matrices: whether one, by its key, has stood there before.
        styled: whether it says itself that sums get their full size inside a line; else a style sheet does.
        symbols: the class that marks a name of the page wherever it stands, by its box.
    """
    display = ' display="block"' if block else ' displaystyle="true"' if styled else ""
    emitter = _Emitter(ids, brief, symbols or {})
    inside = emitter.items(box) if isinstance(box, Row) else emitter.emit(box)
    return f"<math{display}>{inside}</math>"


class _Emitter:
    def __init__(
        self, ids: Callable[[str], str] | None, brief: Callable[[str], bool] | None, symbols: Mapping[Box, str]
    ) -> None:
        self.ids, self.brief, self.symbols = ids, brief, symbols

    def emit(self, box: Box) -> str:
        known = self.symbols.get(box) if isinstance(box, (Named, Accent, Row)) else None
        inner = _EMIT[type(box)](self, box)
        return inner if known is None else with_class(inner, known)

    def plainly(self, box: Box) -> str:
        """A part of a name: its letters stand for nothing by themselves."""
        return _Emitter(self.ids, self.brief, {}).emit(box)

    def named(self, box: Named) -> str:
        name = escape(box.text).replace(" ", "\u00a0")
        if box.bold:
            return f'<mi class="bold"{_roman(box.text)}>{name}</mi>'
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

    def items(self, box: Row, put: Callable[[Box], str] | None = None) -> str:
        """What stands side by side; `<math>` itself is a row."""
        put = put or self.emit
        items: list[str] = []
        for place, item in enumerate(box.items):
            if place and _is_function(box.items[place - 1]) and isinstance(item, Fence):
                items.append("<mo>\u2061</mo>")
            elif place and words_touch(box.items[place - 1], item):
                items.append('<mspace width="0.17em"/>')
            items.append(put(item))
        return "".join(items)

    def script(self, box: Script) -> str:
        name = named_part(box, self.symbols) if self.symbols else None
        if isinstance(name, Script):
            return self._named_script(box, name)
        base = self.emit(box.base)
        sub = self._indices(box.sub) if box.sub is not None else ""
        sup = self.emit(box.sup) if box.sup is not None else ""
        return self._scripts(base, sub, sup)

    def _named_script(self, box: Script, name: Script) -> str:
        """A name with a subscript or a prime of its own, and what stands behind: indices, a power."""
        base = with_class(self.plainly(name.base), self.symbols[name])
        sub = self.plainly(name.sub) if name.sub is not None else ""
        if box.sub is not None and box.sub != name.sub:
            behind = box.sub.items[_length(name.sub) :] if isinstance(box.sub, Row) and name.sub is not None else ()
            first = self._inside(name.sub) if behind else ""
            sub = f"<mrow>{first}{self.items(Row(behind), self._index)}</mrow>" if behind else self._indices(box.sub)
        sup = "" if box.sup is None else self.plainly(box.sup) if box.sup == name.sup else self.emit(box.sup)
        return self._scripts(base, sub, sup)

    def _indices(self, box: Box) -> str:
        """A subscript: a letter by itself is an index or a part of a name, and no symbol."""
        if not isinstance(box, Row):
            return self.plainly(box)
        return f"<mrow>{self.items(box, self._index)}</mrow>" if self.symbols else self.row(box)

    def _index(self, box: Box) -> str:
        return self.plainly(box) if isinstance(box, Named) else self.emit(box)

    def _inside(self, box: Box | None) -> str:
        return _Emitter(self.ids, self.brief, {}).items(box) if isinstance(box, Row) else self.plainly(box or Row(()))

    def _scripts(self, base: str, sub: str, sup: str) -> str:
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
        stretchy = "" if isinstance(box.body, (Number, Entry)) or is_tall(box.body) else ' stretchy="false"'
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
        known = bool(name) and self.brief(name)
        line = "" if known else in_one_line(box)
        if known or line:
            return f"<mtext{key or LISTED}>{line}</mtext>"
        return f"<mtable{key or LISTED}>{table}</mtable>"

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
            return f"<mi{_roman(box.symbol)}>{box.symbol}</mi>"
        if box.symbol == "/":
            return '<mo lspace="0" rspace="0">/</mo>'  # as LaTeX sets it
        return f"<mo>{escape(box.symbol)}</mo>"

    def entry(self, box: Entry) -> str:
        inner = self.emit(box.body)
        if self.ids is None:
            return inner
        behind = ' class="minus"' if box.minus else ""
        return f'<mrow id="{escape(self.ids(box.key))}"{behind}>{inner}</mrow>'


def with_class(element: str, name: str) -> str:
    """An element of ours, with one more class."""
    head, rest = element.split(">", 1)
    if ' class="' in head:
        return f'{head[:-1]} {name}">{rest}' if head.endswith('"') else element
    return f'{head} class="{name}">{rest}'


def named_part(box: Script, names: Container[Box]) -> Box | None:
    """The longest name of these that a box with indices or a power is made of; None where there is none."""
    own = _first_sub(box.sub)
    for name in (box, Script(box.base, own, box.sup), Script(box.base, own), Script(box.base, None, box.sup)):
        if name in names and name != Script(box.base):
            return name
    return None


def _first_sub(sub: Box | None) -> Box | None:
    """What stands before the semicolon of a subscript, which parts a name's own from its indices."""
    if not isinstance(sub, Row) or Sign(";") not in sub.items:
        return sub
    before = sub.items[: sub.items.index(Sign(";"))]
    return before[0] if len(before) == 1 else Row(before)


def _length(box: Box) -> int:
    return len(box.items) if isinstance(box, Row) else 1


def _roman(text: str) -> str:
    """What keeps a letter upright that browsers would lean."""
    leans = len(text) == 1 and (text == "∂" or (text.isalpha() and text not in UPRIGHT))
    return ' mathvariant="normal"' if leans else ""


def in_one_line(box: Grid) -> str:
    """A matrix of decimals as `1 2; 3 4`; nothing where an entry is something else."""
    bodies = [[cell.body if isinstance(cell, Entry) else cell for cell in cells] for cells in box.rows]
    if not all(isinstance(body, Number) and "e" not in body.digits for cells in bodies for body in cells):
        return ""
    text = "; ".join(" ".join(body.digits for body in cells if isinstance(body, Number)) for cells in bodies)
    return escape(text.replace("-", "−"))


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
