"""The lines of a body in an array library: one assignment a definition, its formula above it; loops step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from symformer.compile.arrays import Balance, CompileError
from symformer.compile.emission.steps import INDENT
from symformer.compile.layers import Step, is_stack_of_steps
from symformer.compile.lines import Line, definition_line, size_text
from symformer.compile.lowering import Scope
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.passes.running import as_running
from symformer.compile.passes.terms import only_read
from symformer.compile.targets.expressions import Expressions
from symformer.programs import Program, is_defined

__all__ = ["definition_lines", "statement_lines"]


def definition_lines(lines: Sequence[Line], write: Expressions, unbatched: Collection[str] = ()) -> list[str]:
    """The Python lines of definitions; variables in `unbatched` are summed over batch axes.

    Raises:
        CompileError: a definition has no form in the library; it is named.
    """
    out: list[str] = []
    for line in lines:
        try:
            out += _definition(line, write, unbatched)
        except CompileError as error:
            raise CompileError(f"{line.variable}: no form in {write.dialect.name}: {error}") from error
    return out


def _definition(line: Line, write: Expressions, unbatched: Collection[str]) -> Iterator[str]:
    kinds = {write.kind(array) for array in line.arrays} - {"n"}
    if kinds == {"i"}:
        write.kinds[line.variable] = "i"
    value = f"{line.variable} = {_value(line, write, unbatched)}"
    if line.guard is None:
        yield f"# {line.formula}"
        yield value
        return
    guard = line.guard
    yield f"# {line.formula}, {guard.words}"
    yield f"if {guard.code}:"
    yield INDENT + value
    if line.other is not None:
        other = write.text(line.other, line.axes)
        if other != line.variable:
            yield f"else:  # {line.other_formula}"
            yield f"{INDENT}{line.variable} = {other}"


def _value(line: Line, write: Expressions, unbatched: Collection[str]) -> str:
    if isinstance(line.array, Balance):
        scores, _, total = (write.whole(part).text for part in line.array.parts)
        return f"balanced_rows({line.variable}, {scores}, {total})"
    text = write.text(line.array, line.axes)
    if not line.axes and write.kind(line.array) == "n":
        return text
    if line.variable not in unbatched:
        return text
    if line.variable in line.reads:
        raise CompileError(f"{line.variable} is summed over batch axes twice: {write.dialect.name} has no form for it")
    return f"without_batch({text}, {len(line.axes)})"


def statement_lines(program: Program, scope: Scope, write: Expressions) -> list[str]:
    """The Python lines of a program's statements; a loop stands where it is first needed.

    Raises:
        CompileError: a definition has no form.
    """
    outputs = [scope.variables[output.digest] for output in program.outputs]
    if all(is_defined(statement) for statement in program.statements):
        found = [definition_line(statement, scope) for statement in program.statements]
        found = only_read(as_running(found, outputs), outputs)
        return definition_lines(zero_where_hidden(as_absolute(found)), write)
    defined = [statement for statement in program.statements if is_defined(statement)]
    found = zero_where_hidden(as_absolute([definition_line(one, scope) for one in defined]))
    marked = dict(zip(defined, found, strict=True))
    lines: list[str] = []
    done: set[str] = set()
    for statement in program.statements:
        if is_defined(statement):
            lines += definition_lines([marked[statement]], write)
        elif statement.origin.loop.digest not in done:
            done.add(statement.origin.loop.digest)
            lines += _loop(Step(statement.origin.loop, program, scope), write)
    return lines


def _loop(step: Step, write: Expressions) -> list[str]:
    """What the loop starts from, the loop, and what comes out of it: every result of a step is kept in a list."""
    listed = [step.outer(out) for out in step.every]
    start = [f"{step.inner(pair.formal)} = {step.outer(pair.start)}" for pair in step.loop.carried]
    empty = [f"{name} = [None] * {step.count}" for name in listed]
    body = [*_slices(step), *statement_lines(step.layer, step.inside, write)]
    body += [f"{step.outer(out)}[{step.letter}] = {step.inner(out.origin.result)}" for out in step.every]
    names = [step.inner(pair.formal) for pair in step.loop.carried]
    after = [step.inner(pair.after) for pair in step.loop.carried]
    body.append(f"{', '.join(names)} = {', '.join(after)}")
    head = [step.title(), *start, *empty, f"for {step.letter} in {step.span()}:"]
    return [*head, *(INDENT + line for line in body), *_results(step, write)]


def _slices(step: Step) -> Iterator[str]:
    for one in step.read_slices():
        stack = step.outer(one.actual)
        whole = one.actual.digest in step.scope.weights or is_stack_of_steps(step.around, one.actual)
        at = step.letter if whole else f"..., {step.letter}{', :' * len(one.formal.shape)}"
        yield f"{step.inner(one.formal)} = {stack}[{at}]"


def _results(step: Step, write: Expressions) -> Iterator[str]:
    last: dict[str, str] = {}
    for pair in step.loop.carried:
        last.setdefault(pair.after.digest, step.inner(pair.formal))
    for out in step.outs:
        name = step.outer(out)
        if out.origin.last:
            yield f"{name} = {last[out.origin.result.digest]}"
        elif not is_stack_of_steps(step.around, out):
            sizes = ", ".join([step.count, *(size_text(size, step.scope) for size in out.origin.result.shape)])
            yield f"{name} = stack_steps({name}, {sizes}, like={write.like})"
