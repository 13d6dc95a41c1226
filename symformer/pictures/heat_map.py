"""An attention heat map with its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symformer.pictures.grid import Grid, check
from symformer.pictures.picture import Picture, picture
from symformer.pictures.svg import breadth, decimal, label, tag

DARKEST = 0.45  # a number stays readable on this


def heat_map(
    name: str,
    title: str,
    rows: Sequence[Sequence[float]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    digits: int = 2,
    entries: str = "",
) -> Picture:
    """Rows of numbers as shaded cells, the darkest for the largest; negative numbers in the second accent.

    A live page draws the cells anew (`drawn.js`), by the same rule.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        rows: the numbers; an infinite one is written but not shaded.
        row_labels: who looks.
        column_labels: at whom.
        digits: decimals of each number.
        entries: whose entries they are, where a page follows edits: cell (1, 2) of S is marked `S-1-2`.
    """
    check(rows, row_labels, column_labels)
    widest = max(breadth(decimal(value, digits)) for row in rows for value in row)
    grid = Grid(row_labels, column_labels, (max(40.0, widest + 8), 30.0))
    largest = max((abs(value) for row in rows for value in row if math.isfinite(value)), default=0.0)
    cells = [
        _marked(_cell(grid, (i, j), value, largest, digits), entries and f"{entries}-{i + 1}-{j + 1}")
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    ]
    words = [_sentence(*row, column_labels, digits) for row in zip(row_labels, rows, strict=True)]
    return picture(name, title, "; ".join(words) + ".", grid.size, grid.labels() + "".join(cells))


def _marked(cell: str, key: str) -> str:
    return tag("g", cell, data_entry=key) if key else cell


def _cell(grid: Grid, place: tuple[int, int], value: float, largest: float, digits: int) -> str:
    x, y = grid.corner(*place)
    across, down = grid.middle(*place)
    opacity = DARKEST * abs(value) / largest if largest and math.isfinite(value) else 0.0
    shade = tag(
        "rect", x=x + 1, y=y + 1, width=grid.cell[0] - 2, height=grid.cell[1] - 2, rx=2,
        class_="accent2" if value < 0 else "accent", fill="currentColor", fill_opacity=opacity, stroke="currentColor",
        stroke_opacity=0.3,
    )  # fmt: skip
    return shade + label(across, down + 4, decimal(value, digits), text_anchor="middle")


def _sentence(who: str, row: Sequence[float], whom: Sequence[str], digits: int) -> str:
    shares = [f"{decimal(value, digits)} to {other}" for value, other in zip(row, whom, strict=True)]
    return f"row {who}: {', '.join(shares)}"
