"""What a source prints for a value, set beside ours; whether the two agree is computed, never said by an author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flint import arb

from symformer.evaluate import HIDDEN, Place
from symformer.notation import Tensor
from symformer.programs import Loop
from symformer.typeset import Box, Grid, Number
from symformer.values import Example
from symformer.writers import Inline


@dataclass(frozen=True)
class Printed:
    """A value as a source prints it.

    Attributes:
        tensor: what it is a value of; a definition of a layer, where `layer` says of which.
        value: a number or nested lists, as printed; text keeps digits that a float loses.
        where: the place in the source, such as `cell 22`.
        at: the leading indices of the part that is printed: a head, a row, an entry.
        decimals: digits after the point to which it is printed.
        significant: significant digits to which it is printed, in their place.
        also: what else a reader should know of it.
        layer: the number of the layer, where the tensor belongs to one.
    """

    tensor: Tensor
    value: Any
    where: str
    at: Place = ()
    decimals: int = 8
    significant: int | None = None
    also: str = ""
    layer: int | None = None

    def shown_by(self, example: Example, layered: Mapping[str, Loop]) -> Tensor:
        """The tensor whose numbers stand on the page."""
        if self.layer is None:
            return self.tensor
        loop = layered[self.tensor.digest]
        return loop.layers(example.interpreter.size(loop.size))[self.layer](self.tensor)

    def shown_at(self, place: Place) -> bool:
        """Whether it belongs to the matrix with these leading indices."""
        return self.at[: len(place)] == place

    def difference(self, example: Example, tensor: Tensor) -> arb:
        """The largest difference from our value."""
        return max((abs(ours - theirs) for ours, theirs, _ in self._pairs(example, tensor)), key=float)

    def agrees(self, example: Example, tensor: Tensor) -> bool:
        """Whether every one of our values rounds to what is printed."""
        return all(abs(ours - theirs) <= unit for ours, theirs, unit in self._pairs(example, tensor))

    def remark(self, example: Example, tensor: Tensor) -> Inline:
        """What the source prints, and how far ours agrees."""
        if self.agrees(example, tensor):
            words = ": the same to every digit that is printed"
        else:
            words = f": ours differs by up to {float(self.difference(example, tensor)):.2g}"
        return (f"Printed in {self.where}: ", self.box(), words, f". {self.also}" if self.also else ".")

    def box(self) -> Box:
        """The value as it is printed; a row of numbers as one row."""
        if not isinstance(self.value, (list, tuple)):
            return Number(_digits(self.value))
        rows = self.value if isinstance(self.value[0], (list, tuple)) else [self.value]
        return Grid(tuple(tuple(Number(_digits(number)) for number in numbers) for numbers in rows))

    def _pairs(self, example: Example, tensor: Tensor) -> Iterator[tuple[arb, arb, arb]]:
        """Ours, theirs, and half a unit in the last place of theirs (and a little, since halves round either way)."""
        for place, text in _entries(self.value):
            ours = example.interpreter.entry(tensor, (*self.at, *place))
            assert ours is not HIDDEN
            power = -self.decimals
            if self.significant is not None:
                power = Decimal(text).adjusted() - self.significant + 1
            yield ours.ball, arb(text), arb("0.500001") * arb(10) ** power


def _entries(value: Any) -> Iterator[tuple[Place, str]]:
    if not isinstance(value, (list, tuple)):
        yield (), _digits(value)
        return
    for number, item in enumerate(value, start=1):
        yield from (((number, *place), text) for place, text in _entries(item))


def _digits(number: Any) -> str:
    """The digits as they are printed; 1e-05 loses the zero of its exponent."""
    text = number if isinstance(number, str) else repr(number)
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa.removesuffix(".0")
