"""What an author says of a picture; the worked example gives it its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symformer.derivation.core import Core, Worked
from symformer.notation import Tensor
from symformer.pictures import Picture, bars, curves, heat_map, mask, projection
from symformer.typeset import text
from symformer.typeset.names import name_box

POINTS = 33  # of a curve, where their places are not told
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
class Bars:
    """Vectors of the worked example side by side, such as probabilities and targets; `entry` says what an entry is."""

    tensors: tuple[Tensor, ...]
    title: str
    entry: str = "entry"

    def draw(self, worked: Worked) -> Picture:
        """The picture at the example's numbers."""
        vectors = [(text(name_box(tensor.name)), worked.example.nested(tensor)) for tensor in self.tensors]
        labels = [f"{self.entry} {place + 1}" for place in range(len(vectors[0][1]))]
        name = f"picture-{'-'.join(tensor.name for tensor in self.tensors)}"
        return bars(name, self.title, vectors, labels, [tensor.name for tensor in self.tensors])


@dataclass(frozen=True)
class Curves:
    """The entries of vectors, or numbers, as one number of the example varies.

    Attributes:
        tensor: what is drawn: numbers, or vectors with a curve for each entry.
        title: what is shown.
        varied: the name of a number, or the name of a vector and the place in it.
        values: what the varied number is: a list in order, or a first and a last number with others evenly between.
        x_label: the word under the horizontal axis.
        y_label: the word over the vertical one.
    """

    tensor: Tensor | tuple[Tensor, ...]
    title: str
    varied: str | tuple[str, int]
    values: list[Any] | tuple[Any, Any]
    x_label: str
    y_label: str

    def draw(self, worked: Worked) -> Picture:
        """One curve an entry."""
        rows = [(float(Fraction(value)), self._entries(worked.derivation, value)) for value in self._values()]
        series = [(name, [(at, entries[name]) for at, entries in rows]) for name in rows[0][1]]
        names = "-".join(tensor.name for tensor in self._tensors)
        return curves(f"picture-{names}", self.title, self.x_label, self.y_label, series)

    @property
    def _tensors(self) -> tuple[Tensor, ...]:
        return self.tensor if isinstance(self.tensor, tuple) else (self.tensor,)

    def _values(self) -> list[Any]:
        if isinstance(self.values, list):
            return self.values
        first, last = map(Fraction, self.values)
        return [str(first + (last - first) * step / (POINTS - 1)) for step in range(POINTS)]

    def _entries(self, derivation: Core, value: Any) -> dict[str, float]:
        """Each number by its name: `s₁` for an entry."""
        found = Worked(derivation, derivation.bound(self._given(derivation, value), "picture"), derivation.decimals)
        entries: dict[str, float] = {}
        for tensor in self._tensors:
            nested = found.example.nested(tensor)
            for place, number in enumerate(nested if tensor.shape else [nested], start=1):
                entries[f"{tensor.name}{str(place).translate(LOWERED) if tensor.shape else ''}"] = number
        return entries

    def _given(self, derivation: Core, value: Any) -> dict[str, Any]:
        given = dict(derivation.example or {})
        if isinstance(self.varied, str):
            return {**given, self.varied: value}
        name, place = self.varied
        return {**given, name: [value if one == place else old for one, old in enumerate(given[name], start=1)]}


@dataclass(frozen=True)
class Projection:
    """What layer norm does to a row of three numbers."""

    tensor: Tensor
    title: str

    def draw(self, worked: Worked) -> Picture:
        """The picture at the example's numbers."""
        return projection(f"picture-{self.tensor.name}", self.title, worked.example.nested(self.tensor))


Figure = HeatMap | Bars | Curves | Projection
