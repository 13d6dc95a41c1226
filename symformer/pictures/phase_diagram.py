"""A phase diagram: a probability over time and temperature, shaded, with a curve over it; a panel for each case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import Point, brief, label, line, short, tag

COLUMNS = 2
LEFT, GAP, UNDER, CAPTION = 30.0, 14.0, 18.0, 18.0
HEIGHT = 110.0
LEVELS = 16  # shades between 0 and 1; equal neighbours become one rectangle
DARKEST = 0.75
Panel = tuple[str, Sequence[Sequence[float]]]


def phase_diagram(
    name: str,
    title: str,
    panels: Sequence[Panel],
    betas: Sequence[float],
    times: Sequence[float],
    curve: Sequence[Point] = (),
) -> Picture:
    """Probabilities as shades, β upwards and t to the right.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        panels: captions, and a row of probabilities over `times` for each β.
        betas: increasing.
        times: increasing.
        curve: points (t, β) of a line drawn over each panel; what is outside is cut off.
    """
    if len(betas) < 2 or len(times) < 2 or not panels:
        raise ValueError("panels: a phase diagram needs two betas, two times and a panel")
    for caption, rows in panels:
        if len(rows) != len(betas) or any(len(row) != len(times) for row in rows):
            raise ValueError(f"panels: {caption}: expected {len(betas)} rows of {len(times)} probabilities")
    width = (WIDTH - COLUMNS * LEFT - GAP) / COLUMNS
    drawn = []
    for place, (caption, rows) in enumerate(panels):
        row, column = divmod(place, COLUMNS)
        top = row * (HEIGHT + CAPTION + UNDER + GAP) + CAPTION
        frame = _Frame(_edges(times), _edges(betas), (LEFT + column * (width + LEFT + GAP), top), (width, HEIGHT))
        drawn.append(
            frame.shades(rows)
            + frame.curve(curve)
            + frame.axes(caption, ((times[0], times[-1]), (betas[0], betas[-1])))
        )
    height = math.ceil(len(panels) / COLUMNS) * (HEIGHT + CAPTION + UNDER + GAP)
    return picture(name, title, _words(panels, betas, times), (WIDTH, height), "".join(drawn))


def _words(panels: Sequence[Panel], betas: Sequence[float], times: Sequence[float]) -> str:
    """For each panel the share of the plane that is more likely than not."""
    cells = len(betas) * len(times)
    told = [f"{caption}: {sum(p > 0.5 for row in rows for p in row) / cells:.0%} above 1/2" for caption, rows in panels]
    span = f"β from {brief(betas[0])} to {brief(betas[-1])}, t from {brief(times[0])} to {brief(times[-1])}"
    return f"{span}; {'; '.join(told)}."


def _edges(values: Sequence[float]) -> list[float]:
    """Between neighbours the middle; at the ends as far beyond."""
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    return [2 * values[0] - middles[0], *middles, 2 * values[-1] - middles[-1]]


@dataclass(frozen=True)
class _Frame:
    times: Sequence[float]
    betas: Sequence[float]
    corner: Point
    size: Point

    def at(self, t: float, beta: float) -> Point:
        """A point of the plane on the paper, never outside."""
        across = (t - self.times[0]) / (self.times[-1] - self.times[0])
        up = (beta - self.betas[0]) / (self.betas[-1] - self.betas[0])
        across, up = min(1.0, max(0.0, across)), min(1.0, max(0.0, up))
        return self.corner[0] + across * self.size[0], self.corner[1] + (1 - up) * self.size[1]

    def shades(self, rows: Sequence[Sequence[float]]) -> str:
        """A rectangle for each run of equal shades in a row."""
        parts = []
        for k, row in enumerate(rows):
            levels = [round(LEVELS * p) for p in row]
            start = 0
            for j in range(1, len(row) + 1):
                if j == len(row) or levels[j] != levels[start]:
                    parts.append(self._shade(k, start, j, levels[start]) if levels[start] else "")
                    start = j
        return "".join(parts)

    def _shade(self, k: int, start: int, end: int, level: int) -> str:
        (x, low), (right, high) = self.at(self.times[start], self.betas[k]), self.at(self.times[end], self.betas[k + 1])
        return tag(
            "rect", x=x, y=high, width=right - x, height=low - high, class_="accent", fill="currentColor",
            fill_opacity=DARKEST * level / LEVELS, shape_rendering="crispEdges",
        )  # fmt: skip

    def curve(self, points: Sequence[Point]) -> str:
        """The part of a line that is inside."""
        inside = [
            point
            for point in points
            if self.times[0] <= point[0] <= self.times[-1] and self.betas[0] <= point[1] <= self.betas[-1]
        ]
        if len(inside) < 2:
            return ""
        places = " L".join(f"{short(x)} {short(y)}" for x, y in (self.at(*point) for point in inside))
        return tag("path", d=f"M{places}", fill="none", stroke="currentColor", class_="accent2", stroke_width=2)

    def axes(self, caption: str, marks: tuple[Point, Point]) -> str:
        """The two axes with the first and last time and β, and the caption."""
        x, y, (width, height) = self.corner[0], self.corner[1], self.size
        parts = [line((x, y + height), (x + width, y + height)), line((x, y), (x, y + height))]
        parts += [label(x + width / 2, y - 5, caption, text_anchor="middle")]
        for t, anchor in ((marks[0][0], "start"), (marks[0][1], "end")):
            at = x if anchor == "start" else x + width
            parts.append(label(at, y + height + 13, f"t = {brief(t, 3)}", font_size=10, text_anchor=anchor))
        for beta, down in ((marks[1][0], height), (marks[1][1], 8.0)):
            parts.append(label(x - 3, y + down, brief(beta, 2), font_size=10, text_anchor="end"))
        parts.append(label(x - 3, y + height / 2, "β", font_size=11, text_anchor="end"))
        return "".join(parts)
