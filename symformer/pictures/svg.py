"""Elements of SVG as text: attributes in the order given, coordinates to two decimals, nothing unescaped.

Colour is that of the text (`currentColor`); an element of class `accent` or `accent2` takes the page's `color` for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

LETTER = 0.62  # width of an average letter of a broad sans serif, in units of its size
ACCENTS = ("accent", "accent2", "plain")
Point = tuple[float, float]


def tag(element: str, body: str = "", /, **attributes: str | float) -> str:
    """An element around a body of markup; `stroke_width=2` is written `stroke-width="2"`, `class_` is `class`."""
    pairs = [f'{key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items()]
    return f"<{' '.join([element, *pairs])}>{body}</{element}>"


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else short(value)


def short(value: float) -> str:
    """A coordinate: at most two decimals, no negative zero."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def decimal(value: float, digits: int = 2) -> str:
    """A number as it is read: fixed decimals, a true minus sign, no negative zero, an infinity as such."""
    if not math.isfinite(value):
        return "undefined" if math.isnan(value) else "∞" if value > 0 else "−∞"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def brief(value: float, figures: int = 4) -> str:
    """A number in a few significant figures."""
    rounded = float(f"{value:.{figures}g}")
    return f"{rounded + 0.0:.{max(figures, 7)}g}".replace("-", "−")


def breadth(words: str, size: float = 12) -> float:
    """About how wide words are in this font size, rather too much than too little."""
    return len(words) * size * LETTER


def label(x: float, y: float, words: str, **attributes: str | float) -> str:
    """Words at a point."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def line(start: Point, end: Point, **attributes: str | float) -> str:
    """A straight stroke."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke="currentColor", **attributes)


def head(tip: Point, angle: float, size: float = 8) -> str:
    """An arrowhead that points along an angle; its own shape, since a marker would not take the line's colour."""
    wings = [angle + math.pi - 0.4, angle + math.pi + 0.4]
    corners = [tip, *((tip[0] + size * math.cos(wing), tip[1] + size * math.sin(wing)) for wing in wings)]
    return tag("path", d="M" + " L".join(f"{short(x)} {short(y)}" for x, y in corners) + " Z", fill="currentColor")


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights as near as may be to those wanted, at least a gap apart; between low and high where there is room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    heights = list(wanted)
    floor = low
    for index in order:
        heights[index] = floor = max(heights[index], floor)
        floor += gap
    ceiling = max(high, low + gap * (len(order) - 1))
    for index in reversed(order):
        heights[index] = ceiling = min(heights[index], ceiling)
        ceiling -= gap
    return heights
