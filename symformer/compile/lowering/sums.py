"""Sums and maxima: a sum of a product is a contraction, and factors that the sum does not touch leave it."""

from __future__ import annotations

from functools import partial

from sympy import Symbol

from symformer.compile.arrays import Array, Axes, Contract, Number, Reduce, Scatter
from symformer.compile.lowering.arithmetic import factors, product_of
from symformer.compile.lowering.context import Lowering, is_bits
from symformer.compile.lowering.deposit import deposited
from symformer.compile.lowering.entries import position as at_position
from symformer.compile.lowering.limits import nested, split
from symformer.notation import Delta, Element, Max, Prod, Sum, Var, Written, lift


def total(self: Lowering, node: Sum) -> Array:
    """Sums directly under sums as one contraction."""
    bound, body = _opened(self, node)
    inside, outside = _split(body, set(bound))
    flat = self.scope.weights >= self.scope.variables.keys()  # no batch axes anywhere
    placed = _placing(self, inside, bound) if flat else None
    if placed is not None:
        return _scattered(self, placed, [*inside, *outside], bound[0])
    summed = partial(_summed, self)
    with self.guarded(*(factor for factor, inverse in (*inside, *outside) if not inverse)):
        result = deposited(self, inside, bound, summed) or summed(inside, bound)
        for factor, inverse in outside:
            result = _scaled(self, result, self.lower(factor), "divide" if inverse else "multiply")
    for letter in bound:
        self.order.remove(letter)
    return result


def _summed(self: Lowering, inside: list[tuple[Written, bool]], bound: list[Symbol]) -> Array:
    """The sum of a product over all of these letters."""
    if nested([factor for factor, _ in inside]) and split(self, inside) is not None:
        arrays = [self.real(product_of(self, inside))]
    else:
        arrays = _absorbed(self, [_factor(self, factor, inverse) for factor, inverse in inside])
    carried = tuple(letter for letter in bound if any(letter in array.axes for array in arrays))
    result = _contracted(self, arrays, carried) if arrays else Number((), "1")
    for letter in bound:
        if letter not in carried:
            result = _scaled(self, result, Number((), self.scope.sizes[letter]), "multiply")
    return result


def _placing(self: Lowering, inside: list[tuple[Written, bool]], bound: list[Symbol]) -> Delta | None:
    """The factor δ of a free letter and of a position that the sum runs over: what it touches lands there."""
    for factor, inverse in inside:
        if isinstance(factor, Delta) and len(bound) == 1 and not inverse:
            letter, position = factor.kids
            if isinstance(letter, Var) and letter.symbol not in bound and isinstance(position, Element):
                return factor
    return None


def _scattered(self: Lowering, placed: Delta, every: list[tuple[Written, bool]], over: Symbol) -> Array:
    """Σ_i v_i.. δ_(j, at_i): the values of each i, added up where j is its position."""
    letter, position = placed.kids
    assert isinstance(letter, Var)
    rest = [_factor(self, factor, inverse) for factor, inverse in every if factor is not placed]
    values = rest[0] if rest else Number((), "1")
    for array in rest[1:]:
        values = self.map("multiply", values, array)
    order = [own for own in self.order if own not in (letter.symbol, over)]
    axes = (letter.symbol, *(own for own in order if own in values.axes))
    rows = self.spread(values, (over, *axes[1:]))
    size = self.scope.sizes[letter.symbol]
    self.order.remove(over)
    return Scatter(axes, rows, at_position(self, position, 0), letter.symbol, over, size)


def _opened(self: Lowering, node: Written) -> tuple[list[Symbol], Written]:
    bound: list[Symbol] = []
    while isinstance(node, Sum):
        letter, node = self.opened(node)
        bound.append(letter)
    return bound, node


def _split(body: Written, bound: set[Symbol]) -> tuple[list[tuple[Written, bool]], list[tuple[Written, bool]]]:
    """The factors that a sum touches, and those that leave it."""
    found = [(factor, inverse) for factor, inverse in factors(body) if factor != lift(1)]
    inside = [pair for pair in found if pair[0].free & bound]
    return inside, [pair for pair in found if not pair[0].free & bound]


def _scaled(self: Lowering, result: Array, array: Array, name: str) -> Array:
    """A number goes to the first operand of a contraction, which is the smaller array."""
    if isinstance(array, Number) and isinstance(result, Contract):
        first, *rest = result.parts
        return Contract(result.axes, (self.map(name, first, array), *rest), result.over)
    return self.map(name, result, array)


def _factor(self: Lowering, factor: Written, inverse: bool) -> Array:
    array = self.lower(factor)
    return self.map("divide", Number((), "1"), self.real(array)) if inverse else array


def _absorbed(self: Lowering, arrays: list[Array]) -> list[Array]:
    """Factors over the same letters multiplied together before the contraction, what is masked before its mask."""
    merged: dict[Axes, Array] = {}
    for array in sorted(arrays, key=is_bits):
        same = [axes for axes in merged if set(axes) == set(array.axes)] if is_bits(array) else []
        axes = same[0] if same else array.axes
        known = merged.get(axes)
        merged[axes] = array if known is None else self.map("multiply", known, array)
    return _scaled_rows(self, [self.real(array) for array in merged.values()])


def _scaled_rows(self: Lowering, arrays: list[Array]) -> list[Array]:
    """Of three or more factors, one over some letters of another is multiplied into it: a product is left."""
    while len(arrays) > 2:
        pairs = [(len(big.axes), one, -two) for one, small in enumerate(arrays) for two, big in enumerate(arrays)
                 if one != two and set(small.axes) < set(big.axes)]  # fmt: skip
        if not pairs:
            break
        _, one, two = min(pairs)
        arrays[-two] = self.map("multiply", arrays[-two], arrays[one])
        del arrays[one]
    return arrays


def _contracted(self: Lowering, arrays: list[Array], bound: tuple[Symbol, ...]) -> Array:
    left = tuple(letter for letter in self.order if letter not in bound)
    axes = tuple(letter for letter in left if any(letter in array.axes for array in arrays))
    if len(arrays) > 1:
        return Contract(axes, tuple(arrays), bound)
    result = arrays[0]
    for letter in reversed(bound):
        rest = tuple(a for a in result.axes if a != letter)
        result = Reduce(rest, "sum", result, letter, self.scope.sizes[letter])
    return result


def product_over(self: Lowering, node: Prod) -> Array:
    """The product of the entries along a letter."""
    letter, body = self.opened(node)
    part = self.real(self.lower(body))
    self.order.remove(letter)
    size = self.scope.sizes[letter]
    if letter not in part.axes:
        return self.map("power", part, Number((), size))
    return Reduce(tuple(a for a in part.axes if a != letter), "prod", part, letter, size)


def maximum(self: Lowering, node: Max) -> Array:
    """The largest entry along a letter."""
    letter, body = self.opened(node)
    part = self.real(self.lower(body))
    self.order.remove(letter)
    if letter not in part.axes:
        return part
    return Reduce(tuple(a for a in part.axes if a != letter), "max", part, letter)
