"""Repeats: a loop over layers becomes a `for`, with the lines of one layer inside; nothing is unrolled.

What is carried is one variable that each layer sets anew. What each layer has for itself is a slice of a stack. What
comes out of every layer is written into an array whose first axis is the layer; where other loops alone read it, layer
by layer, it is a list, such as the values that a backward pass reads again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symformer.compile.body import body_lines
from symformer.compile.emission.steps import INDENT
from symformer.compile.layout import Layout
from symformer.compile.lines import Line, definition_line, precisely, size_text
from symformer.compile.lowering import Scope
from symformer.compile.names import Variables, changing, free, identifier, layer_program, with_statements
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.passes.ranks import as_ranked
from symformer.compile.passes.running import as_running
from symformer.compile.passes.terms import only_read
from symformer.notation import Tensor
from symformer.notation.names import one_line
from symformer.programs import Bound, Computed, Loop, Program, Repeat, is_defined
from symformer.typeset import Sign, text
from symformer.typeset.boxes import row


def everything_at_once(lines: Sequence[Line], outputs: Collection[str]) -> list[str]:
    """The Python lines of definitions, without those that no output depends on."""
    found = zero_where_hidden(as_absolute(only_read(as_ranked(as_running(lines, outputs)), outputs)))
    return [text for line in found for text in body_lines([line], Layout({}, ()))]


def statement_lines(program: Program, scope: Scope) -> list[str]:
    """The Python lines of a program's statements, everything at once; a loop stands where it is first needed."""
    if all(is_defined(statement) for statement in program.statements):
        outputs = [scope.variables[output.digest] for output in program.outputs]
        return everything_at_once([definition_line(statement, scope) for statement in program.statements], outputs)
    lines: list[str] = []
    done: set[str] = set()
    defined = [statement for statement in program.statements if is_defined(statement)]
    found = zero_where_hidden(as_absolute([definition_line(one, scope) for one in defined]))
    marked = dict(zip(defined, found, strict=True))
    for statement in program.statements:
        if is_defined(statement):
            lines += body_lines([marked[statement]], Layout({}, ()))
        elif statement.origin.loop.digest not in done:
            done.add(statement.origin.loop.digest)
            lines += Step(statement.origin.loop, program, scope).lines()
    return lines


@dataclass(frozen=True)
class Step:
    """A loop among the statements of a program, whose scope gives them variables."""

    loop: Loop
    around: Program
    scope: Scope

    def lines(self) -> list[str]:
        """What the loop starts from, the loop, and what comes out of it."""
        start = [f"{self.inner(pair.formal)} = {self.outer(pair.start)}{_real(pair.start)}"
                 for pair in self.loop.carried]  # fmt: skip
        empty = [f"{self.outer(out)} = {f'[None] * {self.count}' if self._listed(out) else 'None'}"
                 for out in self.every]  # fmt: skip
        layer = [*self._slices(), *statement_lines(self.layer, self.inside), *self._kept(), self._carried_on()]
        loop = [f"for {self.letter} in {self.span()}:", *(INDENT + line for line in layer)]
        return [self.title(), *start, *empty, *loop, *self._results()]

    # -- what there is ----------------------------------------------------------------------------------------------

    @cached_property
    def outs(self) -> list[Computed]:
        """The statements that come out of the loop."""
        return [one for one in self.around.statements if _loop_of(one) == self.loop.digest]

    @cached_property
    def every(self) -> list[Computed]:
        """Those of them that hold a tensor of every layer."""
        return [out for out in self.outs if not out.origin.last]

    @cached_property
    def layer(self) -> Program:
        """One layer."""
        return layer_program(self.loop, self.outs)

    @cached_property
    def count(self) -> str:
        """The number of layers."""
        return size_text(self.loop.size, self.scope)

    @cached_property
    def taken(self) -> set[str]:
        """Names that have a meaning around the loop."""
        return {*self.scope.variables.values(), *self.scope.sizes.values()}

    @cached_property
    def letter(self) -> str:
        """The variable of the layer, from 0."""
        return free(identifier(self.loop.index.name), self.taken)

    @cached_property
    def inside(self) -> Scope:
        """What names mean in a layer."""
        scope = self.scope
        bound = {one.formal.digest: one.actual.digest for one in (*self.loop.each, *self.loop.shared)}
        formals = {one.digest for one in self.loop.formals}

        def of(outside: frozenset[str]) -> frozenset[str]:
            return (outside - formals) | {inner for inner, outer in bound.items() if outer in outside}

        numbers = of(scope.numbers)
        variables = {**scope.variables, **self._variables()}
        return replace(
            scope,
            variables=variables,
            changing=changing(variables),
            numbers=numbers,
            weights=of(scope.weights),
            bits=of(scope.bits),
            precise=precisely(self.layer, of(scope.precise), numbers),
        )

    def _variables(self) -> dict[str, str]:
        taken = Variables({*self.taken, self.letter})
        names = {one.formal.digest: self.outer(one.actual) for one in self.loop.shared}
        own = [(pair.formal, pair.formal.name) for pair in self.loop.carried]
        own += [(one.formal, f"{one.formal.name}_{self.loop.index.name}") for one in self.loop.each]
        for formal, name in own:
            names[formal.digest] = taken.free(identifier(name))
        return with_statements(names, self.layer.statements, taken)

    def inner(self, tensor: Tensor) -> str:
        """The variable of a tensor of one layer."""
        return self.inside.variables[tensor.digest]

    def outer(self, tensor: Tensor) -> str:
        """The variable of a tensor around the loop."""
        return self.scope.variables[tensor.digest]

    # -- lines ------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """The loop as it is printed, folded."""
        last = [item for out in self.outs if out.origin.last for item in (out.box, Sign("="))]
        return f"# {one_line(text(row(*last, self.loop.box())))}"

    def span(self) -> str:
        """The Python text of what the layer's variable runs over."""
        return f"reversed(range({self.count}))" if self.loop.downwards else f"range({self.count})"

    def read_slices(self) -> list[Bound]:
        """What the layer has for itself and reads."""
        read = {parent.digest for one in self.layer.statements for parent in one.origin.parents}
        read |= {out.origin.result.digest for out in self.outs} | {pair.after.digest for pair in self.loop.carried}
        return [one for one in self.loop.each if one.formal.digest in read]

    def _slices(self) -> Iterator[str]:
        """The lines that give it its names."""
        return (f"{self.inner(one.formal)} = {self._slice(one)}" for one in self.read_slices())

    def _slice(self, one: Bound) -> str:
        stack = self.outer(one.actual)
        leading = one.actual.digest in self.scope.weights or is_stack_of_steps(self.around, one.actual)
        return f"{stack}[{self.letter}]" if leading else f"{stack}[..., {self.letter}{', :' * len(one.formal.shape)}]"

    def _kept(self) -> Iterator[str]:
        """What comes out of this layer, put in its place."""
        for out in self.every:
            stack, value = self.outer(out), self.inner(out.origin.result)
            if self._listed(out):
                yield f"{stack}[{self.letter}] = {value}"
            else:
                yield f"{stack} = placed({', '.join([stack, value, self.letter, self.count, *self._sizes(out)])})"

    def _listed(self, out: Computed) -> bool:
        return is_stack_of_steps(self.around, out)

    def _sizes(self, out: Computed) -> list[str]:
        return [size_text(size, self.scope) for size in out.origin.result.shape]

    def _carried_on(self) -> str:
        names = [self.inner(pair.formal) for pair in self.loop.carried]
        return f"{', '.join(names)} = {', '.join(self.inner(pair.after) for pair in self.loop.carried)}"

    def _results(self) -> Iterator[str]:
        last: dict[str, str] = {}
        for pair in self.loop.carried:
            last.setdefault(pair.after.digest, self.inner(pair.formal))
        for out in self.outs:
            name = self.outer(out)
            if out.origin.last:
                yield f"{name} = {last[out.origin.result.digest]}"
            elif not self._listed(out):
                sizes = ", ".join([self.count, *self._sizes(out)])
                yield f"{name} = np.empty(({sizes},)) if {name} is None else {name}"


def _real(start: Tensor) -> str:
    """The conversion of a start that numbers alone give: an array of whole numbers would make float32 float64."""
    constant = is_defined(start) and bool(start.shape) and not start.origin.parents
    return ".astype(real)" if constant else ""


def _loop_of(tensor: Tensor) -> str:
    return tensor.origin.loop.digest if isinstance(tensor.origin, Repeat) else ""


def is_stack_of_steps(program: Program, tensor: Tensor) -> bool:
    """Whether a tensor of every layer is read by loops alone, layer by layer."""
    if not isinstance(tensor.origin, Repeat) or tensor.origin.last or tensor in program.outputs:
        return False
    readers = [one.origin for one in program.statements if tensor in one.origin.parents]
    return all(isinstance(origin, Repeat) and _reads_slices(origin.loop, tensor) for origin in readers)


def _reads_slices(loop: Loop, stack: Tensor) -> bool:
    """Whether a loop reads a stack one layer at a time, and in no other way."""
    whole = (*(pair.start for pair in loop.carried), *(one.actual for one in loop.shared))
    return stack not in whole
