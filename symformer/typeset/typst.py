"""Boxes to the mathematics of Typst: what stands between its dollars. Its alphabet is Unicode: few signs have names."""

from __future__ import annotations

from collections.abc import Callable

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

SPECIAL = frozenset("\\#$&_^/\"`,;@~*'<>[]{}()|:")  # what Typst would take for something else inside a formula
ACCENTS = {"hat": "hat", "tilde": "tilde", "bar": "macron"}
WORDS = {":=": "colon.eq", "mod": "mod", "<": "<", ">": ">", "≠→": "arrow.r.not", "′": "prime"}


def typst(box: Box) -> str:
    """The formula, without dollars."""
    return _EMIT[type(box)](box)


def typst_string(words: str) -> str:
    """Words as a string of Typst."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(box: Named) -> str:
    if box.bold:
        return f"upright(bold({typst_string(box.text)}))"
    if not box.upright:
        return "".join(f" {_escaped(letter)}" for letter in box.text).strip()
    return f"op({typst_string(box.text)})" if box.text in OPERATORS else f"upright({typst_string(box.text)})"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in SPECIAL else character for character in text)


def _number(box: Number) -> str:
    mantissa, _, exponent = box.digits.partition("e")
    written = f"{mantissa} dot 10^({int(exponent)})" if exponent else mantissa
    return written.replace("-", "−")


def _row(box: Row) -> str:
    pieces: list[str] = []
    for place, item in enumerate(box.items):
        if place and words_touch(box.items[place - 1], item):
            pieces.append(" thin")
        touches = isinstance(item, Fence) and place and isinstance(box.items[place - 1], Named)
        pieces.append(("" if touches or not place else " ") + typst(item))
    return "".join(pieces)


def _script(box: Script) -> str:
    base = typst(box.base)
    base = base if isinstance(box.base, Named) and len(box.base.text) == 1 else f"attach({base}{_corners(box)})"
    if base.startswith("attach("):
        return base
    sub = f"_({typst(box.sub)})" if box.sub is not None else ""
    sup = f"^({typst(box.sup)})" if box.sup is not None else ""
    return base + sub + sup


def _corners(box: Script) -> str:
    below = f", b: {typst(box.sub)}" if box.sub is not None else ""
    return below + (f", t: {typst(box.sup)}" if box.sup is not None else "")


def _big(box: Big) -> str:
    symbol = {"∑": "sum", "∏": "product"}.get(box.symbol, f"op({typst_string(box.symbol)}, limits: #true)")
    over = f"^({typst(box.over)})" if box.over is not None else ""
    return f"{symbol}_({typst(box.under)}){over}"


def _fence(box: Fence) -> str:
    return f"lr({_escaped(box.left)} {typst(box.body)} {_escaped(box.right)})"


def _grid(box: Grid) -> str:
    return "mat(" + "; ".join(", ".join(map(typst, cells)) for cells in box.rows) + ")"


def _cases(box: Cases) -> str:
    return "cases(" + ", ".join(f"{typst(value)} & {typst(when)}" for value, when in box.rows) + ")"


_EMIT: dict[type, Callable[..., str]] = {
    Named: _named,
    Number: _number,
    Sign: lambda box: WORDS.get(box.symbol, _escaped(box.symbol)),
    Prose: lambda box: typst_string(box.text),
    Row: _row,
    Fraction: lambda box: f"frac({typst(box.over)}, {typst(box.under)})",
    Root: lambda box: f"sqrt({typst(box.body)})",
    Script: _script,
    Accent: lambda box: f"{ACCENTS[box.mark]}({typst(box.body)})",
    Big: _big,
    Fence: _fence,
    Grid: _grid,
    Cases: _cases,
    Brace: lambda box: f"underbrace({typst(box.body)}, {typst(box.note)})",
    Entry: lambda box: typst(box.body),
}
