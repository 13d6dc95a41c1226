"""Boxes drawn in Unicode over several lines, for a terminal: fractions, matrices, sums with their index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import combining

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
from symformer.typeset.text import SPACED, text

SUBSCRIPTS = dict(zip("0123456789+−=(),aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎,ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+−=()inT⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀᵀ′", strict=True))
FENCES = {"(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "{": "⎧⎨⎩", "}": "⎫⎬⎭", "|": "│││"}
INDENT = 4


@dataclass(frozen=True)
class Block:
    """Lines of equal width, and the one that stands on the line of writing."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """In characters, marks above a letter not counted."""
        return max(map(_width, self.lines))

    @property
    def below(self) -> int:
        """How many lines stand under the line of writing."""
        return len(self.lines) - self.base - 1


def drawn(box: Box, prefix: str = "", width: int = 100) -> str:
    """The box behind a prefix; where that is wider than `width`, broken before signs and matrices.

    Args:
        box: what to draw.
        prefix: what stands before it on the line of writing, such as `(2) = `.
        width: how many characters a line may have.
    """
    space = width - len(prefix)
    whole = _block(box)
    parts = [whole] if whole.width <= space or not isinstance(box, Row) else _broken(box, space)
    first, *rest = parts
    blocks = [beside(Block((prefix,)), first) if prefix else first]
    blocks += [beside(Block((" " * (len(prefix) + INDENT),)), part) for part in rest]
    return "\n".join(line.rstrip() for block in blocks for line in block.lines)


def beside(*blocks: Block) -> Block:
    """Blocks side by side on one line of writing."""
    base = max(block.base for block in blocks)
    below = max(block.below for block in blocks)
    columns = []
    for block in blocks:
        empty = " " * block.width
        full = [_padded(line, block.width) for line in block.lines]
        columns.append([empty] * (base - block.base) + full + [empty] * (below - block.below))
    return Block(tuple("".join(cells) for cells in zip(*columns, strict=True)), base)


def stacked(blocks: Sequence[Block], base: int) -> Block:
    """Blocks centred above each other; `base` is the line of writing in the whole."""
    width = max(block.width for block in blocks)
    return Block(tuple(_centred(line, width) for block in blocks for line in block.lines), base)


def _block(box: Box) -> Block:
    return _DRAW[type(box)](box)


def _row(box: Row) -> Block:
    return beside(*_pieces(box)) if box.items else Block(("",))


def _pieces(box: Row) -> list[Block]:
    """One block an item, with the space that stands before it."""
    out: list[Block] = []
    for place, item in enumerate(box.items):
        block = _block(item)
        before = box.items[place - 1] if place else None
        if _spaced(item) and before is not None and not _spaced(before):
            block = beside(Block((" ",)), block, Block((" ",)))
        elif before is not None and _touch(before, item, out[-1], block):
            block = beside(Block((" ",)), block)
        out.append(block)
    return out


def _spaced(box: Box) -> bool:
    return isinstance(box, Sign) and box.symbol in SPACED


def _touch(before: Box, item: Box, left: Block, right: Block) -> bool:
    """Whether two neighbours would run together: letters and digits, and anything that is built up."""
    if isinstance(item, (Fence, Sign)) and isinstance(before, (Named, Sign)):
        return False
    edge = left.lines[left.base]
    ends, starts = edge.rstrip()[-1:], right.lines[right.base].lstrip()[:1]
    tall = isinstance(before, (Big, Grid, Fraction)) or isinstance(item, (Grid, Fraction))
    apart = tall and edge[-1:] not in " (−" and not isinstance(item, Sign)
    return apart or (ends != "" and (ends + starts).isalnum()) or _indices_meet(left, right)


def _indices_meet(left: Block, right: Block) -> bool:
    """Whether letters above or below the line of writing would run together, such as a subscript and that of a sum."""
    for offset in range(-min(left.base, right.base), min(left.below, right.below) + 1):
        ends = _padded(left.lines[left.base + offset], left.width)[-1:]
        if offset and (ends + right.lines[right.base + offset][:1]).isalnum() and ends:
            return True
    return False


def _broken(box: Row, space: int) -> list[Block]:
    """The row in pieces of at most `space`, as far as it can be broken."""
    lines: list[list[Block]] = [[]]
    for item, block in zip(box.items, _pieces(box), strict=True):
        breakable = isinstance(item, Grid) or _spaced(item)
        used = sum(one.width for one in lines[-1]) + block.width
        if breakable and lines[-1] and used + _reach(box, item) > space:
            lines.append([])
        lines[-1].append(block)
    return [beside(*line) for line in lines]


def _reach(box: Row, item: Box) -> int:
    """The width of what must stay on the line of a sign: the item behind it."""
    place = next(number for number, one in enumerate(box.items) if one is item)
    return _block(box.items[place + 1]).width if isinstance(item, Sign) and place + 1 < len(box.items) else 0


def _fraction(box: Fraction) -> Block:
    over, under = _block(box.over), _block(box.under)
    bar = Block(("─" * max(over.width, under.width),))
    return stacked([over, bar, under], len(over.lines))


def _root(box: Root) -> Block:
    body = _block(box.body)
    if len(body.lines) == 1:
        return Block((text(box),))
    return beside(Block(("√",)), _fenced("(", body, ")"))


def _script(box: Script) -> Block:
    if box.base == Named("e") and box.sup is not None:
        return beside(Block(("exp",)), _fenced("(", _block(box.sup), ")"))
    base = _block(box.base)
    sub = Block((text(box.sub).replace(" ", ""),)) if box.sub is not None else None
    sup = _block(box.sup) if box.sup is not None else None
    if sub is not None and (small := _small(sub, SUBSCRIPTS)) and len(base.lines) == 1:
        base, sub = beside(base, small), None
    if sup is not None and (small := _small(sup, SUPERSCRIPTS)) and sub is None and len(base.lines) == 1:
        base, sup = beside(base, small), None
    if sub is None and sup is None:
        return base
    above, beneath = sup.lines if sup is not None else (), sub.lines if sub is not None else ()
    middle = ("",) * len(base.lines)
    corner = Block((*above, *middle, *beneath))
    return beside(base, Block(tuple(_padded(line, corner.width) for line in corner.lines), len(above) + base.base))


def _small(block: Block, letters: dict[str, str]) -> Block | None:
    """The block in small letters, where Unicode has all of them."""
    line = block.lines[0].replace(" ", "") if len(block.lines) == 1 else "?"
    return Block(("".join(letters[letter] for letter in line),)) if all(letter in letters for letter in line) else None


def _big(box: Big) -> Block:
    under = _block(box.under)
    over = [_block(box.over)] if box.over is not None else []
    return stacked([*over, Block((box.symbol,)), under], sum(len(block.lines) for block in over))


def _fenced(left: str, body: Block, right: str) -> Block:
    return beside(_mark(left, body), body, _mark(right, body))


def _fence(box: Fence) -> Block:
    """A body in its brackets; a matrix has its own."""
    inner = box.body.items[0] if isinstance(box.body, Row) and len(box.body.items) == 1 else box.body
    body = _block(box.body)
    return body if box.left == "(" and isinstance(inner, Grid) else _fenced(box.left, body, box.right)


def _mark(mark: str, body: Block) -> Block:
    """A delimiter as tall as the body."""
    height = len(body.lines)
    if height == 1 or mark not in FENCES:
        return Block((mark,))
    top, middle, bottom = tuple(FENCES[mark])
    return Block((top, *([middle] * (height - 2)), bottom), body.base)


def _grid(box: Grid) -> Block:
    return _fenced("(", _table([[_block(cell) for cell in cells] for cells in box.rows]), ")")


def _table(rows: Sequence[Sequence[Block]], *, left: bool = False) -> Block:
    widths = [max(cell.width for cell in column) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for cells in rows:
        fitted = [_fitted(cell, width, left) for cell, width in zip(cells, widths, strict=True)]
        gaps = [block for cell in fitted for block in (cell, Block(("  ",)))][:-1]
        lines += beside(*gaps).lines
    return Block(tuple(lines), (len(lines) - 1) // 2)


def _fitted(cell: Block, width: int, left: bool) -> Block:
    """A cell in its column; numbers stand at the right."""
    fit = _padded if left else lambda line, size: " " * (size - _width(line)) + line
    return Block(tuple(fit(line, width) for line in cell.lines), cell.base)


def _cases(box: Cases) -> Block:
    table = _table([[_block(value), _block(when)] for value, when in box.rows], left=True)
    return beside(_mark("{", table), table)


def _brace(box: Brace) -> Block:
    body, note = _block(box.body), _block(box.note)
    return stacked([body, Block(("└" + "─" * max(body.width - 2, 0) + "┘",)), note], body.base)


def _entry(box: Entry) -> Block:
    """A number; a fraction on one line, since it stands among other numbers."""
    return _plain(box.body) if isinstance(box.body, Fraction) else _block(box.body)


def _number(box: Number) -> Block:
    mantissa, _, power = box.digits.replace("-", "−").partition("e")
    raised = "".join(SUPERSCRIPTS[digit] for digit in power.replace("+", "").replace("−0", "−"))
    return Block((f"{mantissa}·10{raised}" if power else mantissa,))


def _width(line: str) -> int:
    return sum(not combining(character) for character in line)


def _padded(line: str, width: int) -> str:
    return line + " " * (width - _width(line))


def _centred(line: str, width: int) -> str:
    room = width - _width(line)
    return " " * (room // 2) + line + " " * (room - room // 2)


def _plain(box: Box) -> Block:
    return Block((text(box),))


_DRAW: dict[type, Callable[..., Block]] = {
    Named: _plain,
    Number: _number,
    Sign: _plain,
    Prose: _plain,
    Row: _row,
    Fraction: _fraction,
    Root: _root,
    Script: _script,
    Accent: _plain,
    Big: _big,
    Fence: _fence,
    Grid: _grid,
    Cases: _cases,
    Brace: _brace,
    Entry: _entry,
}
