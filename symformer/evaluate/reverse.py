"""Dual numbers whose tangents are recorded: one pass over a program, read backwards, gives every derivative of a value.

A dual number carries one direction, so that a gradient costs one evaluation for each entry of its input. Here a tangent
is a linear form in all entries at once, which remembers of what it is made; what an entry counts for is summed up from
the value back to the entries, as in reverse-mode differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from symformer.evaluate.dual import Dual, DualField

Place = tuple[int, ...]


class OneDirection(ArithmeticError):
    """What is asked hangs on the direction in which the input moves: whether two equal values move alike, say."""


class Form:
    """A linear form: a sum of forms times factors, or the tangent of one entry."""

    __slots__ = ("number", "parts", "place")

    def __init__(self, number: int, parts: tuple[tuple[Form, Any], ...], place: Place | None = None) -> None:
        self.number, self.parts, self.place = number, parts, place


class ReverseField(DualField):
    """Dual numbers whose tangents are forms; those of constants are still the field's zero."""

    def __init__(self, base: Any, effort: Any = None) -> None:
        super().__init__(base, effort)
        self._numbers = count()

    def variable(self, value: Any, place: Place) -> Dual:
        """An entry that moves."""
        return Dual(value, Form(next(self._numbers), (), place))

    def combined(self, *terms: tuple[Dual, Any]) -> Any:
        """The form that is a sum of forms times factors."""
        parts = tuple((value.tangent, factor) for value, factor in terms if value.tangent is not self.zero)
        if len(parts) == 1 and parts[0][1] is self.one:
            return parts[0][0]
        return Form(next(self._numbers), parts) if parts else self.zero

    def constant(self, value: Dual) -> bool:
        """Whether the tangent is 0.

        Raises:
            OneDirection: it moves in some direction.
        """
        if value.tangent is not self.zero:
            raise OneDirection("a number that moves in some direction")
        return True

    def alike(self, left: Dual, right: Dual) -> bool:
        """Whether two values move alike.

        Raises:
            OneDirection: they are not one form.
        """
        if left.tangent is not right.tangent:
            raise OneDirection("two equal numbers that need not move alike")
        return True

    def derivatives(self, value: Dual) -> Mapping[Place, Any]:
        """The derivative of a value by each entry that it depends on, by place."""
        if value.tangent is self.zero:
            return {}
        base, weights, found = self.base, {value.tangent.number: self.one}, {}
        for form in _downwards(value.tangent):
            weight = weights.pop(form.number)
            if form.place is not None:
                found[form.place] = weight
            for part, factor in form.parts:
                term = weight if factor is self.one else base.mul(weight, factor)
                known = weights.get(part.number)
                weights[part.number] = term if known is None else base.add(known, term)
        return found


def _downwards(form: Form) -> list[Form]:
    """A form and all that it is made of, each after all that it is a part of."""
    seen, stack = {form.number: form}, [form]
    while stack:
        for part, _ in stack.pop().parts:
            if part.number not in seen:
                seen[part.number] = part
                stack.append(part)
    return [seen[number] for number in sorted(seen, reverse=True)]
