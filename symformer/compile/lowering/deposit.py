"""The transpose of a gather at computed positions: values that are added where they belong, never one-hot rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Symbol

from symformer.compile.arrays import Array, Deposit
from symformer.compile.lowering.context import Lowering
from symformer.compile.lowering.entries import chosen
from symformer.notation import Const, Delta, Indicator, Var, Written, lift

Factors = list[tuple[Written, bool]]


def deposited(
    self: Lowering, factors: Factors, bound: Sequence[Symbol], summed: Callable[[Factors, list[Symbol]], Array]
) -> Array | None:
    """Σ over the bound letters of factors, one of which is δ of a free letter and a position that they run over.

    Args:
        self: the lowering.
        factors: each with whether it divides.
        bound: the letters that are summed over.
        summed: lowers the product of other factors, summed over some letters.

    Returns:
        None where no factor is such a delta, or where another one depends on its letter too.
    """
    for place, (factor, inverse) in enumerate(factors):
        goal = None if inverse else _goal(self, factor, bound)
        rest = [*factors[:place], *factors[place + 1 :]]
        if goal is None or not rest or any(goal[0] in other.free for other, _ in rest):
            continue
        positions = chosen(self, goal[1])
        within = {letter for letter in bound if letter in positions.axes}
        with self.guarded_in_place_of(factor, *_on_axis(self, factor, *goal)):
            values = self.real(summed(rest, [letter for letter in bound if letter not in within]))
        kept = {goal[0], *values.axes, *positions.axes} - within
        axes = tuple(letter for letter in self.order if letter in kept)
        return Deposit(axes, values, positions, goal[0], self.scope.sizes[goal[0]])
    return None


def _on_axis(self: Lowering, factor: Written, goal: Symbol, position: Written) -> list[Written]:
    """What a delta says of a position alone: that there is a place on the free letter's axis that it equals."""
    extent = self.scope.extents.get(goal)
    if extent is None:
        return [factor]
    return [Indicator((lift(1), position), ("≤",)), Indicator((position, lift(extent)), ("≤",))]


def _goal(self: Lowering, factor: Written, bound: Sequence[Symbol]) -> tuple[Symbol, Written] | None:
    """The free letter that a delta sets to a position, and that position."""
    if isinstance(factor, Delta):
        for one, other in (factor.kids, factor.kids[::-1]):
            free = isinstance(one, Var) and one.symbol in self.order and one.symbol not in bound
            if free and isinstance(one, Var) and not isinstance(other, (Var, Const)):
                return one.symbol, other
    return None
