"""Sums, products, powers and functions of entries: elementwise operations."""

from __future__ import annotations

from typing import Any

import sympy

from symformer.compile.arrays import Array, CompileError, Map, Number
from symformer.compile.lowering.context import Lowering, is_bits
from symformer.compile.lowering.entries import position
from symformer.compile.lowering.limits import complement, damped, grows, is_maximum, saturating, split
from symformer.notation import (
    Add,
    Condition,
    Const,
    Div,
    Func,
    Hidden,
    Logic,
    Mul,
    Neg,
    Pow,
    Var,
    Where,
    Written,
    lift,
    negated,
)

LARGEST = 2**63  # what an integer of NumPy stays below


def constant(self: Lowering, node: Const) -> Array:
    """A number, as its author wrote it; a whole one that no integer of NumPy holds, as a floating-point number."""
    value, digits = node.head
    if value is sympy.pi:
        return Number((), "math.pi")
    if value.q == 1 and abs(value) >= LARGEST:
        return Number((), repr(float(value)))
    if digits is not None or value.q == 1:
        return Number((), digits or str(value))
    return Number((), f"({value.p} / {value.q})")


def variable(self: Lowering, node: Var) -> Array:
    """A size, or an index that stands as a number."""
    if not node.symbol.is_positive:
        return position(self, node, 1)
    if node.symbol not in self.scope.sizes:
        raise CompileError(f"no input has an axis of size {node.symbol}, so its value is not known")
    return Number((), self.scope.sizes[node.symbol])


def add(self: Lowering, node: Add) -> Array:
    """Term by term; a negative term is subtracted, and from an entry its row's maximum so that ∞ − ∞ is 0 there."""
    kept = None if self.is_term else complement(self, node)
    if kept is not None:
        return kept
    outer, self.is_term = self.is_term, True
    total = self.lower(node.kids[0])
    for kid in node.kids[1:]:
        minus = isinstance(kid, Neg)
        name = "from_max" if minus and is_maximum(self, kid.kids[0]) else "subtract" if minus else "add"
        total = self.map(name, total, self.lower(kid.kids[0] if minus else kid))
    self.is_term = outer
    return total


def product(self: Lowering, node: Mul) -> Array:
    """Numbers, factors, divisors, masks, in this order: a sum divided by n is exact where 1/n is not."""
    every = factors(node)
    with self.guarded(*(factor for factor, inverse in every if not inverse)):
        return product_of(self, [(factor, inverse) for factor, inverse in every if factor != lift(1)])


def product_of(self: Lowering, factors_: list[tuple[Written, bool]]) -> Array:
    """The product of factors, each with whether it divides; where one that vanishes meets one that grows, 0 wins."""
    pair = saturating(self, factors_)
    if pair is not None:
        argument, rest = pair
        slope = self.map("sigmoid_slope", self.real(self.lower(argument)))
        value = product_of(self, rest) if rest else Number((), "1")
        return (damped if grows(self, rest, argument) else _times)(self, value, slope)
    return _ended(self, factors_) or _multiplied(self, factors_)


def _ended(self: Lowering, factors_: list[tuple[Written, bool]]) -> Array | None:
    """The product in which 0 wins, where a factor that vanishes meets one that grows."""
    meeting = split(self, factors_)
    if meeting is None:
        return None
    rest, zero, both = meeting
    masks = [node for node, _ in rest if isinstance(node, Condition)]  # their 0 wins over everything, last
    rest = [pair for pair in rest if pair[0] not in masks]
    numbers = [pair for pair in rest if isinstance(self.lower(pair[0]), Number)]
    rest, zero = [pair for pair in rest if pair not in numbers], [*zero, *numbers]
    total: Array = _multiplied(self, rest) if rest else Number((), "1")
    for part, name in ((zero, "damped"), (both, "zero_wins")):
        if part:
            factor = _multiplied(self, part)
            total = factor if total == Number((), "1") else damped(self, total, factor, name)
    return _over(self, [total, *map(self.lower, masks)], [])


def _times(self: Lowering, value: Array, factor: Array) -> Array:
    return factor if value == Number((), "1") else self.map("multiply", value, factor)


def _multiplied(self: Lowering, factors_: list[tuple[Written, bool]]) -> Array:
    found = [(self.lower(factor), inverse) for factor, inverse in factors_]
    above = [array for array, inverse in found if not inverse]
    below = [array for array, inverse in found if inverse]
    numbers: list[Array] = [array for array in above if isinstance(array, Number)]
    if numbers and len(numbers) < len(found):
        over = _over(self, numbers, [array for array in below if isinstance(array, Number)])
        above = [over, *(array for array in above if not isinstance(array, Number))]
        below = [array for array in below if not isinstance(array, Number)]
    values, masks = ([array for array in above if is_bits(array) == bits] for bits in (False, True))
    if not values:
        values, masks = masks[:1] or [Number((), "1")], masks[1:]
    return _over(self, [_over(self, values, below), *masks], [])


def _over(self: Lowering, above: list[Array], below: list[Array]) -> Array:
    total = above[0]
    for part in above[1:]:
        total = self.map("multiply", total, part)
    for part in below:
        total = self.map("divide", total, part)
    return total


def quotient(self: Lowering, node: Div) -> Array:
    """Over divided by under."""
    found = [(factor, inverse) for factor, inverse in factors(node) if factor != lift(1)]
    ended = _ended(self, found)
    if ended is not None:
        return ended
    return self.map("divide", *(self.lower(kid) for kid in node.kids))


def power(self: Lowering, node: Pow) -> Array:
    """A power; a square is a square, and a cube two products, as pow takes an order of magnitude longer."""
    base, exponent = (self.lower(kid) for kid in node.kids)
    code = exponent.code if isinstance(exponent, Number) else ""
    if code == "2":
        return self.map("square", base)
    if code == "3":
        return self.map("multiply", self.map("square", base), base)
    return self.map("power", base, exponent)


def factors(node: Written) -> list[tuple[Written, bool]]:
    """The factors of a product, each with whether it divides."""
    if isinstance(node, Mul):
        return [found for kid in node.kids for found in factors(kid)]
    if isinstance(node, Div):
        over, under = node.kids
        return factors(over) + [(factor, not inverse) for factor, inverse in factors(under)]
    return [(node, False)]


def function(self: Lowering, node: Func) -> Array:
    """A function by its row of the table: by what keeps its digits and overflows nowhere."""
    outer, self.is_term = self.is_term, False
    arguments = [self.real(self.lower(kid)) for kid in node.kids]
    self.is_term = outer
    arrays = node.primitive.arrays

    def make(name: str, *parts: Any) -> Array:
        if name == "negative" and isinstance(parts[0], Map) and parts[0].name == "negative":
            return parts[0].parts[0]
        return self.map(name, *(Number((), str(part)) if isinstance(part, int) else part for part in parts))

    found: Array = make(node.name, *arguments) if arrays is None else arrays(make, *arguments)
    return found


def where(self: Lowering, node: Where) -> Array:
    """What a condition chooses of two; what it does not choose is computed, and thrown away."""
    chosen, value, other = node.kids
    mask = _booleans(self, self.lower(chosen))
    with self.guarded(chosen):
        one = self.real(self.lower(value))
    with self.guarded(negated(chosen)):
        two = self.real(self.lower(other))
    return self.map("where", mask, one, two)


def hidden(self: Lowering, node: Hidden) -> Array:
    """A value, and −∞ where its mask is 0; it need not be there then."""
    value, mask = node.kids
    with self.guarded(mask):
        found = self.lower(value)
    return self.map("hide", found, self.lower(mask))


def _booleans(self: Lowering, mask: Array) -> Array:
    """What is 0 or 1, as booleans."""
    return mask if is_bits(mask) or isinstance(mask, Number) else self.map("not_equal", mask, Number((), "0"))


def logic(self: Lowering, node: Logic) -> Array:
    """Conditions joined, as booleans."""
    bits = [_booleans(self, self.lower(kid)) for kid in node.kids]
    if node.word == "not":
        return self.map("logical_not", bits[0])
    out = bits[0]
    for bit in bits[1:]:
        out = self.map(f"logical_{node.word}", out, bit)
    return out
