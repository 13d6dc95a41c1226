"""Lines: definitions lowered to arrays, with the formula that stands above each, and what a pass may ask about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Symbol

from symformer.compile.arrays import Array, Axes, loads
from symformer.compile.emission.nodes import emit
from symformer.compile.lowering import Scope, lower
from symformer.compile.names import changing, passed_through, size_names, variables
from symformer.compile.stable import stable_form
from symformer.notation import Binder, lift, walk
from symformer.notation.names import one_line
from symformer.programs import Computed, Guard, Program, is_defined
from symformer.typeset import text


@dataclass(frozen=True)
class Line:
    """One definition.

    Attributes:
        variable: what holds it.
        axes: its letters.
        array: what it is computed by.
        formula: what stands above it.
        guard: the option on which it depends.
        other: what it is where the guard does not hold; None if the variable then stays as it is.
        other_formula: that, as it is printed.
        adds: whether it adds up over blocks.
        sizes: the Python text of the size of each axis.
        collapses: whether what it adds is summed over batch axes.
    """

    variable: str
    axes: Axes
    array: Array
    formula: str
    guard: Guard | None = None
    other: Array | None = None
    other_formula: str = ""
    adds: bool = False
    sizes: tuple[str, ...] = ()
    collapses: bool = False

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What it is computed by, and what else."""
        return (self.array,) if self.other is None else (self.array, self.other)

    @cached_property
    def reads(self) -> list[str]:
        """The variables that it reads."""
        return [name for array in self.arrays for name in loads(array)]

    def mapped(self, rule: Callable[[Array], Array]) -> Line:
        """The line with every array node changed, parts first."""
        other = None if self.other is None else mapped(self.other, rule)
        return replace(self, array=mapped(self.array, rule), other=other)


def mapped(array: Array, rule: Callable[[Array], Array]) -> Array:
    """The array with every node changed, parts first."""
    return rule(array.over_kids(tuple(mapped(kid, rule) for kid in array.kids)))


def read_after(lines: Sequence[Line], place: int) -> set[str]:
    """The variables that are read behind a line."""
    return {name for line in lines[place + 1 :] for name in line.reads}


def opposite(guard: Guard) -> Guard:
    """A guard that holds where another does not."""
    plain = guard.code.endswith(" is not None")
    code = guard.code.replace(" is not None", " is None") if plain else f"not ({guard.code})"
    return replace(guard, code=code, words=f"unless {guard.words.removeprefix('if ')}")


def program_scope(
    program: Program, numbers: set[str], weights: set[str], precise: set[str], parts: bool = False
) -> Scope:
    """What names mean in the function of a program, some of whose inputs are options, weights or float64.

    With `parts`, passes may name parts of what the variables hold.
    """

    def digests(names: set[str]) -> frozenset[str]:
        return frozenset(tensor.digest for tensor in program.inputs if tensor.name in names)

    names = variables(program, parts)
    return Scope(
        names,
        digests(numbers) | constants(program),
        digests(weights),
        size_names(program),
        frozenset(tensor.digest for tensor in program.inputs if tensor.domain.kind == "mask"),
        precisely(program, digests(precise), digests(numbers)),
        changing=changing(names),
    )


def constants(program: Program) -> frozenset[str]:
    """Digests of the definitions that are Python numbers: of no array and no sum."""
    return frozenset(
        statement.digest
        for statement in program.statements
        if is_defined(statement)
        and not (statement.shape or statement.origin.parents or statement.origin.definition.guard)
        and not any(isinstance(part, Binder) for part in walk(statement.origin.definition.body))
    )


def precisely(program: Program, given: frozenset[str], numbers: frozenset[str]) -> frozenset[str]:
    """What is computed from float64 inputs and from numbers alone."""
    found = set(given)
    for statement in program.statements if given else ():
        if all(parent.digest in found or parent.digest in numbers for parent in statement.origin.parents):
            found.add(statement.digest)
    return frozenset(found)


def program_lines(program: Program, scope: Scope) -> list[Line]:
    """One line a definition; those that only give another name to what is there are left out."""
    return [definition_line(statement, scope) for statement in program.statements]


def definition_line(statement: Computed, scope: Scope) -> Line:
    """The line of one definition."""
    axes = _axes(statement, scope)
    definition = statement.origin.definition.at(axes)
    inner = _sized(scope, axes, statement.shape)
    inner = replace(inner, is_precise=statement.digest in scope.precise, guard=definition.guard)
    line = Line(
        scope.variables[statement.digest],
        axes,
        lower(stable_form(definition.body) if scope.stable else definition.body, axes, inner),
        one_line(text(statement.equation())),
        definition.guard,
        sizes=tuple(inner.sizes[axis] for axis in axes),
    )
    if definition.guard is None:
        return line
    source = passed_through(statement)
    if source is not None and scope.variables[source.digest] == line.variable:
        return line
    assert definition.otherwise is not None
    other = lower(definition.otherwise, axes, replace(inner, holds=False))
    formula = one_line(text(statement.origin.definition.otherwise.layout().box))
    return replace(line, other=other, other_formula=formula)


def _axes(statement: Computed, scope: Scope) -> Axes:
    """The axes that a definition's indices are, from now on known as those of its tensor."""
    axes: list[Symbol] = []
    for index in statement.indices:
        axes.append(scope.axis(index, statement.origin.definition.body, axes))
    return scope.axes.setdefault(statement.digest, tuple(axes))


def _sized(scope: Scope, letters: tuple[Symbol, ...], shape: tuple[Expr, ...]) -> Scope:
    texts = {letter: size_text(size, scope) for letter, size in zip(letters, shape, strict=True)}
    return replace(scope, sizes={**scope.sizes, **texts}, extents=dict(zip(letters, shape, strict=True)))


def size_text(size: Expr, scope: Scope) -> str:
    """The Python text of a size."""
    return emit(lower(lift(size), (), scope), ())
