"""Vectors side by side: a bar for each entry, with its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import ACCENTS, breadth, decimal, label, line, tag

HEIGHT, GAP, TOP, DIGITS = 18.0, 8.0, 4.0, 2
Vectors = Sequence[tuple[str, Sequence[float]]]


@dataclass(frozen=True)
class Scale:
    """Where numbers stand on the paper: `low` at `left`, and how wide 1 is."""

    low: float
    left: float
    right: float
    unit: float

    def at(self, value: float) -> float:
        """The place of a number."""
        return self.left + (value - self.low) * self.unit


def bars(name: str, title: str, vectors: Vectors, labels: Sequence[str], entries: Sequence[str] = ()) -> Picture:
    """Bars from 0, to the left where a number is negative; the first entries of all vectors, then the second ones.

    A live page draws the bars anew (`drawn.js`), by the same rule.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        vectors: names and numbers.
        labels: what an entry is, for each entry.
        entries: whose entries they are, where a page follows edits: the first bar of s is marked `s-1`.
    """
    if not vectors or any(len(numbers) != len(labels) for _, numbers in vectors):
        raise ValueError(f"vectors: expected a number for each of {len(labels)} labels")
    words = [[f"{one} {vector}" if len(vectors) > 1 else one for vector, _ in vectors] for one in labels]
    scale, parts, y = _scale(vectors, [word for row in words for word in row]), [], TOP
    for entry, row in enumerate(words):
        for place, word in enumerate(row):
            bar = _bar(scale, y, vectors[place][1][entry], ACCENTS[place % len(ACCENTS)])
            marks = {"data_entry": f"{entries[place]}-{entry + 1}"} if entries else {}
            parts += [label(2, y + HEIGHT / 2 + 4, word), tag("g", bar, **marks)]
            y += HEIGHT
        y += GAP
    zero = scale.at(0)
    axis = line((zero, TOP), (zero, y - GAP), class_="zero", stroke_opacity=0.6)
    body = tag("g", "".join(parts) + axis, data_bars=f"{scale.left:.2f} {scale.right:.2f}")
    return picture(name, title, _told(vectors, labels), (WIDTH, y), body)


def _scale(vectors: Vectors, words: Sequence[str]) -> Scale:
    """From the least to the largest number, with 0 between, in the room beside words and numbers."""
    values = [value for _, numbers in vectors for value in numbers]
    left = max(map(breadth, words)) + 6
    right = WIDTH - max(breadth(decimal(value, DIGITS)) for value in values) - 10
    low, high = min(0.0, *values), max(0.0, *values)
    return Scale(low, left, right, (right - left) / (high - low if high > low else 1.0))


def _bar(scale: Scale, y: float, value: float, accent: str) -> str:
    shade = tag(
        "rect", x=scale.at(min(value, 0.0)), y=y + 2, width=abs(value) * scale.unit, height=HEIGHT - 4, rx=1,
        class_=accent, fill="currentColor", fill_opacity=0.4, stroke="currentColor", stroke_opacity=0.5,
    )  # fmt: skip
    return shade + label(WIDTH - 2, y + HEIGHT / 2 + 4, decimal(value, DIGITS), text_anchor="end")


def _told(vectors: Vectors, labels: Sequence[str]) -> str:
    told = []
    for name, numbers in vectors:
        places = [f"{decimal(value, DIGITS)} at {one}" for value, one in zip(numbers, labels, strict=True)]
        told.append(f"{name}: {', '.join(places)}")
    return "; ".join(told) + "."
