"""Worked examples: every definition of a program as symbols, substituted, result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

from sympy import Symbol

from symformer.display import Matrix, recognise
from symformer.evaluate import HIDDEN, Interpreter, Place
from symformer.notation import Const, Element, Range, Tensor, Written, substitute
from symformer.programs import Call, Computed, Repeat
from symformer.typeset import Box, Named, Sign
from symformer.typeset.boxes import indexed, parens, row
from symformer.values.adding import rows_remark, sum_remark
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
        remark: what rounding or dots hide, in words.
        place: the leading indices of the matrix that it shows; None for one entry and for a line.
    """

    symbols: Box
    substituted: Box | None
    result: Box
    rounded: bool
    remark: str = ""
    place: Place | None = None


class Example:
    """A program at a reader's values.

    Args:
        values: numbers for its inputs.
        decimals: digits after the point of rounded numbers.
        significant: significant digits of rounded numbers, in their place.
        scientific: whether rounded numbers stand as powers of ten.
    """

    def __init__(
        self, values: Values, decimals: int = 4, *, significant: int | None = None, scientific: bool = False
    ) -> None:
        self.values = values
        self.rounding = Rounding(decimals, not values.decimal, significant, scientific)
        self.field = WorkedField()

    @cached_property
    def more_bits(self) -> int:
        """The binary places before the point of the largest input."""
        entries = (value for found in self.values.entries.values() for value in found.values())
        return max((int(abs(value.p) // value.q).bit_length() for value in entries), default=0)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The values of every entry."""
        return Interpreter(self.field, self.values.sizes, self._input)

    def _input(self, tensor: Tensor, place: Place) -> Worked:
        number = self.field.number(self.values.entries[tensor.name][place])
        return replace(number, digits=self.values.written.get((tensor.name, place), ""))

    @cached_property
    def numbers(self) -> Numbers:
        """Puts the numbers into formulas, and remembers which it showed."""
        return Numbers(self.interpreter, self.rounding)

    def nested(self, tensor: Tensor) -> Any:
        """All entries of a tensor as nested lists of floats (a float for no axes); −∞ as None."""
        with precisely(self.more_bits):
            return self._nested(tensor, ())

    def _nested(self, tensor: Tensor, place: Place) -> Any:
        sizes = self.interpreter.shape(tensor)
        if len(place) == len(sizes):
            value = self.interpreter.entry(tensor, place)
            return None if value is HIDDEN else float(value.ball)
        return [self._nested(tensor, (*place, number)) for number in range(1, sizes[len(place)] + 1)]

    def by_key(self) -> dict[str, float]:
        """The number of every entry of a tensor that a page has shown, by its key; −∞ is left out."""
        found: dict[str, float] = {}
        with precisely(self.more_bits):
            for tensor in list(self.numbers.shown_tensors):
                spans = [range(1, size + 1) for size in self.interpreter.shape(tensor)]
                for place in product(*spans):
                    value = self.interpreter.entry(tensor, place)
                    if value is not HIDDEN:
                        found[self.numbers.key(tensor, place)] = float(value.ball)
        return found

    def shown(self, tensor: Tensor) -> Box:
        """All entries of a tensor as they are printed, one grid for each choice of its leading axes."""
        with precisely(self.more_bits):
            return row(*(self.numbers.grid(tensor, fixed) for fixed, _ in places(self.interpreter, tensor)))

    def inputs(self, tensor: Tensor, wanted: Callable[[Place], bool] = lambda place: True) -> list[Step]:
        """The given numbers, one step a matrix; `wanted` chooses by the leading indices."""
        with precisely(self.more_bits):
            return self._given(tensor, wanted)

    def _given(self, tensor: Tensor, wanted: Callable[[Place], bool]) -> list[Step]:
        found = places(self.interpreter, tensor, wanted)
        return [Step(_labelled(tensor.box, fixed), None, self.numbers.grid(tensor, fixed), False, left, fixed)
                for fixed, left in found]  # fmt: skip

    def steps(self, statement: Computed) -> list[Step]:
        """A definition or call in numbers: one step a matrix; an entry written out where there is no matrix form."""
        with precisely(self.more_bits):
            if isinstance(statement.origin, Repeat):
                return self._grids(statement)
            self.numbers.spans.update(zip(statement.indices, self.interpreter.shape(statement), strict=True))
            form = _matrix_form(statement)
            if form is None:
                return [*self._entry(statement), *self._results(statement)]
            return [self._matrix(statement, form, *found) for found in places(self.interpreter, statement)]

    def line(self, node: Written, env: Mapping[Symbol, int], ranges: Mapping[Symbol, Range]) -> Step:
        """One line of a derivation at one choice of its free indices, which run over these ranges."""
        with precisely(self.more_bits):
            self.numbers.spans.update({index: self.interpreter.size(ranges[index].size) for index in env})
            return self._written_out(node, env, self.numbers.valued(node, env))

    def _written_out(self, node: Written, env: Mapping[Symbol, int], result: Written) -> Step:
        value = self.interpreter.value(node, env)
        hides = value is not HIDDEN and self.rounding.hides(value)
        middle = self._middle(node, env)
        remark = sum_remark(middle, result) if middle is not None else ""
        symbols = substitute(node, dict(env)).layout().box
        filled = middle.layout().box if middle is not None else None
        return Step(symbols, None if filled == symbols else filled, result.layout().box, hides, remark)

    def _middle(self, node: Written, env: Mapping[Symbol, int]) -> Written | None:
        """The formula with numbers in it; nothing where that is the result itself."""
        if isinstance(node, (Element, Const)):
            return None
        try:
            return self.numbers.formula(node, env)
        except Unavailable:
            return None

    def _matrix(self, statement: Computed, form: Matrix | Call, fixed: tuple[int, ...], left: str) -> Step:
        labels = dict(zip(statement.indices, fixed, strict=False))
        if isinstance(form, Call):
            boxes: tuple[Box, Box | None] = _call_boxes(form, self.numbers, fixed)
        else:
            boxes = labelled(form, labels).layout().box, self._filled(form, labels)
        shown, middle = boxes
        symbols = row(_labelled(statement.box, fixed), Sign("="), shown)
        return replace(self._result(statement, fixed, left), symbols=symbols, substituted=middle)

    def _result(self, statement: Computed, fixed: tuple[int, ...], left: str) -> Step:
        """The numbers of a matrix, with what rounding hides in its rows and which matrices are left out after it."""
        hides = self.numbers.hides(statement)
        rows = rows_remark(self.numbers.rows(statement, fixed), self.field, self.rounding) if hides else ""
        grid = self.numbers.grid(statement, fixed)
        remark = " ".join(part for part in (rows, left) if part)
        return Step(_labelled(statement.box, fixed), None, grid, hides, remark, fixed)

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
        step = self._written_out(statement.written, env, self.numbers.valued(statement.entry, env))
        left = substitute(statement.entry, env).layout().box
        return [replace(step, symbols=row(left, Sign("="), step.symbols))]

    def _results(self, statement: Computed) -> list[Step]:
        if not statement.shape:
            step = self._written_out(statement.written, {}, self.numbers.valued(statement.entry, {}))
            return [replace(step, symbols=row(statement.box, Sign("="), step.symbols), place=())]
        return self._grids(statement)

    def _grids(self, statement: Computed) -> list[Step]:
        """The numbers alone."""
        return [self._result(statement, *found) for found in places(self.interpreter, statement)]


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
    sub: Box = row(*[part for label in labels for part in (Sign(","), Named(str(label)))][1:])
    return indexed(box, sub)
