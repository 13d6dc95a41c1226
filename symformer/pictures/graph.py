"""What builds on what: boxes that are links, in layers from top to bottom, and curves that go between the boxes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from symformer.pictures.layers import COLUMNS, Edges, Spot, check, spots
from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import Point, breadth, head, label, line, short, tag

GUTTER, AISLE, MARGIN = 16.0, 34.0, 2.0  # between boxes of a row, between rows, at the sides
BOX = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GUTTER) / COLUMNS
SIZE, LINE = 11, 13.0
Node = tuple[str, str, str]


@dataclass(frozen=True)
class Box:
    """A node on the paper."""

    left: float
    top: float
    height: float
    words: tuple[str, ...]
    href: str

    @property
    def middle(self) -> float:
        """Half-way between its sides."""
        return self.left + BOX / 2


def graph(name: str, title: str, nodes: Sequence[Node], edges: Edges) -> Picture:
    """A layered drawing; what stands alone is put in a grid below.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        nodes: id, label and link of each.
        edges: from and to, by id; `to` builds on `from`.
    """
    edges = list(dict.fromkeys(edges))
    check([node for node, _, _ in nodes], edges)
    places, alone = spots([node for node, _, _ in nodes], edges)
    tops = _tops(nodes, places, alone)
    boxes = {node: _box((words, href), places[node], tops) for node, words, href in nodes}
    ways = _ways(edges, places, boxes, tops)
    rule = tops[alone] - AISLE / 2 if 0 < alone < len(tops) - 1 else None
    drawn = [_curve(way) for way in ways] + [_link(box) for box in boxes.values()]
    drawn += [line((MARGIN, rule), (WIDTH - MARGIN, rule), stroke_opacity=0.3)] if rule is not None else []
    size = (WIDTH, tops[-1] - AISLE + 2)
    return picture(name, title, _words(nodes, edges), size, "".join(drawn), role="group")


def _words(nodes: Sequence[Node], edges: Edges) -> str:
    names = {node: words for node, words, _ in nodes}
    tied = {node for edge in edges for node in edge}
    alone = [words for node, words, _ in nodes if node not in tied]
    said = [f"{names[end]} builds on {names[start]}" for start, end in edges]
    return "; ".join([*said, *([f"alone: {', '.join(alone)}"] if alone else [])]) + "."


def _wrapped(words: str) -> tuple[str, ...]:
    letters = int((BOX - 8) / breadth("x", SIZE))
    return tuple(textwrap.wrap(words, letters, break_long_words=False)) or ("",)


def _tops(nodes: Sequence[Node], places: Mapping[str, Spot], alone: int) -> list[float]:
    """Where each row begins, and where one after the last would."""
    rows = max((row for row, _ in places.values()), default=-1) + 1
    tops = [2.0]
    for row in range(rows):
        lines = max(len(_wrapped(words)) for node, words, _ in nodes if places[node][0] == row)
        tops.append(tops[-1] + lines * LINE + 10 + (AISLE if row < alone else 12))
    return tops if alone == rows else [*tops[:-1], tops[-1] - 12 + AISLE]


def _box(link: tuple[str, str], place: Spot, tops: Sequence[float]) -> Box:
    words = _wrapped(link[0])
    return Box(MARGIN + place[1] * (BOX + GUTTER), tops[place[0]], len(words) * LINE + 10, words, link[1])


def _link(box: Box) -> str:
    """A box one can follow; a word too long for it is pressed together."""
    parts = [
        tag(
            "rect", x=box.left, y=box.top, width=BOX, height=box.height, rx=5, fill="currentColor",
            fill_opacity=0.07, stroke="currentColor", stroke_opacity=0.7,
        )
    ]  # fmt: skip
    for index, words in enumerate(box.words):
        pressed: dict[str, str | float] = (
            {"textLength": BOX - 8, "lengthAdjust": "spacingAndGlyphs"} if breadth(words, SIZE) > BOX - 8 else {}
        )
        y = box.top + 15 + index * LINE
        parts.append(label(box.middle, y, words, text_anchor="middle", font_size=SIZE, **pressed))
    return f'<a href="{escape(box.href)}">{"".join(parts)}</a>'


def _ways(
    edges: Edges, places: Mapping[str, Spot], boxes: Mapping[str, Box], tops: Sequence[float]
) -> list[list[Point]]:
    """The points through which each edge goes: out of its box, through a gap in each row between, into the other."""
    ways = []
    for index, (start, end) in enumerate(edges):
        a, b = boxes[start], boxes[end]
        first = (_port(a, end, [e for s, e in edges if s == start], boxes), a.top + a.height)
        last = (_port(b, start, [s for s, e in edges if e == end], boxes), b.top)
        way = [first]
        for row in range(places[start][0], places[end][0]):
            if row > places[start][0]:
                taken = {column for spot_row, column in places.values() if spot_row == row}
                x = _gap(taken, way[-1][0], last[0]) + (index % 3 - 1) * 4
                way += [(x, tops[row]), (x, tops[row + 1] - AISLE)]
            elif first[1] < tops[row + 1] - AISLE:
                way.append((first[0], tops[row + 1] - AISLE))
        ways.append([*way, last])
    return ways


def _port(box: Box, other: str, others: Sequence[str], boxes: Mapping[str, Box]) -> float:
    """Where on its side of a box an edge is tied, so that edges do not cross there."""
    order = sorted(others, key=lambda node: (boxes[node].middle, boxes[node].top))
    step = min(14.0, (BOX - 24) / len(order))
    return box.middle + (order.index(other) - (len(order) - 1) / 2) * step


def _gap(taken: set[int], x: float, goal: float) -> float:
    """The middle of the gutter or the empty column of a row that is the least way round."""
    gutters = [MARGIN + k * (BOX + GUTTER) - GUTTER / 2 for k in range(1, COLUMNS)]
    empty = [MARGIN + k * (BOX + GUTTER) + BOX / 2 for k in range(COLUMNS) if k not in taken]
    return min([*empty, *gutters], key=lambda gap: (abs(gap - x) + abs(gap - goal), abs(gap - goal)))


def _curve(way: Sequence[Point]) -> str:
    """A smooth line through the points, upright at each, with an arrowhead at its end."""
    x, y = way[-1]
    route = [*way[:-1], (x, y - 5)]
    path = f"M{short(route[0][0])} {short(route[0][1])}"
    for (ax, ay), (bx, by) in pairwise(route):
        half = (ay + by) / 2
        path += f" C{short(ax)} {short(half)} {short(bx)} {short(half)} {short(bx)} {short(by)}"
    stroke = tag("path", d=path, fill="none", stroke="currentColor", stroke_opacity=0.7)
    return tag("g", stroke + head((x, y), math.pi / 2, 7), class_="accent")
