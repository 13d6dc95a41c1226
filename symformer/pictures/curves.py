"""A line chart with a name at the end of each line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import ACCENTS, Point, breadth, brief, label, line, short, spread, tag

DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 2")
TOP, DOWN, LINE = 26.0, 170.0, 15.0
SAMPLE = 22.0  # length of the sample of its dashes before a name
Series = Sequence[tuple[str, Sequence[tuple[float, float]]]]


@dataclass(frozen=True)
class Frame:
    """Where the plane of the chart stands on the paper."""

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    right: float
    bottom: float

    def at(self, point: Point) -> Point:
        """A point of the plane on the paper."""
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - TOP)


def curves(name: str, title: str, x_label: str, y_label: str, series: Series) -> Picture:
    """Lines that differ in dashes as well as in colour, each with its name at its end.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        x_label: the word under the horizontal axis.
        y_label: the word over the vertical one.
        series: names and points, in the order of x.
    """
    points = [point for _, run in series for point in run]
    if not series or not all(run for _, run in series):
        raise ValueError("series: a chart needs at least one line, and a line at least one point")
    if not all(math.isfinite(value) for point in points for value in point):
        raise ValueError("series: a point is not finite")
    frame = _frame(series, points)
    axes = _axes(frame, x_label, y_label)
    drawn = [_curve(frame, index, run) for index, (_, run) in enumerate(series)]
    size = (WIDTH, frame.bottom + 40)
    return picture(name, title, _words(x_label, y_label, series), size, axes + "".join(drawn) + _names(frame, series))


def _words(x_label: str, y_label: str, series: Series) -> str:
    lines = [
        f"{word}: from {brief(run[0][1])} at {brief(run[0][0])} to {brief(run[-1][1])} at {brief(run[-1][0])}"
        for word, run in series
    ]
    return f"{y_label} over {x_label}; {'; '.join(lines)}."


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the largest; a little more where they are the same."""
    low, high = min(values), max(values)
    room = 0.0 if high - low > 1e-9 * max(abs(low), abs(high)) else max(abs(low), 1.0) / 2
    return low - room, high + room


def _step(low: float, high: float) -> float:
    """The round number that cuts a span into about four."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _within(low: float, high: float) -> list[float]:
    """The round numbers between two."""
    step = _step(low, high)
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _around(low: float, high: float) -> list[float]:
    """The round numbers from the last below the one to the first above the other."""
    step = _step(low, high)
    return [k * step for k in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)]


def _frame(series: Series, points: Sequence[Point]) -> Frame:
    x, y = _span([point[0] for point in points]), _span([point[1] for point in points])
    marks = _around(*y)
    left = max(breadth(brief(mark), 11) for mark in marks) + 8
    names = min(130.0, max(breadth(word) for word, _ in series))
    bottom = TOP + max(DOWN, LINE * len(series))
    return Frame(x, (marks[0], marks[-1]), left, WIDTH - names - SAMPLE - 16, bottom)


def _axes(frame: Frame, x_label: str, y_label: str) -> str:
    corner, end, top = (frame.left, frame.bottom), (frame.right, frame.bottom), (frame.left, TOP)
    parts = [line(corner, end, stroke_opacity=0.6), line(corner, top, stroke_opacity=0.6)]
    for mark in _within(*frame.x):
        x = frame.at((mark, frame.y[0]))[0]
        parts += [line((x, frame.bottom), (x, frame.bottom + 4), stroke_opacity=0.6)]
        parts += [label(x, frame.bottom + 16, brief(mark), text_anchor="middle", font_size=11)]
    for mark in _within(*frame.y):
        y = frame.at((frame.x[0], mark))[1]
        parts += [line((frame.left, y), (frame.right, y), stroke_opacity=0.15)]
        parts += [label(frame.left - 5, y + 4, brief(mark), text_anchor="end", font_size=11)]
    middle = (frame.left + frame.right) / 2
    parts += [label(middle, frame.bottom + 34, x_label, text_anchor="middle"), label(2, 12, y_label)]
    return "".join(parts)


def _look(index: int) -> dict[str, str | float]:
    return {
        "class_": ACCENTS[index % len(ACCENTS)], "stroke_width": 1.75, "stroke_dasharray": DASHES[index % len(DASHES)]
    }  # fmt: skip


def _curve(frame: Frame, index: int, run: Sequence[Point]) -> str:
    places = " L".join(f"{short(x)} {short(y)}" for x, y in map(frame.at, run))
    return tag("path", d=f"M{places}", fill="none", stroke="currentColor", stroke_linejoin="round", **_look(index))


def _names(frame: Frame, series: Series) -> str:
    """The names in a column to the right, each with a sample of its line and a thread to where the line ends."""
    ends = [frame.at(run[-1]) for _, run in series]
    heights = spread([end[1] for end in ends], LINE, TOP, frame.bottom)
    parts, x = [], frame.right + 10
    for index, ((word, _), end, y) in enumerate(zip(series, ends, heights, strict=True)):
        parts += [line(end, (x, y), stroke_opacity=0.35, stroke_width=0.75)]
        parts += [line((x, y), (x + SAMPLE, y), **_look(index))]
        squeezed: dict[str, str | float] = (
            {"textLength": 130, "lengthAdjust": "spacingAndGlyphs"} if breadth(word) > 130 else {}
        )
        parts += [label(x + SAMPLE + 4, y + 4, word, **squeezed)]
    return "".join(parts)
