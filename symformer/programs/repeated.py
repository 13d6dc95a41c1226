"""What comes out of a loop, as the origin of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Symbol

from symformer.notation import Add, NotationError, Origin, Tensor, delta, lift
from symformer.programs.loop import Loop, itself, letters_of
from symformer.programs.origin import Definition, hashed
from symformer.programs.rebuild import Rebuild, Rebuilding
from symformer.programs.recurrence import Recurrence
from symformer.typeset import Box, Named
from symformer.typeset.boxes import indexed, row


@dataclass(frozen=True, eq=False)
class Repeat(Origin):
    """What comes out of a loop: what is carried after the last layer, or a tensor of every layer, stacked.

    Attributes:
        loop: the layer, repeated.
        result: a tensor of the layer; for `last` the `after` of what is carried.
        last: whether it is the value after the last layer; otherwise the first axis is the layer.
    """

    loop: Loop
    result: Tensor
    last: bool

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """A content hash."""
        return hashed("repeat", self.loop.digest, self.result.digest, self.last)

    @property
    def size(self) -> Expr:  # type: ignore[override]
        """How many layers."""
        return self.loop.size

    @property
    def parents(self) -> tuple[Tensor, ...]:
        """The tensors outside that its loop reads."""
        return self.loop.parents

    @property
    def inner(self) -> tuple[Tensor, ...]:
        """The tensors outside that its loop reads."""
        return self.loop.parents

    @cached_property
    def indices(self) -> tuple[Symbol, ...]:
        """The letters of its axes: those of the layer's tensor, the layer first where all are stacked."""
        own = letters_of(self.result, self.loop.statements)
        return own if self.last else (self.loop.index, *own)

    @property
    def definition(self) -> Definition:
        """There is none while the number of layers is a letter.

        Raises:
            NotationError: always.
        """
        raise NotationError(f"{self.loop.title} is repeated {self.loop.size} times: unroll it at a number of layers")

    def rebuilt(self, outside: Rebuilding, inside: Callable[[Tensor], Tensor] | None = None) -> Repeat:
        """The same result of the loop over other tensors outside; `inside` rebuilds its layer."""
        own = inside or (Rebuild({}, outside.sizes) if outside.sizes else itself)
        return replace(self, loop=self.loop.rebuilt(outside, own), result=own(self.result))

    def elsewhere(self, place: tuple[int, ...], number: Callable[[Expr], int]) -> tuple[Tensor, tuple[int, ...]]:
        """The tensor of a layer and the place in it where an entry is found, at these sizes."""
        count = number(self.loop.size)
        if self.last:
            return self.at(1 if self.loop.downwards else count, count), place
        return self.at(place[0], count), place[1:]

    def written_out(self, value: Tensor) -> Tensor:
        """The same value of this repeat without a repeat: the last layer, or a case for each layer.

        Raises:
            NotationError: the number of layers is a letter.
        """
        if not self.loop.size.is_Integer:
            raise NotationError(f"{value.name}: the number of layers {self.loop.size} is a letter: give it a number")
        count = int(self.loop.size)
        if self.last:
            return replace(self.at(1 if self.loop.downwards else count, count), name=value.name)
        own = self.indices[1:]
        cases = [delta(self.loop.index, layer) * self.at(layer, count)[own] for layer in range(1, count + 1)]
        body = cases[0] if count == 1 else Add(tuple(cases))
        return replace(value, origin=Definition(self.indices, body))

    def at(self, layer: int, count: int) -> Tensor:
        """Its tensor of one layer of so many, with the layers before it unrolled."""
        return self.loop.layers(count)[layer](self.result)

    def opened(self, layer: int) -> Tensor:
        """Its tensor of one layer, with that layer's slices; what is carried stays as it is called inside."""
        shared = {one.formal.digest: one.actual for one in self.loop.shared}
        return Rebuild({**shared, **self.loop.slices(layer)})(self.result)

    def box(self) -> Box:
        """As it is printed, folded."""
        if self.loop.recurrent:
            result = self._last_box() if self.last else Recurrence(self.loop).box(self.result)
            return row(self.loop.box(), Named(" with ", upright=True), result)
        if self.last:
            return self.loop.box()
        return row(self.loop.box(), Named(" with ", upright=True), self.result.box)

    def _last_box(self) -> Box:
        """A state after the last step: `S_n`."""
        state = next(pair.formal for pair in self.loop.carried if pair.after == self.result)
        place = lift(1) if self.loop.downwards else lift(self.loop.size)
        return indexed(state.box, place.layout().box)
