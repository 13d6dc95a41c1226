"""Boxes to Office Math (ECMA-376, part 1, section 22.1): formulas that Word and LibreOffice can edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

MARKS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0305"}
LARGE = set("∑∏")  # operators that take what stands behind them
ENDS = set("=≤≥<>≠≈→∈+−,;") | {":="}  # signs before which the scope of a sum ends
LETTERS = set("ℝℤ𝔼")


def omml(box: Box) -> str:
    """What stands in an `m:oMath`."""
    return _EMIT[type(box)](box)


def omath(*boxes: Box) -> str:
    """An `m:oMath` of these boxes, side by side."""
    return f"<m:oMath>{''.join(map(omml, boxes))}</m:oMath>"


def _run(text: str, style: str = "") -> str:
    """Characters of one style: p upright, b bold; without one, letters are italic."""
    made = f'<m:rPr><m:sty m:val="{style}"/></m:rPr>' if style else ""
    return f'<m:r>{made}<m:t xml:space="preserve">{escape(text)}</m:t></m:r>'


def _part(name: str, box: Box) -> str:
    return f"<m:{name}>{omml(box)}</m:{name}>"


def _named(box: Named) -> str:
    return _run(box.text, "b" if box.bold else "p" if box.upright else "")


def _number(box: Number) -> str:
    mantissa, _, exponent = box.digits.replace("-", "−").partition("e")
    if not exponent:
        return _run(mantissa)
    ten = Script(Number("10"), None, Number(str(int(exponent.replace("−", "-")))))
    return _run(f"{mantissa}·") + omml(ten)


def _sign(box: Sign) -> str:
    return _run(box.symbol, "p" if box.symbol in LETTERS else "")


def _row(box: Row) -> str:
    return _items(box.items)


def _items(items: Sequence[Box]) -> str:
    """Side by side; a sum takes what stands behind it, to the next sign, as its operand."""
    out = ""
    for place, item in enumerate(items):
        if isinstance(item, Big) and item.symbol in LARGE:
            behind = items[place + 1 :]
            end = next((at for at, one in enumerate(behind) if _ends(one)), len(behind))
            out += _nary(item, _items(behind[:end]))
            return out + _items(behind[end:])
        out += _run("\u2009") if place and words_touch(items[place - 1], item) else ""
        out += omml(item)
    return out


def _ends(box: Box) -> bool:
    return isinstance(box, Sign) and box.symbol in ENDS


def _nary(box: Big, operand: str) -> str:
    if not operand:
        return _lim(box)
    hidden = "" if box.over is not None else '<m:supHide m:val="1"/>'
    over = _part("sup", box.over) if box.over is not None else "<m:sup/>"
    properties = f'<m:naryPr><m:chr m:val="{box.symbol}"/><m:limLoc m:val="undOvr"/>{hidden}</m:naryPr>'
    return f"<m:nary>{properties}{_part('sub', box.under)}{over}<m:e>{operand}</m:e></m:nary>"


def _lim(box: Big) -> str:
    """An operator with what stands under it, and over it."""
    below = f"<m:limLow><m:e>{_run(box.symbol, 'p')}</m:e>{_part('lim', box.under)}</m:limLow>"
    return below if box.over is None else f"<m:limUpp><m:e>{below}</m:e>{_part('lim', box.over)}</m:limUpp>"


def _script(box: Script) -> str:
    base = _part("e", box.base)
    if box.sub is not None and box.sup is not None:
        return f"<m:sSubSup>{base}{_part('sub', box.sub)}{_part('sup', box.sup)}</m:sSubSup>"
    if box.sub is not None:
        return f"<m:sSub>{base}{_part('sub', box.sub)}</m:sSub>"
    return f"<m:sSup>{base}{_part('sup', box.sup or Row(()))}</m:sSup>"


def _fenced(left: str, inside: str, right: str) -> str:
    ends = f'<m:dPr><m:begChr m:val="{escape(left)}"/><m:endChr m:val="{escape(right)}"/></m:dPr>'
    return f"<m:d>{ends}<m:e>{inside}</m:e></m:d>"


def _table(rows: Sequence[Sequence[Box]], justified: str = "center") -> str:
    columns = f'<m:mc><m:mcPr><m:count m:val="{len(rows[0])}"/><m:mcJc m:val="{justified}"/></m:mcPr></m:mc>'
    lines = "".join(f"<m:mr>{''.join(_part('e', cell) for cell in cells)}</m:mr>" for cells in rows)
    return f"<m:m><m:mPr><m:mcs>{columns}</m:mcs></m:mPr>{lines}</m:m>"


def _brace(box: Brace) -> str:
    braced = f'<m:groupChr><m:groupChrPr><m:chr m:val="⏟"/></m:groupChrPr>{_part("e", box.body)}</m:groupChr>'
    return f"<m:limLow><m:e>{braced}</m:e>{_part('lim', box.note)}</m:limLow>"


_EMIT: dict[type, Callable[..., str]] = {
    Named: _named,
    Number: _number,
    Sign: _sign,
    Prose: lambda box: f'<m:r><m:rPr><m:nor/></m:rPr><m:t xml:space="preserve">{escape(box.text)}</m:t></m:r>',
    Row: _row,
    Fraction: lambda box: f"<m:f>{_part('num', box.over)}{_part('den', box.under)}</m:f>",
    Root: lambda box: f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>{_part("e", box.body)}</m:rad>',
    Script: _script,
    Accent: lambda box: f'<m:acc><m:accPr><m:chr m:val="{MARKS[box.mark]}"/></m:accPr>{_part("e", box.body)}</m:acc>',
    Big: lambda box: _items((box,)) if box.symbol in LARGE else _lim(box),
    Fence: lambda box: _fenced(box.left, omml(box.body), box.right),
    Grid: lambda box: _fenced("(", _table(box.rows), ")"),
    Cases: lambda box: _fenced("{", _table(box.rows, "left"), ""),
    Brace: _brace,
    Entry: lambda box: omml(box.body),
}
