"""Space seen on paper: the axis of equal entries upright, the plane across it from a little above."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symformer.pictures.svg import Point

Vector = tuple[float, float, float]
Segment = tuple[Point, Point]
TURN, TILT = math.radians(20), math.radians(28)  # how the plane is turned, and from how far above it is seen
RADIUS = math.sqrt(3)  # of the circle of the rows whose mean is 0 and whose variance is 1


def circle(radius: float = RADIUS, corners: int = 72) -> list[Vector]:
    """The circle of this radius around the origin in the plane of mean 0."""
    turns = [2 * math.pi * k / corners for k in range(corners + 1)]
    flat = [(radius * math.cos(turn) / math.sqrt(2), radius * math.sin(turn) / math.sqrt(6)) for turn in turns]
    return [(-a - b, a - b, 2 * b) for a, b in flat]


def flat(vector: Vector) -> Point:
    """Where a vector is seen: to the right, and up."""
    a, b, c = vector
    right, away = (b - a) / math.sqrt(2), (2 * c - a - b) / math.sqrt(6)
    across = right * math.cos(TURN) - away * math.sin(TURN)
    depth = right * math.sin(TURN) + away * math.cos(TURN)
    return across, (a + b + c) / RADIUS * math.cos(TILT) + depth * math.sin(TILT)


@dataclass(frozen=True)
class View:
    """A window of the paper on a part of space."""

    zoom: float
    left: float
    top: float

    @classmethod
    def on(cls, vectors: Iterable[Vector], corner: Point, size: Point) -> View:
        """The view that shows all of these in a rectangle of the paper, in its middle."""
        across, up = zip(*map(flat, vectors), strict=True)
        width, height = max(across) - min(across), max(up) - min(up)
        zoom = min(size[0] / width, size[1] / height)
        left = corner[0] + (size[0] - zoom * width) / 2 - zoom * min(across)
        return cls(zoom, left, corner[1] + (size[1] - zoom * height) / 2 + zoom * max(up))

    def at(self, vector: Vector) -> Point:
        """A vector's tip on the paper."""
        across, up = flat(vector)
        return self.left + self.zoom * across, self.top - self.zoom * up


def distance(point: Point, segment: Segment) -> float:
    """How far a point is from a stroke."""
    (ax, ay), (bx, by) = segment
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - ax - along * (bx - ax), point[1] - ay - along * (by - ay))


def beside(tip: Point, strokes: Sequence[Segment], taken: Sequence[Point]) -> Point:
    """The place near a tip for a letter: farthest from strokes, and farther still from letters that are there."""
    around = [
        (tip[0] + reach * math.cos(k * math.pi / 8), tip[1] + reach * math.sin(k * math.pi / 8))
        for reach in (11, 15, 20)
        for k in range(16)
    ]

    def room(place: Point) -> float:
        clear = [distance(place, stroke) for stroke in strokes] + [math.dist(place, other) / 2 for other in taken]
        return min(round(min(clear), 2), 10.0)

    return max(around, key=room)
