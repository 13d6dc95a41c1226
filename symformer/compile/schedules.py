"""Schedules: which rows and columns of a program are gone through in blocks, and its lines made ready for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import CompileError, Load, walk
from symformer.compile.body import body_lines
from symformer.compile.border import spread_line
from symformer.compile.layout import Input, Layout
from symformer.compile.lines import Line
from symformer.compile.lowering import Scope
from symformer.compile.names import output_names
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.axes import one_letter_an_axis
from symformer.compile.passes.choose import chosen_rows, elementwise_rows
from symformer.compile.passes.exchange import exchanged
from symformer.compile.passes.factor_out import factored_out, scaled_before
from symformer.compile.passes.hidden import masks_apart, zero_where_hidden
from symformer.compile.passes.quotients import as_quotients
from symformer.compile.passes.ranks import as_ranked
from symformer.compile.passes.shifts import tried_without_shift
from symformer.compile.passes.sums_apart import sums_apart
from symformer.compile.passes.terms import only_read, without_names
from symformer.notation import Tensor
from symformer.programs import Program

Tiling = tuple[Symbol, Symbol | None, list[Line]]  # the rows, the columns, and the lines for them


def tiled(program: Program, scope: Scope, found: Sequence[Line]) -> list[str] | None:
    """Blocks of rows and columns, where a schedule suits the program; None where everything is computed at once."""
    floats = [tensor for tensor in program.inputs if is_float(tensor, scope) and tensor.shape]
    if scope.precise or scope.weights or not floats:
        return None
    outputs = tuple(output_names(program, scope.variables))
    lines = one_letter_an_axis(only_read(without_names(found, outputs), outputs))
    schedules = _schedules(lines, outputs) if chosen_rows(lines, outputs) else _elementwise(program, lines, outputs)
    for row, column, found in schedules:
        sizes = {letter: size for line in found for letter, size in zip(line.axes, line.sizes, strict=False)}
        with suppress(CompileError):
            layout = Layout({}, outputs, row, sizes.get(row, ""), column="" if column is None else column)
            return in_blocks(program, scope, zero_where_hidden(as_absolute(found)), layout)
    return None


def _schedules(lines: Sequence[Line], outputs: Collection[str]) -> Iterator[Tiling]:
    """Blocks of rows and columns: first without a shift by maxima, then with it."""
    lines = as_quotients(exchanged(factored_out(lines, outputs)), outputs)
    chosen = chosen_rows(lines, outputs)
    if chosen is None:
        return
    lines = one_letter_an_axis(sums_apart(lines, chosen[0]))
    row, column = chosen_rows(lines, outputs) or chosen
    lines = scaled_before(masks_apart(lines), row, column)
    yield row, column, tried_without_shift(lines)
    yield row, column, lines


def _elementwise(program: Program, lines: Sequence[Line], outputs: Collection[str]) -> Iterator[Tiling]:
    """Blocks of rows of elementwise operations; not where an order makes less work of the whole, or batches differ."""
    row = elementwise_rows(lines, outputs)
    alike = program.slopes or len({frozenset(_leaves(lines, output)) for output in outputs}) == 1
    if row is not None and alike and as_ranked(lines) == list(lines):
        lines = one_letter_an_axis(sums_apart(lines, row))
        yield elementwise_rows(lines, outputs) or row, None, lines


def _leaves(lines: Sequence[Line], output: str) -> set[str]:
    """The inputs that an output is computed from."""
    found = {output}
    for line in reversed(lines):
        found |= set(line.reads) if line.variable in found else set()
    return found - {line.variable for line in lines}


def in_blocks(program: Program, scope: Scope, lines: Sequence[Line], layout: Layout) -> list[str]:
    """The lines of a program whose batch axes are broadcast and gone through entry by entry, in blocks of rows."""
    inputs = input_views(program, scope, lines, layout.row)
    like = next(scope.variables[tensor.digest] for tensor in program.inputs if is_float(tensor, scope))
    batched = [tensor for tensor in program.inputs if inputs.get(scope.variables[tensor.digest], NO_INPUT).batched]
    whole = replace(layout, inputs=inputs, lead=True, like=like)
    return [*spread_line(batched, scope), *body_lines(lines, whole)]


def is_float(tensor: Tensor, scope: Scope) -> bool:
    """Whether an input is an array of real numbers that is always there."""
    whole = tensor.domain.kind == "mask" or tensor.domain.whole or tensor.optional
    return not whole and tensor.digest not in scope.numbers and tensor.digest not in scope.precise


def input_views(program: Program, scope: Scope, lines: Sequence[Line], row: Symbol | None) -> dict[str, Input]:
    """The arrays that a program is given, by variable, with the letters under which they are read."""
    read = [node for line in lines for array in line.arrays for node in walk(array) if isinstance(node, Load)]
    found = {}
    for tensor in program.inputs:
        variable = scope.variables[tensor.digest]
        axes = [load.axes for load in read if load.name == variable]
        if tensor.digest not in scope.numbers and axes:
            letters = next((one for one in axes if row in one), axes[0])
            found[variable] = Input(letters, tensor.digest not in scope.weights, tensor.optional)
    return found


NO_INPUT = Input((), False, False)  # of what nothing reads
