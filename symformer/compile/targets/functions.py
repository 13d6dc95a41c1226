"""Functions of an array library: signature, docstring, border, and a body in which no array is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from symformer.compile.border import (
    arrays_line,
    bound_lines,
    cotangent_lines,
    given_shapes_line,
    missing_sizes,
    near_shapes_line,
    parameter_lines,
    shape_line,
    size_lines,
    solved_sizes,
    split_lines,
    spread_line,
)
from symformer.compile.docstrings import INDENT, docstring, program_docstring
from symformer.compile.function import Gradients, argument_list, border_helper, joined, of_kind, size_line
from symformer.compile.jobs import Job, has_rows, typed
from symformer.compile.lines import program_lines, program_scope
from symformer.compile.lowering import Scope
from symformer.compile.names import input_names, output_names
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.balance import balanced
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.passes.terms import guarded_terms, only_read, only_where_set, without_names
from symformer.compile.schedules import NO_INPUT, input_views
from symformer.compile.targets.bodies import definition_lines, statement_lines
from symformer.compile.targets.dialect import Dialect
from symformer.compile.targets.expressions import Expressions
from symformer.notation import Element, Tensor
from symformer.ops.letters import ROWS
from symformer.programs import Computed, Program, is_defined


def library_function(job: Job, dialect: Dialect, called: str) -> str:
    """The source of a function of the library; `called` is its name there."""
    signature, program = job.signature, job.program
    kinds = {kind: of_kind(signature, kind) for kind in ("weight", "option", "precise", "size")}
    flat = [tensor for tensor in program.inputs if has_rows(tensor)]
    weights = {tensor.name for tensor in program.inputs if tensor.name in kinds["weight"]}
    numbers = kinds["option"] | {tensor.name for tensor in job.cotangents if not tensor.shape}
    scope = replace(program_scope(program, numbers, weights, kinds["precise"]), slopes=bool(job.cotangents))
    if flat or (signature.rows and not signature.lead):
        scope = replace(scope, weights=frozenset(scope.variables))
    options = {parameter.name for parameter in signature.parameters} - kinds["option"]
    checked = [tensor for tensor in program.inputs if tensor.name in options]
    like = next((p.name for p in job.parameters if p.kind in ("array", "weight") and p.default is None), "None")
    body = _library_body(job, scope, flat, Expressions(dialect, like, whole_inputs(program, scope)))
    lines = parameter_lines(job.name, job.parameters, program, f"default_dtype({like})")
    lines = [*_space(dialect, _arrays_of(job)), *lines, "real = inner_dtype(dtype)"]
    lines += [*(given_shapes_line(signature) if job.cotangents else []), *job.enter]
    arrays = [tensor for tensor in program.inputs if tensor.digest not in scope.numbers]
    bounds = bound_lines(job.name, checked, scope)
    known = {*kinds["size"], *(line.split(" = ")[0] for line in signature.after)}
    shaped = [tensor for tensor in checked if tensor.shape[has_rows(tensor) :]]
    sizes = size_lines([one for one in arrays if one not in job.cotangents], scope,
                       [*bounds, *signature.after, *body], known)  # fmt: skip
    lines += [*shape_line(job.name, shaped, scope), *sizes, *bounds, *signature.after, *body]
    lines.append("return " + ", ".join(job.results) + "," * (job.many and len(job.results) == 1))
    doc = docstring(job.name, job.parameters, signature)
    return _assemble(called, argument_list(job.parameters), doc, lines)


def _library_body(job: Job, scope: Scope, flat: Sequence[Tensor], write: Expressions) -> list[str]:
    signature, program = job.signature, job.program
    outputs = tuple(output_names(program, scope.variables))
    lines = only_read(without_names(program_lines(program, scope), outputs), outputs)
    lines = only_where_set(guarded_terms(lines, outputs), outputs)
    lines = balanced(lines, *job.balanced) if job.balanced is not None else lines
    lines = zero_where_hidden(as_absolute(lines))
    inputs = input_views(program, scope, lines, None)
    given = [tensor for tensor in program.inputs if tensor not in job.cotangents]
    batched = [t for t in given if signature.lead and inputs.get(scope.variables[t.digest], NO_INPUT).batched]
    checks = cotangent_lines(job, flat[1:] if flat else [], scope)
    body = definition_lines(lines, write, job.unbatched)
    if flat:
        return [*checks, *_flat_lines(flat, scope), *body]
    near = near_shapes_line(batched, scope) if job.cotangents else []
    return [*near, *spread_line(batched, scope), *checks, *body]


def _flat_lines(arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """All leading axes of these arrays as rows."""
    lines: list[str] = []
    for tensor in arrays:
        name, tail = scope.variables[tensor.digest], len(tensor.shape) - 1
        if not lines:
            lines.append(f"lead = tuple({name}.shape{f'[:-{tail}]' if tail else ''})")
        made = f"as_rows({name}, {tail})"
        lines.append(f"{name} = {made} if {name} is not None else None" if tensor.optional else f"{name} = {made}")
    return [*lines, f"{scope.sizes[ROWS]} = {scope.variables[arrays[0].digest]}.shape[0]"]


def _arrays_of(job: Job) -> list[str]:
    return [p.name for p in job.parameters if p.kind in ("array", "weight", "integer", "precise")]


def _space(dialect: Dialect, names: Sequence[str]) -> list[str]:
    """The line that says which library the arrays are of, where that is not known before."""
    return [f"xp = namespace({', '.join(names)})"] if dialect.np == "xp" else []


def whole_inputs(program: Program, scope: Scope) -> dict[str, str]:
    """The variables of inputs that hold whole numbers."""
    return {scope.variables[tensor.digest]: "i" for tensor in program.inputs
            if tensor.domain.whole and tensor.digest not in scope.numbers}  # fmt: skip


def program_function(
    name: str, program: Program, dialect: Dialect, backward: Gradients | None = None, called: str = ""
) -> str:
    """The source of a function of a program's inputs, in their order; leading axes are batch axes.

    Raises:
        CompileError: a definition has no form in the library.
    """
    opened = program.unfold(stable=True)
    named = input_names(opened)
    slopes = backward is not None or program.slopes
    scope = replace(program_scope(opened, set(), set(), set()), stable=True, slopes=slopes)
    border, like = _program_border(name, opened, named, dialect)
    lines = [*(backward.taken(named) if backward is not None else []), *border]
    body = statement_lines(opened, scope, Expressions(dialect, like, whole_inputs(opened, scope)))
    inside = {named[tensor.digest]: scope.variables[tensor.digest] for tensor in opened.inputs}
    lines += [f"{variable} = {given}" for given, variable in inside.items() if variable != given]
    sizes, asked = _program_sizes(name, opened, scope, body)
    outputs = [_own(*pair, like) for pair in zip(opened.outputs, output_names(opened, scope.variables), strict=True)]
    if backward is None:
        results = [typed(joined(*pair)) for pair in zip(outputs, opened.outputs, strict=True)]
    else:
        results = backward.results(outputs, {tensor.digest: inside[named[tensor.digest]] for tensor in opened.inputs})
    single = "," * (backward is not None and len(results) == 1)
    lines += [*sizes, *body, "return " + ", ".join(results) + single]
    taken = list(named.values()) if backward is None else backward.arguments(named)
    doc = program_docstring(program) if backward is None else backward.docstring(named)
    return _assemble(called or name, ", ".join([*taken, *(["*", *asked] if asked else [])]), doc, lines)


def _program_border(name: str, program: Program, named: Mapping[str, str], dialect: Dialect) -> tuple[list[str], str]:
    """The lines that take inputs in, and an array of the dtype that is computed in."""
    borders = {tensor.digest: border_helper(tensor, ()) for tensor in program.inputs}
    reals = [named[digest] for digest, border in borders.items() if border == "real_arrays"]
    like = next(iter(reals or named.values()), "None")
    lines = _space(dialect, list(named.values()))
    lines += [arrays_line(name, "real_arrays", reals)] if reals else [f"dtype = default_dtype({like})"]
    lines += [f'{named[digest]} = {border}("{name}", "{named[digest]}", {named[digest]})'
              for digest, border in borders.items() if border != "real_arrays"]  # fmt: skip
    lines += [f'check_positive("{name}", "{named[tensor.digest]}", {named[tensor.digest]})'
              for tensor in program.inputs if tensor.domain.kind == "positive" and not tensor.shape]  # fmt: skip
    return [*lines, "real = inner_dtype(dtype)"], like


def _program_sizes(name: str, program: Program, scope: Scope, body: Collection[str]) -> tuple[list[str], list[str]]:
    """The lines that find sizes and check shapes, and the sizes that a caller has to give."""
    splitting, told = split_lines(name, program.inputs, scope)
    lines = [*(size_line(name, size) for size in told), *splitting]
    axes = [tensor for tensor in program.inputs if tensor.shape]
    solved = solved_sizes(axes, scope)
    own = {scope.sizes.get(size) for tensor in axes for size in tensor.shape}
    missing = missing_sizes(scope, body)
    asked = [size for size in missing if size not in solved and size not in own]
    lines += [size_line(name, size) for size in asked]
    lines += [solved[size] for size in missing if size in solved]
    bounds = bound_lines(name, axes, scope)
    lines += shape_line(name, axes, scope)
    lines += size_lines(program.inputs, scope, [*bounds, *body], {*asked, *solved})
    return [*lines, *bounds], [*told, *(size for size in asked if size not in told)]


def _own(output: Computed, variable: str, like: str) -> str:
    """A result as an array, in memory of its own: what only reads entries may be a view of an input."""
    if not is_defined(output):
        return variable
    body = output.origin.definition.body
    reads = isinstance(body, Element)
    found = f"as_constant({variable}, real, {like})" if not (output.shape or output.origin.parents) else variable
    return f"own_copy({found})" if reads else found


def _assemble(name: str, arguments: str, doc: Sequence[str], lines: Sequence[str]) -> str:
    body = "\n".join(INDENT + line if line else "" for line in (*doc, *lines))
    return f"def {name}({arguments}):\n{body}\n"
