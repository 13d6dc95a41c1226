"""A table of cells with a label for each row and column: what heat maps and masks have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symformer.pictures.svg import breadth, label

SLANT = math.radians(45)
GAP = 8.0


def check(rows: Sequence[Sequence[float]], row_labels: Sequence[str], column_labels: Sequence[str]) -> None:
    """Says which of the labels do not fit the rows."""
    if not rows or not column_labels:
        raise ValueError("rows: a picture needs at least one row and one column")
    if len(row_labels) != len(rows):
        raise ValueError(f"row_labels: {len(row_labels)} labels for {len(rows)} rows")
    if any(len(row) != len(column_labels) for row in rows):
        raise ValueError(f"column_labels: {len(column_labels)} labels, rows of {[len(row) for row in rows]} numbers")


@dataclass(frozen=True)
class Grid:
    """Where the cells and labels of a table stand."""

    rows: Sequence[str]
    columns: Sequence[str]
    cell: tuple[float, float]

    @property
    def slanted(self) -> bool:
        """Whether column labels are too wide to stand upright over their columns."""
        return any(breadth(word) > self.cell[0] - 4 for word in self.columns)

    @property
    def left(self) -> float:
        """Where the first column begins."""
        return max(map(breadth, self.rows)) + GAP

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return max(map(breadth, self.columns)) * math.sin(SLANT) + 16 if self.slanted else 20.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the whole, as wide as its slanted labels reach."""
        right = self.left + len(self.columns) * self.cell[0]
        tips = [self.middle(0, j)[0] + breadth(word) * math.cos(SLANT) + 8 for j, word in enumerate(self.columns)]
        return math.ceil(max([right + 1, *tips] if self.slanted else [right + 1])), math.ceil(
            self.top + len(self.rows) * self.cell[1] + 1
        )

    def corner(self, i: int, j: int) -> tuple[float, float]:
        """The upper left corner of a cell."""
        return self.left + j * self.cell[0], self.top + i * self.cell[1]

    def middle(self, i: int, j: int) -> tuple[float, float]:
        """The middle of a cell."""
        x, y = self.corner(i, j)
        return x + self.cell[0] / 2, y + self.cell[1] / 2

    def labels(self) -> str:
        """The words beside the rows and over the columns."""
        sides = [
            label(self.left - GAP, self.middle(i, 0)[1] + 4, word, text_anchor="end")
            for i, word in enumerate(self.rows)
        ]
        return "".join([*sides, *(self._heading(j, word) for j, word in enumerate(self.columns))])

    def _heading(self, j: int, word: str) -> str:
        x, y = self.middle(0, j)[0], self.top - 6
        if not self.slanted:
            return label(x, y, word, text_anchor="middle")
        return label(x, y, word, transform=f"rotate(-45 {x:.2f} {y:.2f})")
