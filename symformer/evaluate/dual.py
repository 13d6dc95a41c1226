"""Dual numbers over any field: a value and its tangent. They differentiate without any symbolic rule of ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symformer.evaluate.fields import Effort, Field, Ordered, Undecidable


@dataclass(frozen=True)
class Dual:
    """value + tangent · ε with ε² = 0."""

    value: Any
    tangent: Any


class DualField(Ordered):
    """Dual numbers whose parts live in another field."""

    def __init__(self, base: Field, effort: Effort | None = None) -> None:
        self.base, self.effort = base, effort or Effort(sys.maxsize)
        self.zero = base.number(sympy.S.Zero)

    def number(self, value: Expr) -> Dual:
        """A constant: its tangent is 0."""
        return Dual(self.base.number(value), self.zero)

    def add(self, left: Dual, right: Dual) -> Dual:
        """Sum rule."""
        return Dual(self.base.add(left.value, right.value), self._sum(left.tangent, right.tangent))

    def _sum(self, left: Any, right: Any) -> Any:
        """A sum of tangents; that of a constant, which most are, is this very zero and costs nothing."""
        if left is self.zero:
            return right
        return left if right is self.zero else self.base.add(left, right)

    def _scaled(self, tangent: Any, factor: Any) -> Any:
        """A tangent times a number."""
        return tangent if tangent is self.zero else self.base.mul(tangent, factor)

    def neg(self, value: Dual) -> Dual:
        """The sign goes through."""
        tangent = value.tangent if value.tangent is self.zero else self.base.neg(value.tangent)
        return Dual(self.base.neg(value.value), tangent)

    def mul(self, left: Dual, right: Dual) -> Dual:
        """Product rule."""
        tangent = self._sum(self._scaled(left.tangent, right.value), self._scaled(right.tangent, left.value))
        return Dual(self.base.mul(left.value, right.value), tangent)

    def div(self, left: Dual, right: Dual) -> Dual:
        """Quotient rule, as (l′ − (l/r) r′)/r."""
        base = self.base
        ratio = base.div(left.value, right.value)
        if left.tangent is self.zero and right.tangent is self.zero:
            return Dual(ratio, self.zero)
        rest = base.add(left.tangent, base.neg(base.mul(ratio, right.tangent)))
        return Dual(ratio, base.div(rest, right.value))

    def power(self, base: Dual, exponent: Dual) -> Dual:
        """Power rule, for exponents that do not vary."""
        field = self.base
        lower = field.power(base.value, field.add(exponent.value, field.number(sympy.Integer(-1))))
        if not field.compare(exponent.tangent, "=", self.zero):
            raise Undecidable("the exponent of a power varies")
        tangent = field.mul(field.mul(exponent.value, lower), base.tangent)
        return Dual(field.mul(lower, base.value), tangent)

    def function(self, name: str, value: Dual) -> Dual:
        """Chain rule."""
        base = self.base
        outer = base.function(name, value.value)
        return Dual(outer, base.mul(self._slope(name, value.value, outer), value.tangent))

    def _slope(self, name: str, at: Any, outer: Any) -> Any:
        base = self.base
        one = base.number(sympy.S.One)
        match name:
            case "exp":
                return outer
            case "log":
                return base.div(one, at)
            case "sqrt":
                return base.div(one, base.mul(base.number(sympy.Integer(2)), outer))
            case "tanh":
                return base.add(one, base.neg(base.mul(outer, outer)))
            case "erf":
                return self._bell(at)
            case "sin":
                return base.function("cos", at)
            case "floor":
                return self._flat(at, outer)
            case "cos":
                return base.neg(base.function("sin", at))
        raise Undecidable(f"no derivative is known for {name}")

    def _flat(self, at: Any, outer: Any) -> Any:
        """0, the slope of floor, but at the whole numbers, where it jumps."""
        with suppress(Undecidable):
            self.effort.kinks += self.base.compare(at, "=", outer)
        return self.zero

    def _bell(self, at: Any) -> Any:
        """2/√π · exp(−x²), the slope of erf."""
        base = self.base
        root = base.function("sqrt", base.number(sympy.pi))
        bell = base.function("exp", base.neg(base.mul(at, at)))
        return base.div(base.mul(base.number(sympy.Integer(2)), bell), root)

    def maximum(self, values: Sequence[Dual]) -> Dual:
        """The tangent of the first largest value; where another is as large and moves otherwise, that is a kink."""
        best = values[0]
        for value in values[1:]:
            best = self._larger(best, value)
        return best

    def _larger(self, best: Dual, value: Dual) -> Dual:
        base = self.base
        if isinstance(base, Ordered):
            self._note_kink(best, value)
            return value if base.compare(value.value, ">", best.value) else best
        more = base.bit(value.value, ">", best.value)
        step = base.add(value.tangent, base.neg(best.tangent))
        return Dual(base.maximum([best.value, value.value]), base.add(best.tangent, base.mul(more, step)))

    def _note_kink(self, left: Dual, right: Dual) -> None:
        """Counts a tie of two values that do not move alike."""
        try:
            if self.base.compare(left.value, "=", right.value):
                self.effort.kinks += self.base.compare(left.tangent, "≠", right.tangent)
        except Undecidable:
            return

    def still(self, value: Dual) -> Dual:
        """With the tangent 0."""
        return Dual(self.base.still(value.value), self.zero)

    @property
    def select(self) -> Any:
        """Chooses values and tangents where the field below chooses for many points at once."""
        inner = getattr(self.base, "select", None)
        if inner is None:
            return None
        return lambda bit, one, two: Dual(
            inner(bit.value, one.value, two.value), inner(bit.value, one.tangent, two.tangent)
        )

    def bit(self, left: Dual, relation: str, right: Dual) -> Dual:
        """By value; it does not move, but where the two are equal."""
        if isinstance(self.base, Ordered):
            self._note_kink(left, right)
        return Dual(self.base.bit(left.value, relation, right.value), self.zero)

    def compare(self, left: Dual, relation: str, right: Dual) -> bool:
        """By value."""
        return self.base.compare(left.value, relation, right.value)

    def integer(self, value: Dual) -> int:
        """By value."""
        return self.base.integer(value.value)
