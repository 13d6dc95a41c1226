"""Worked examples: every definition of a program as symbols, substituted, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Symbol

from symformer.display import Matrix, recognise
from symformer.evaluate import HIDDEN, Interpreter, Place
from symformer.notation import Tensor, Written, substitute
from symformer.programs import Call, Computed, Repeat
from symformer.typeset import Box, Named, Script, Sign
from symformer.typeset.boxes import parens, row
from symformer.values.reading import Values
from symformer.values.rounding import Rounding
from symformer.values.substituted import Numbers, Unavailable, labelled, places
from symformer.values.worked import Worked, WorkedField, precisely


@dataclass(frozen=True)
class Step:
    """One formula in numbers: three lines, the middle one only where there is something to put in.

    Attributes:
        symbols: left-hand side and formula.
        substituted: the formula with numbers in it.
        result: the number or matrix.
        rounded: whether the result is rounded, so that ≈ stands before it.
    """

    symbols: Box
    substituted: Box | None
    result: Box
    rounded: bool


class Example:
    """A program at a reader's values.

    Args:
        values: numbers for its inputs.
        decimals: digits after the point of rounded numbers.
    """

    def __init__(self, values: Values, decimals: int = 4) -> None:
        self.values = values
        self.rounding = Rounding(decimals, fractions=not values.decimal)
        self.field = WorkedField()

    @cached_property
    def interpreter(self) -> Interpreter:
        """The values of every entry."""
        return Interpreter(self.field, self.values.sizes, self._input)

    def _input(self, tensor: Tensor, place: Place) -> Worked:
        number = self.field.number(self.values.entries[tensor.name][place])
        return replace(number, digits=self.values.written.get((tensor.name, place), ""))

    @property
    def numbers(self) -> Numbers:
        """Puts the numbers into formulas."""
        return Numbers(self.interpreter, self.rounding)

    def nested(self, tensor: Tensor) -> Any:
        """All entries of a tensor as nested lists of floats (a float for no axes); −∞ as None."""
        with precisely():
            return self._nested(tensor, ())

    def _nested(self, tensor: Tensor, place: Place) -> Any:
        sizes = self.interpreter.shape(tensor)
        if len(place) == len(sizes):
            value = self.interpreter.entry(tensor, place)
            return None if value is HIDDEN else float(value.ball)
        return [self._nested(tensor, (*place, number)) for number in range(1, sizes[len(place)] + 1)]

    def shown(self, tensor: Tensor) -> Box:
        """All entries of a tensor as they are printed, one grid for each choice of its leading axes."""
        with precisely():
            return row(*(self.numbers.grid(tensor, fixed) for fixed in places(self.interpreter, tensor)))

    def inputs(self, tensors: Sequence[Tensor]) -> list[Step]:
        """The given numbers, one step a matrix."""
        with precisely():
            return [step for tensor in tensors for step in self._given(tensor)]

    def _given(self, tensor: Tensor) -> list[Step]:
        return [Step(_labelled(tensor.box, fixed), None, self.numbers.grid(tensor, fixed), False)
                for fixed in places(self.interpreter, tensor)]  # fmt: skip

    def steps(self, statement: Computed) -> list[Step]:
        """A definition or call in numbers: one step a matrix; an entry written out where there is no matrix form."""
        with precisely():
            if isinstance(statement.origin, Repeat):
                return self._grids(statement)
            form = _matrix_form(statement)
            if form is None:
                return [*self._entry(statement), *self._results(statement)]
            return [self._matrix(statement, form, fixed) for fixed in places(self.interpreter, statement)]

    def line(self, node: Written, env: Mapping[Symbol, int]) -> Step:
        """One line of a derivation at one choice of its free indices."""
        with precisely():
            symbols = substitute(node, dict(env))
            value = self.interpreter.value(node, env)
            return Step(symbols.layout().box, self._middle(node, env), self.numbers.shown(value).layout().box,
                        value is not HIDDEN and self.rounding.hides(value))  # fmt: skip

    def _middle(self, node: Written, env: Mapping[Symbol, int]) -> Box | None:
        try:
            return self.numbers.formula(node, env).layout().box
        except Unavailable:
            return None

    def _matrix(self, statement: Computed, form: Matrix | Call, fixed: tuple[int, ...]) -> Step:
        labels = dict(zip(statement.indices, fixed, strict=False))
        if isinstance(form, Call):
            boxes: tuple[Box, Box | None] = _call_boxes(form, self.numbers, fixed)
        else:
            boxes = labelled(form, labels).layout().box, self._filled(form, labels)
        shown, middle = boxes
        symbols = row(_labelled(statement.box, fixed), Sign("="), shown)
        return Step(symbols, middle, self.numbers.grid(statement, fixed), self.numbers.hides(statement))

    def _filled(self, form: Matrix, labels: Mapping[Symbol, int]) -> Box | None:
        try:
            return self.numbers.matrix(form, labels).layout().box
        except Unavailable:
            return None

    def _entry(self, statement: Computed) -> list[Step]:
        """The first entry, written out by hand."""
        if not statement.shape:
            return []
        env = dict.fromkeys(statement.indices, 1)
        body = statement.written
        step = self.line(body, env)
        left = substitute(statement.entry, env).layout().box
        return [Step(row(left, Sign("="), step.symbols), step.substituted, step.result, step.rounded)]

    def _results(self, statement: Computed) -> list[Step]:
        if not statement.shape:
            step = self.line(statement.written, {})
            return [Step(row(statement.box, Sign("="), step.symbols), step.substituted, step.result, step.rounded)]
        return self._grids(statement)

    def _grids(self, statement: Computed) -> list[Step]:
        """The numbers alone."""
        hides = self.numbers.hides(statement)
        return [
            Step(_labelled(statement.box, fixed), None, self.numbers.grid(statement, fixed), hides)
            for fixed in places(self.interpreter, statement)
        ]


def _matrix_form(statement: Computed) -> Matrix | Call | None:
    if isinstance(statement.origin, Call):
        return statement.origin if statement.label is None else None
    return recognise(statement.written, statement.indices) if statement.shape else None


def _call_boxes(form: Call, numbers: Numbers, fixed: tuple[int, ...]) -> tuple[Box, Box]:
    """The call with the names of its arguments, and with their numbers."""
    names: list[Box] = []
    grids: list[Box] = []
    for tensor in form.arguments:
        own = fixed[: max(len(tensor.shape) - 2, 0)]
        separator: list[Box] = [Sign(",")] if names else []
        names += [*separator, _labelled(tensor.box, own)]
        grids += [*separator, numbers.grid(tensor, own)]
    head = Named(form.name, upright=True)
    return row(head, parens(row(*names))), row(head, parens(row(*grids)))


def _labelled(box: Box, labels: Sequence[Any]) -> Box:
    """A name with its leading indices: W_Q for head 1."""
    if not labels:
        return box
    sub: Box = row(*(Named(str(label)) for label in labels))
    if isinstance(box, Script):
        return Script(box.base, row(box.sub, Sign(","), sub) if box.sub else sub, box.sup)
    return Script(box, sub)
