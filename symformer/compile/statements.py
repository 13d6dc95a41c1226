"""Definitions to statements of Python: one formula, one assignment, and the guard around them."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Symbol

from symformer.compile.lowering import Scope, lower
from symformer.compile.names import passed_through, size_names, variables
from symformer.compile.numpy_source import emit
from symformer.notation import Written, lift
from symformer.programs import Computed, Program
from symformer.typeset import text

INDENT = "    "


def program_scope(program: Program, numbers: set[str], weights: set[str], precise: set[str]) -> Scope:
    """What names mean in the function of a program, some of whose inputs are options, weights or float64."""

    def digests(names: set[str]) -> frozenset[str]:
        return frozenset(tensor.digest for tensor in program.inputs if tensor.name in names)

    return Scope(
        variables(program),
        digests(numbers),
        digests(weights),
        size_names(program),
        frozenset(tensor.digest for tensor in program.inputs if tensor.domain.kind == "mask"),
        _precise(program, digests(precise), digests(numbers)),
    )


def _precise(program: Program, given: frozenset[str], numbers: frozenset[str]) -> frozenset[str]:
    """What is computed from float64 inputs and from numbers alone."""
    found = set(given)
    for statement in program.statements if given else ():
        if all(parent.digest in found or parent.digest in numbers for parent in statement.origin.parents):
            found.add(statement.digest)
    return frozenset(found)


def statement_lines(statement: Computed, scope: Scope) -> list[str]:
    """The formula as a comment, and the code below it."""
    definition = statement.origin.definition
    variable = scope.variables[statement.digest]
    formula = text(statement.equation()).replace("\n", " ")
    inner = _sized(scope, statement.indices, statement.shape)
    inner = replace(inner, is_precise=statement.digest in scope.precise)
    code = _assignment(variable, definition.body, statement.indices, inner)
    if definition.guard is None:
        return [f"# {formula}", code]
    lines = [f"# {formula}, {definition.guard.words}", f"if {definition.guard.code}:", INDENT + code]
    source = passed_through(statement)
    if source is None or source.origin is None:
        assert definition.otherwise is not None
        other = _assignment(variable, definition.otherwise, statement.indices, inner)
        lines += [f"else:  # {text(definition.otherwise.layout().box)}", INDENT + other]
    return lines


def _assignment(variable: str, body: Written, axes: tuple[Symbol, ...], scope: Scope) -> str:
    return f"{variable} = {emit(lower(body, axes, scope), axes)}"


def _sized(scope: Scope, letters: tuple[Symbol, ...], shape: tuple[Expr, ...]) -> Scope:
    texts = {letter: size_text(size, scope) for letter, size in zip(letters, shape, strict=True)}
    return replace(scope, sizes={**scope.sizes, **texts})


def size_text(size: Expr, scope: Scope) -> str:
    """The Python text of a size."""
    return emit(lower(lift(size), (), scope), ())
