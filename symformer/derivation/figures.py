"""What an author says of a picture; the worked example gives it its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

from symformer.derivation.core import Core, Worked
from symformer.notation import Tensor, lift
from symformer.pictures import Picture, bars, curves, heat_map, mask, projection
from symformer.typeset import text
from symformer.typeset.names import name_box

POINTS = 33  # of a curve, where their places are not told
FINE = 97  # of a formula's
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class HeatMap:
    """A matrix of the worked example, with its numbers in the cells; `rows` and `columns` name what the axes are."""

    tensor: Tensor
    title: str
    rows: str = "query"
    columns: str = "key"

    @property
    def shown(self) -> Tensor:
        """Whose role gives the picture its colour."""
        return self.tensor

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
        return self.values if isinstance(self.values, list) else [str(value) for value in _spread(self.values)]

    def _entries(self, derivation: Core, value: Any) -> dict[str, float]:
        """Each number by its name: `s₁` for an entry."""
        found = Worked(derivation, derivation.bound(self._given(derivation, value), "picture"), derivation.decimals)
        entries: dict[str, float] = {}
        for tensor in self._tensors:
            nested = found.example.nested(tensor)
            for place, number in enumerate(nested if tensor.shape else [nested], start=1):
                entries[f"{text(name_box(tensor.name))}{str(place).translate(LOWERED) if tensor.shape else ''}"] = (
                    number
                )
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


@dataclass(frozen=True)
class FormulaCurves:
    """Formulas of sizes and numbers as one of them varies; no worked example is needed.

    Attributes:
        formulas: what is drawn, by its label.
        title: what is shown.
        varied: the name of the size or number that varies.
        values: what it is: a list in order, or a first and a last number with others evenly between.
        at: the other sizes and numbers, by name.
        x_label: the word under the horizontal axis.
        y_label: the word over the vertical one.
    """

    formulas: Mapping[str, Any]
    title: str
    varied: str
    values: list[Any] | tuple[Any, Any]
    x_label: str
    y_label: str
    at: Mapping[str, Any] = field(default_factory=dict)

    def draw(self, worked: Worked | None = None) -> Picture:
        """One curve a formula."""
        places = _spread(self.values, FINE)
        series = [(label, [(float(one), self._value(formula, one)) for one in places])
                  for label, formula in self.formulas.items()]  # fmt: skip
        return curves(f"picture-{self.varied}", self.title, self.x_label, self.y_label, series)

    def _value(self, formula: Any, place: Fraction) -> float:
        given = {**self.at, self.varied: place}
        expression = sympy.sympify(lift(formula).plain())
        numbers = {symbol: sympy.Rational(str(given[symbol.name])) for symbol in expression.free_symbols}
        return float(expression.subs(numbers))


def _spread(values: list[Any] | tuple[Any, Any], points: int = POINTS) -> list[Fraction]:
    """A list as it is, or numbers evenly from the first to the last."""
    if isinstance(values, list):
        return [Fraction(value) for value in values]
    first, last = map(Fraction, values)
    return [first + (last - first) * step / (points - 1) for step in range(points)]


Figure = FormulaCurves | HeatMap | Bars | Curves | Projection
