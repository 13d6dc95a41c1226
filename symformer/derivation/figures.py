"""What an author says of a picture; the worked example gives it its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symformer.derivation.core import Core, Worked
from symformer.notation import Tensor
from symformer.pictures import Picture, curves, heat_map, mask, projection

LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class HeatMap:
    """A matrix of the worked example, with its numbers in the cells; `rows` and `columns` name what the axes are."""

    tensor: Tensor
    title: str
    rows: str = "query"
    columns: str = "key"

    def draw(self, worked: Worked) -> Picture:
        """The picture at the example's numbers."""
        return self._with(heat_map, worked, entries=self.tensor.name)

    def _with(self, emitter: Callable[..., Picture], worked: Worked, **marks: str) -> Picture:
        numbers = worked.example.nested(self.tensor)
        rows = [f"{self.rows} {place + 1}" for place in range(len(numbers))]
        columns = [f"{self.columns} {place + 1}" for place in range(len(numbers[0]))]
        return emitter(f"picture-{self.tensor.name}", self.title, numbers, rows, columns, **marks)


@dataclass(frozen=True)
class MaskPicture(HeatMap):
    """A matrix of zeros and ones: who sees whom."""

    def draw(self, worked: Worked) -> Picture:
        """The picture at the example's numbers."""
        return self._with(mask, worked)


@dataclass(frozen=True)
class Curves:
    """The entries of a vector, or one number, as one number of the example varies."""

    tensor: Tensor
    title: str
    varied: str
    values: Sequence[Any]
    x_label: str
    y_label: str

    def draw(self, worked: Worked) -> Picture:
        """One curve an entry."""
        rows = [(float(Fraction(value)), self._entries(worked.derivation, value)) for value in self.values]
        names = [f"{self.tensor.name}{str(place + 1).translate(LOWERED)}" for place in range(len(rows[0][1]))]
        names = names if self.tensor.shape else [self.tensor.name]
        series = [(name, [(at, entries[place]) for at, entries in rows]) for place, name in enumerate(names)]
        return curves(f"picture-{self.tensor.name}", self.title, self.x_label, self.y_label, series)

    def _entries(self, derivation: Core, value: Any) -> list[float]:
        given = {**(derivation.example or {}), self.varied: value}
        found = Worked(derivation, derivation.bound(given, "picture"), derivation.decimals)
        nested = found.example.nested(self.tensor)
        entries: list[float] = nested if self.tensor.shape else [nested]
        return entries


@dataclass(frozen=True)
class Projection:
    """What layer norm does to a row of three numbers."""

    tensor: Tensor
    title: str

    def draw(self, worked: Worked) -> Picture:
        """The picture at the example's numbers."""
        return projection(f"picture-{self.tensor.name}", self.title, worked.example.nested(self.tensor))


Figure = HeatMap | Curves | Projection
