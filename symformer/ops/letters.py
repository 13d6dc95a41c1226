"""The index letters that ops use: fixed, so that one letter means one thing in the whole book."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Dummy, Symbol

from symformer.notation import ShapeError, Tensor, indices

FREE = indices("g b h i j")
BOUND: Symbol = indices("k")
# The size of an axis that is made of all leading axes of a function's array: equal to no size that anybody else makes.
ROWS: Symbol = Dummy("r", dummy_index=0, integer=True, positive=True)


class Axes(NamedTuple):
    """The letters of a tensor's axes and one of them singled out."""

    free: tuple[Symbol, ...]
    axis: int

    @property
    def bound(self) -> tuple[Symbol, ...]:
        """The letters with the singled-out axis under the bound letter k."""
        return (*self.free[: self.axis], BOUND, *self.free[self.axis + 1 :])

    @property
    def last(self) -> bool:
        """Whether it is the last axis, as without another word."""
        return self.axis == len(self.free) - 1

    @property
    def rows(self) -> tuple[Symbol, ...]:
        """The letters without the singled-out axis."""
        return (*self.free[: self.axis], *self.free[self.axis + 1 :])


def letters(tensor: Tensor, axis: int = -1) -> Axes:
    """Letters for each axis of a tensor: i for one axis, i and j for two, h, i and j for three, and so on.

    Raises:
        ShapeError: no axis at all, more than five, or no such axis.
    """
    rank = len(tensor.shape)
    if not 1 <= rank <= len(FREE):
        raise ShapeError(f"{tensor.name}: expected 1 to {len(FREE)} axes, got {rank}")
    if not -rank <= axis < rank:
        raise ShapeError(f"{tensor.name}: axis {axis} is outside its {rank} axes")
    free = (FREE[3],) if rank == 1 else FREE[len(FREE) - rank :]
    return Axes(tuple(free), axis % rank)
