"""Boxes to one line of Unicode, for terminals, comments in generated source, and error messages."""

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
)

MARKS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307"}
LETTERS = set("…𝔼")
SPELLED = {"Σ": "Sigma", "Π": "Pi"}  # on one line, Σ is the sum
SPACED = set("+−=≤≥<>≠≈→←∈·×⊙⊘∧∨") | {":=", "mod"}


def text(box: Box) -> str:
    """The box on one line: `Σ_k exp(x_k)`, `a/(b + c)`."""
    return _EMIT[type(box)](box)


def _row(box: Row) -> str:
    out = ""
    for place, item in enumerate(box.items):
        piece = text(item)
        after_comma = place and box.items[place - 1] == Sign(",")
        if after_comma and isinstance(item, (Sign, Fence)):
            piece = f" {piece}"
        elif isinstance(item, Sign) and item.symbol in SPACED and out:
            piece = f" {piece} " if not out.endswith(" ") else piece
        elif place and box.items[place - 1] == Named("d") and isinstance(item, Accent):
            pass  # the cotangent of x̂ is one name
        elif _run_together(out, piece, item) or (isinstance(item, Fence) and isinstance(box.items[place - 1], Big)):
            piece = f" {piece}" if out else piece
        out += piece
    return out


def _run_together(left: str, right: str, item: Box) -> bool:
    if not left or not right or left.endswith((" ", "(", "[", "−", "|", "{", "∂")) or right.startswith((")", "]", ",")):
        return False
    word = item.symbol in LETTERS if isinstance(item, Sign) else not isinstance(item, Fence)
    return word and (left[-1].isalnum() or left[-1] in ")]}′⊤," or left[-1] in MARKS.values())


def _grouped(box: Box) -> str:
    """In brackets unless it reads as one thing."""
    inner = text(box)
    simple = (
        inner.replace("_", "").replace("′", "").replace(".", "").isalnum()
        or isinstance(box, (Fence, Root))
        or _is_exp(box)
    )
    return inner if simple else f"({inner})"


def _is_exp(box: Box) -> bool:
    """Whether it is the exponential function: e with an exponent and nothing else; a prime belongs to a name."""
    power = isinstance(box, Script) and box.base == Named("e") and box.sub is None and box.sup is not None
    return power and not (isinstance(box.sup, Named) and set(box.sup.text) == {"′"})  # type: ignore[attr-defined]


def _script(box: Script) -> str:
    if _is_exp(box) and box.sup is not None:
        return f"exp({text(box.sup)})"
    base = text(box.base)
    sub = f"_{_subscript(box.sub)}" if box.sub else ""
    if box.sup is None:
        return base + sub
    sup = text(box.sup)
    tight = set(sup) <= {"′"} or sup == "⊤"
    return base + sub + (("ᵀ" if sup == "⊤" else sup) if tight else f"^{_grouped(box.sup)}")


def _subscript(box: Box) -> str:
    """A subscript; an index that is a word is bracketed, since its letters would be indices of their own."""
    inner = text(box).replace(" ", "")
    word = isinstance(box, Row) and len(box.items) == 1 and isinstance(box.items[0], Named) and len(inner) > 1
    return inner if inner.replace("′", "").isalnum() and not (word and inner.isalnum()) else f"[{inner}]"


def _grid(box: Grid) -> str:
    rows = ("[" + ", ".join(text(cell) for cell in cells) + "]" for cells in box.rows)
    return "[" + ", ".join(rows) + "]"


def _big(box: Big) -> str:
    symbol = "Σ" if box.symbol == "∑" else box.symbol
    over = f"^{_grouped(box.over)}" if box.over is not None else ""
    return f"{symbol}_{_subscript(box.under)}{over}"


_EMIT: dict[type, Callable[..., str]] = {
    Named: lambda box: SPELLED.get(box.text, box.text),
    Number: lambda box: box.digits.replace("-", "−"),
    Sign: lambda box: box.symbol,
    Prose: lambda box: box.text,
    Row: _row,
    Fraction: lambda box: f"{_grouped(box.over)}/{_grouped(box.under)}",
    Root: lambda box: f"√{_grouped(box.body)}",
    Script: _script,
    Accent: lambda box: text(box.body) + MARKS[box.mark],
    Big: _big,
    Fence: lambda box: f"{box.left}{text(box.body)}{box.right}",
    Grid: _grid,
    Cases: lambda box: "{" + "; ".join(f"{text(value)} {text(when)}" for value, when in box.rows) + "}",
    Brace: lambda box: f"{_grouped(box.body)} [{text(box.note)}]",
    Entry: lambda box: text(box.body),
}
