"""Small multiples: many maps of one kind side by side, shaded alike, without numbers."""

from __future__ import annotations

from collections.abc import Sequence

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import decimal, label, tag

SIDE, GAP, TOP = 64.0, 12.0, 14.0
DARKEST = 0.85
Map = tuple[str, Sequence[Sequence[float]]]


def multiples(name: str, title: str, maps: Sequence[Map]) -> Picture:
    """Maps with their names above, as many in a row as fit; 1 is the darkest, as attention weights are at most that.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        maps: names, and rows of numbers from 0 to 1.

    Raises:
        ValueError: there is no map, or one without numbers.
    """
    if not maps or not all(rows and rows[0] for _, rows in maps):
        raise ValueError("maps: expected at least one, each with numbers")
    across = max(int((WIDTH + GAP) // (SIDE + GAP)), 1)
    drawn = [
        tag("g", _map(rows, word, (place % across) * (SIDE + GAP), (place // across) * (SIDE + GAP + TOP)))
        for place, (word, rows) in enumerate(maps)
    ]
    height = -(-len(maps) // across) * (SIDE + GAP + TOP)
    told = "; ".join(f"{word}: {_told(rows)}" for word, rows in maps)
    return picture(name, title, told + ".", (WIDTH, height), "".join(drawn))


def _map(rows: Sequence[Sequence[float]], word: str, x: float, y: float) -> str:
    tall, wide = SIDE / len(rows), SIDE / len(rows[0])
    cells = [
        tag("rect", x=x + wide * j, y=y + TOP + tall * i, width=wide, height=tall, class_="accent",
            fill="currentColor", fill_opacity=DARKEST * min(max(value, 0.0), 1.0))
        for i, row in enumerate(rows) for j, value in enumerate(row) if value > 0.005
    ]  # fmt: skip
    frame = tag("rect", x=x, y=y + TOP, width=SIDE, height=SIDE, fill="none", stroke="currentColor", stroke_opacity=0.4)
    return label(x, y + TOP - 4, word, font_size=10) + "".join(cells) + frame


def _told(rows: Sequence[Sequence[float]]) -> str:
    """Where each row is largest."""
    best = [max(range(len(row)), key=row.__getitem__) for row in rows]
    return ", ".join(f"row {i + 1} most at {j + 1} ({decimal(rows[i][j])})" for i, j in enumerate(best))
