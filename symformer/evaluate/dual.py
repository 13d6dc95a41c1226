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
        self.zero, self.one = base.number(sympy.S.Zero), base.number(sympy.S.One)

    def number(self, value: Expr) -> Dual:
        """A constant: its tangent is 0."""
        return Dual(self.base.number(value), self.zero)

    def variable(self, value: Any, place: tuple[int, ...]) -> Dual:
        """The entry that moves: its tangent is 1."""
        return Dual(value, self.one)

    def add(self, left: Dual, right: Dual) -> Dual:
        """Sum rule."""
        return Dual(self.base.add(left.value, right.value), self.combined((left, self.one), (right, self.one)))

    def combined(self, *terms: tuple[Dual, Any]) -> Any:
        """Σ tangent · factor. The tangent of a constant, which most are, is this very zero and costs nothing."""
        found = self.zero
        for value, factor in terms:
            if value.tangent is self.zero:
                continue
            term = value.tangent if factor is self.one else self.base.mul(value.tangent, factor)
            found = term if found is self.zero else self.base.add(found, term)
        return found

    def neg(self, value: Dual) -> Dual:
        """The sign goes through."""
        return Dual(self.base.neg(value.value), self.combined((value, self.base.neg(self.one))))

    def mul(self, left: Dual, right: Dual) -> Dual:
        """Product rule."""
        return Dual(self.base.mul(left.value, right.value), self.combined((left, right.value), (right, left.value)))

    def div(self, left: Dual, right: Dual) -> Dual:
        """Quotient rule, as l′/r − (l/r) r′/r."""
        base = self.base
        ratio = base.div(left.value, right.value)
        if left.tangent is self.zero and right.tangent is self.zero:
            return Dual(ratio, self.zero)
        inverse = base.div(self.one, right.value)
        return Dual(ratio, self.combined((left, inverse), (right, base.neg(base.mul(ratio, inverse)))))

    def power(self, base: Dual, exponent: Dual) -> Dual:
        """Power rule, for exponents that do not vary."""
        field = self.base
        lower = field.power(base.value, field.add(exponent.value, field.number(sympy.Integer(-1))))
        if not self.constant(exponent):
            raise Undecidable("the exponent of a power varies")
        return Dual(field.mul(lower, base.value), self.combined((base, field.mul(exponent.value, lower))))

    def constant(self, value: Dual) -> bool:
        """Whether the tangent is 0."""
        return value.tangent is self.zero or self.base.compare(value.tangent, "=", self.zero)

    def alike(self, left: Dual, right: Dual) -> bool:
        """Whether two values move alike."""
        return left.tangent is right.tangent or self.base.compare(left.tangent, "=", right.tangent)

    def function(self, name: str, value: Dual) -> Dual:
        """Chain rule."""
        outer = self.base.function(name, value.value)
        return Dual(outer, self.combined((value, self._slope(name, value.value, outer))))

    def _slope(self, name: str, at: Any, outer: Any) -> Any:
        base = self.base
        one = self.one
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
                self.effort.kinks += not self.alike(left, right)
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
