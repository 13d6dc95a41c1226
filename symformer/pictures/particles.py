"""Tokens on the circle or the sphere over time: one small picture a moment."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import Point, label, short, tag

COLUMNS = 3
GAP = 8.0
CAPTION = 18.0
DOT = 3.2
TURN, TILT = math.radians(-30), math.radians(20)  # how the sphere is turned, and from how far above it is seen
Moment = tuple[str, Sequence[Sequence[float]]]


def particles(name: str, title: str, moments: Sequence[Moment], words: str = "") -> Picture:
    """Points on the circle or the sphere, a panel for each moment, read in rows.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        moments: captions and points, all of two or all of three coordinates; lengths do not count.
        words: what the moments show, for those who do not see them; by default their captions.
    """
    kinds = {len(point) for _, points in moments for point in points}
    if not moments or not kinds <= {2, 3} or len(kinds) != 1:
        raise ValueError("moments: expected at least one, with points of two coordinates, or all of three")
    if any(not math.isfinite(value) for _, points in moments for point in points for value in point):
        raise ValueError("moments: a point is not finite")
    side = (WIDTH - GAP * (COLUMNS - 1)) / COLUMNS
    rows = math.ceil(len(moments) / COLUMNS)
    drawn = [_panel(moment, _corner(place, side), side) for place, moment in enumerate(moments)]
    said = words or "; ".join(caption for caption, _ in moments)
    return picture(name, title, f"{said}.", (WIDTH, rows * (side + CAPTION + GAP)), "".join(drawn))


def _corner(place: int, side: float) -> Point:
    row, column = divmod(place, COLUMNS)
    return column * (side + GAP), row * (side + CAPTION + GAP)


def _panel(moment: Moment, corner: Point, side: float) -> str:
    caption, points = moment
    middle, radius = (corner[0] + side / 2, corner[1] + side / 2), side / 2 - DOT - 1
    rim = tag("circle", cx=middle[0], cy=middle[1], r=radius, fill="none", stroke="currentColor", stroke_opacity=0.4)
    flat = len(points[0]) == 2
    lines = "" if flat else _meridians(middle, radius)
    seen = sorted((_seen(point) for point in points), key=lambda at: at[2])
    dots = [_dot(at, middle, radius, flat) for at in seen]
    return rim + lines + "".join(dots) + label(middle[0], corner[1] + side + 13, caption, text_anchor="middle")


def _seen(point: Sequence[float]) -> tuple[float, float, float]:
    """Right, up and towards the eye, of a direction."""
    length = math.hypot(*point) or 1.0
    if len(point) == 2:
        return point[0] / length, point[1] / length, 1.0
    x, y, z = (value / length for value in point)
    across, away = x * math.cos(TURN) - y * math.sin(TURN), x * math.sin(TURN) + y * math.cos(TURN)
    return across, z * math.cos(TILT) + away * math.sin(TILT), z * math.sin(TILT) - away * math.cos(TILT)


def _dot(at: tuple[float, float, float], middle: Point, radius: float, flat: bool) -> str:
    """A token; on the far side of the sphere it is smaller and fainter."""
    near = flat or at[2] >= 0
    return tag(
        "circle", cx=middle[0] + radius * at[0], cy=middle[1] - radius * at[1], r=DOT if near else DOT * 0.7,
        class_="accent", fill="currentColor", fill_opacity=0.75 if near else 0.3,
    )  # fmt: skip


def _meridians(middle: Point, radius: float) -> str:
    """The equator and two meridians, so that the disc is seen as a ball: what is behind is dashed."""
    turns = [2 * math.pi * k / 48 for k in range(49)]
    rings = [
        [(math.cos(turn), math.sin(turn), 0.0) for turn in turns],
        [(math.cos(turn), 0.0, math.sin(turn)) for turn in turns],
        [(0.0, math.cos(turn), math.sin(turn)) for turn in turns],
    ]
    return "".join(_ring([_seen(point) for point in ring], middle, radius) for ring in rings)


def _ring(seen: Sequence[tuple[float, float, float]], middle: Point, radius: float) -> str:
    places = [(middle[0] + radius * x, middle[1] - radius * y) for x, y, _ in seen]
    front, back = "", ""
    for start, end, depth in zip(places, places[1:], (at[2] for at in seen), strict=False):
        stroke = f"M{short(start[0])} {short(start[1])}L{short(end[0])} {short(end[1])}"
        front, back = (front + stroke, back) if depth >= 0 else (front, back + stroke)
    look: dict[str, str | float] = {"fill": "none", "stroke": "currentColor"}
    solid = tag("path", d=front, stroke_opacity=0.35, **look) if front else ""
    return solid + (tag("path", d=back, stroke_opacity=0.15, **look) if back else "")
