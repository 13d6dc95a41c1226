"""Schedules: which rows and columns of a program are gone through in blocks, and its lines made ready for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

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


class Blocks(NamedTuple):
    """What is gone through in blocks, for which outputs; no columns for elementwise operations."""

    outputs: tuple[str, ...]
    row: Symbol
    column: Symbol | None


Pass = Callable[[Sequence[Line], Blocks], list[Line]]


def _tried(lines: Sequence[Line], to: Blocks) -> list[Line]:
    return tried_without_shift(lines)


# Each keeps the numbers, so that any may be left out; what then does not fit into blocks is computed at once.
PASSES: tuple[Pass, ...] = (
    lambda lines, to: factored_out(lines, to.outputs),  # Σ (u/Z) v is (Σ u v)/Z
    lambda lines, to: exchanged(lines),  # Σ dO O is Σ P dP
    lambda lines, to: as_quotients(lines, to.outputs),  # x · (1/Z) is x/Z
    lambda lines, to: one_letter_an_axis(sums_apart(lines, to.row)),  # sums are known before what reads them
    lambda lines, to: masks_apart(lines),  # where everything is seen, no mask
    lambda lines, to: scaled_before(lines, to.row, to.column) if to.column else list(lines),  # a Σ q k is Σ (a q) k
    _tried,  # no maximum where sums stay in range
    lambda lines, to: as_absolute(lines),  # |x| by one function
    lambda lines, to: zero_where_hidden(lines),  # 0 · NaN is 0 where a mask hides
)
LONGEST = 250  # lines of a chain of elementwise operations


def tiled(program: Program, scope: Scope, found: Sequence[Line]) -> list[str] | None:
    """Blocks of rows and columns, where a schedule suits the program; None where everything is computed at once."""
    floats = [tensor for tensor in program.inputs if is_float(tensor, scope) and tensor.shape]
    if scope.precise or scope.weights or not floats:
        return None
    outputs = tuple(output_names(program, scope.variables))
    lines = one_letter_an_axis(only_read(without_names(found, outputs), outputs))
    chosen = _blocks(lines, outputs)
    if chosen is None or (chosen.column is None and not _may_come_in_blocks(program, lines, outputs)):
        return None
    for passes in (PASSES, tuple(one for one in PASSES if one is not _tried)):
        with suppress(CompileError):
            return _passed(program, scope, lines, chosen, passes)
    return None


def _passed(program: Program, scope: Scope, lines: Sequence[Line], to: Blocks, passes: Sequence[Pass]) -> list[str]:
    """The Python lines of blocks, after some passes. Passes may give letters other names, which are looked up again."""
    for one in passes:
        before, lines = lines, one(lines, to)
        to = to if lines == before else _blocks(lines, to.outputs) or to
    sizes = {letter: size for line in lines for letter, size in zip(line.axes, line.sizes, strict=False)}
    layout = Layout({}, to.outputs, to.row, sizes.get(to.row, ""), column=to.column or "")
    return in_blocks(program, scope, lines, layout)


def _blocks(lines: Sequence[Line], outputs: tuple[str, ...]) -> Blocks | None:
    """Rows and columns of products that are summed over again, or the rows of a chain of elementwise operations."""
    pair = chosen_rows(lines, outputs)
    if pair is not None:
        return Blocks(outputs, *pair)
    row = elementwise_rows(lines, outputs)
    return None if row is None else Blocks(outputs, row, None)


def _may_come_in_blocks(program: Program, lines: Sequence[Line], outputs: Collection[str]) -> bool:
    """Whether no order makes less work of the whole of a chain, and all outputs have the same batch axes.

    Passes look at each line's readers: of a chain of thousands that takes longer than what blocks save.
    """
    if len(lines) > LONGEST:
        return False
    alike = program.slopes or len({frozenset(_leaves(lines, output)) for output in outputs}) == 1
    return alike and as_ranked(lines) == list(lines)


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
