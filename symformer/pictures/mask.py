"""A mask: who may look at whom."""

from __future__ import annotations

from collections.abc import Sequence

from symformer.pictures.grid import Grid, check
from symformer.pictures.picture import Picture, picture
from symformer.pictures.svg import tag

CELL = 28.0


def mask(
    name: str, title: str, rows: Sequence[Sequence[int]], row_labels: Sequence[str], column_labels: Sequence[str]
) -> Picture:
    """Filled squares where a row sees a column (1), hollow ones where it does not (0).

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        rows: zeros and ones.
        row_labels: who looks.
        column_labels: at whom.
    """
    check(rows, row_labels, column_labels)
    if any(value not in (0, 1) for row in rows for value in row):
        raise ValueError("rows: a mask has zeros and ones")
    grid = Grid(row_labels, column_labels, (CELL, CELL))
    squares = [_square(*grid.corner(i, j), bool(value)) for i, row in enumerate(rows) for j, value in enumerate(row)]
    words = [_sentence(*row, column_labels) for row in zip(row_labels, rows, strict=True)]
    return picture(name, title, "; ".join(words) + ".", grid.size, grid.labels() + "".join(squares))


def _square(x: float, y: float, seen: bool) -> str:
    return tag(
        "rect", x=x + 4, y=y + 4, width=CELL - 8, height=CELL - 8, rx=2, class_="accent" if seen else "plain",
        fill="currentColor" if seen else "none", fill_opacity=0.8, stroke="currentColor",
        stroke_opacity=0.8 if seen else 0.5,
    )  # fmt: skip


def _sentence(who: str, row: Sequence[int], whom: Sequence[str]) -> str:
    seen = [other for value, other in zip(row, whom, strict=True) if value]
    return f"row {who} sees {', '.join(seen) or 'nothing'}"
