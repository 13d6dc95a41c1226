"""What layer norm does to a row of three numbers, seen in space."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.space import Segment, Vector, View, beside, circle
from symformer.pictures.svg import Point, brief, decimal, head, label, line, short, tag

ORIGIN: Vector = (0.0, 0.0, 0.0)
CORNER, SIZE, LINE = (26.0, 30.0), (WIDTH - 52, 220.0), 18.0
CLASSES = {"x": "plain", "m": "accent2", "c": "accent", "n": "accent"}
ENTRIES = {"x₁": (1.0, 0.0, 0.0), "x₂": (0.0, 1.0, 0.0), "x₃": (0.0, 0.0, 1.0)}


def projection(name: str, title: str, x: Sequence[float]) -> Picture:
    """A row, its mean part on the axis of equal entries, what is left in the plane across it, and that on the circle.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        x: the three numbers.
    """
    if len(x) != 3 or not all(math.isfinite(value) for value in x):
        raise ValueError("x: three finite numbers")
    parts = _parts(x)
    axis, directions = _axis(parts["m"]), _directions(parts)
    view = View.on([ORIGIN, *axis, *parts.values(), *directions.values(), *circle()], CORNER, SIZE)
    body = _scene(view, parts, axis, directions) + _arrows(view, parts) + _letters(view, parts, axis, directions)
    words = _words(parts)
    top = CORNER[1] + SIZE[1] + 34
    key = [label(4, top + LINE * index, word) for index, word in enumerate(words)]
    return picture(name, title, "; ".join(words) + ".", (WIDTH, top + LINE * len(words) - 8), body + "".join(key))


def _parts(x: Sequence[float]) -> dict[str, Vector]:
    """The row x, its mean part m, the centred c = x − m, and n, which is c over its deviation (0 where that is 0)."""
    a, b, c = (float(value) for value in x)
    mean = (a + b + c) / 3
    centred = (a - mean, b - mean, c - mean)
    deviation = math.hypot(*centred) / math.sqrt(3)
    if deviation <= 1e-12 * max(1.0, abs(mean)):
        return {"x": (a, b, c), "m": (mean, mean, mean), "c": ORIGIN, "n": ORIGIN}
    return {"x": (a, b, c), "m": (mean, mean, mean), "c": centred, "n": _times(centred, 1 / deviation)}


def _times(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def _axis(mean: Vector) -> tuple[Vector, Vector]:
    """The ends of the axis of equal entries that are shown: beyond the mean part, and a little of the other side."""
    length = max(abs(mean[0]), 1.0)
    high, low = max(mean[0], 0.0) + 0.3 * length, min(mean[0], 0.0) - 0.15 * length
    return (low, low, low), (high, high, high)


def _directions(parts: Mapping[str, Vector]) -> dict[str, Vector]:
    """The axes of the three entries, about as long as what is drawn."""
    length = max(math.sqrt(3), 0.6 * math.hypot(*parts["c"]))
    return {word: _times(vector, 1.25 * length) for word, vector in ENTRIES.items()}


def _words(parts: Mapping[str, Vector]) -> list[str]:
    x, m, c, n = (f"({', '.join(_entry(value) for value in parts[letter])})" for letter in "xmcn")
    deviation = math.hypot(*parts["c"]) / math.sqrt(3)
    last = f"n = c / {decimal(deviation)} = {n}, of length √3" if parts["n"] != ORIGIN else "n = 0, since c is 0"
    middle = f"m = {m}, the mean in each entry, on (1, 1, 1)"
    return [f"x = {x}, the row", middle, f"c = x − m = {c}, centred", last]


def _entry(value: float) -> str:
    return brief(value) if value == round(value) else decimal(value)


def _scene(view: View, parts: Mapping[str, Vector], axis: tuple[Vector, Vector], entries: Mapping[str, Vector]) -> str:
    """The plane with its circle, the axes, and the strokes that show x as m and c together."""
    rim = "M" + " L".join(f"{short(x)} {short(y)}" for x, y in map(view.at, circle()[:-1])) + " Z"
    faint = [line(view.at(ORIGIN), view.at(end), stroke_opacity=0.3) for end in entries.values()]
    drops = [
        line(view.at(parts[letter]), view.at(parts["x"]), stroke_opacity=0.6, stroke_dasharray="2 3") for letter in "mc"
    ]
    plane = tag("path", d=rim, class_="accent", fill="currentColor", fill_opacity=0.08, stroke="currentColor")
    long = line(view.at(axis[0]), view.at(axis[1]), stroke_opacity=0.6, stroke_dasharray="6 3")
    return "".join([plane, *faint, long, *drops])


def _arrows(view: View, parts: Mapping[str, Vector]) -> str:
    """The four vectors; the normalised one is the thickest."""
    origin, drawn = view.at(ORIGIN), []
    for letter, vector in parts.items():
        tip = view.at(vector)
        if math.dist(origin, tip) < 1:
            continue
        stroke = line(origin, tip, stroke_width=3 if letter == "n" else 1.5)
        angle = math.atan2(tip[1] - origin[1], tip[0] - origin[0])
        drawn.append(tag("g", stroke + head(tip, angle, 10 if letter == "n" else 8), class_=CLASSES[letter]))
    return "".join(drawn)


def _letters(
    view: View, parts: Mapping[str, Vector], axis: tuple[Vector, Vector], entries: Mapping[str, Vector]
) -> str:
    """A letter at each tip, where there is room, and the name of the axis over its upper end."""
    origin, (x, y) = view.at(ORIGIN), view.at(axis[1])
    tips = {word: view.at(vector) for word, vector in [*parts.items(), *entries.items()] if vector != ORIGIN}
    strokes: list[Segment] = [(origin, tip) for tip in tips.values()] + [(view.at(axis[0]), view.at(axis[1]))]
    strokes += [(view.at(parts[letter]), view.at(parts["x"])) for letter in "mc"]
    taken: list[Point] = [(x + shift, y - 10) for shift in (-24, -12, 0, 12, 24)]
    drawn = [label(x, y - 6, "(1, 1, 1)", text_anchor="middle")]
    for word, tip in tips.items():
        place = beside(tip, strokes, taken)
        taken.append(place)
        drawn.append(label(place[0], place[1] + 4, word, text_anchor="middle", font_size=11 if word in entries else 13))
    return "".join(drawn)
