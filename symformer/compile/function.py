"""From a program to the text of a NumPy function: signature, docstring, border, and a formula above each line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from symformer.compile.arrays import CompileError
from symformer.compile.body import body_lines
from symformer.compile.border import (
    arrays_line,
    bound_lines,
    cotangent_lines,
    flat_lines,
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
from symformer.compile.emission.reading import names_read
from symformer.compile.jobs import Job, backward_job, forward_job, has_rows, typed
from symformer.compile.layers import everything_at_once, statement_lines
from symformer.compile.layout import Layout
from symformer.compile.lines import program_lines, program_scope
from symformer.compile.lowering import Scope
from symformer.compile.names import free, input_names, output_names, variables
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.balance import balanced
from symformer.compile.passes.deltas import at_positions
from symformer.compile.passes.exchange import exchanged
from symformer.compile.passes.gathered import gathered_late
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.passes.quotients import as_quotients
from symformer.compile.passes.running import as_running
from symformer.compile.passes.shifts import tried_without_shift
from symformer.compile.passes.sums_apart import sums_apart
from symformer.compile.passes.terms import guarded_terms, only_read, only_where_set, without_names
from symformer.compile.schedules import NO_INPUT, in_blocks, input_views, is_float, tiled
from symformer.notation import Element, Tensor
from symformer.ops import Parameter, Signature
from symformer.programs import Computed, Program, is_defined

QUIET = '@np.errstate(all="ignore")'  # what overflows or divides by 0 shows in the result, as in every array library


def function_sources(signature: Signature, wrt: Collection[str] | None = None) -> dict[str, str]:
    """The sources of the functions that a signature describes, by name: itself, and its backward function."""
    jobs = [forward_job(signature), *([backward_job(signature, wrt)] if signature.differentiable else [])]
    return {job.name: function_source(job) for job in jobs}


def function_source(job: Job) -> str:
    """The source of one function."""
    signature, program = job.signature, job.program
    kinds = {kind: of_kind(signature, kind) for kind in ("weight", "option", "precise", "size")}
    flat = any(has_rows(tensor) for tensor in program.inputs)
    weights = {tensor.name for tensor in program.inputs if tensor.name in kinds["weight"]}
    numbers = kinds["option"] | {tensor.name for tensor in job.cotangents if not tensor.shape}
    scope = replace(program_scope(program, numbers, weights, kinds["precise"]), slopes=bool(job.cotangents))
    if flat or (signature.rows and not signature.lead):
        scope = replace(scope, weights=frozenset(scope.variables))
    checked = [t for t in program.inputs if t.name in {p.name for p in signature.parameters} - kinds["option"]]
    body = _body(job, scope)
    shapes = given_shapes_line(signature) if job.cotangents else []
    lines = [*parameter_lines(job.name, job.parameters, program), *shapes, *job.enter]
    lines += prelude(job.name, program, scope, checked, body, signature.after, kinds["size"], job.cotangents)
    lines += [*body, "return " + ", ".join(job.results) + "," * (job.many and len(job.results) == 1)]
    return assembled(job.name, argument_list(job.parameters), docstring(job.name, job.parameters, signature), lines)


def program_source(
    name: str,
    program: Program,
    weights: Collection[str] = (),
    precise: Collection[str] = (),
    rows: str | None = "",
    block: int = 0,
    backward: Gradients | None = None,
) -> str:
    """The source of a function of a program's inputs, in their order; leading axes are batch axes.

    Args:
        name: the function's name.
        program: what it computes.
        weights: the names of inputs without batch axes.
        precise: the names of inputs that are computed in float64 until they meet others.
        rows: the index whose rows are processed in blocks, entry by entry of the batch; by default one that suits the
            program, and None for everything at once.
        block: how many bytes the widest array of a block may have.
        backward: for the backward function of a program, its cotangents and what its outputs are gradients of.

    Raises:
        CompileError: no definition has an index of that name, or rows are asked for and there is a repeat.
    """
    opened = program.unfold(stable=True)
    named = input_names(opened)
    borders = {tensor.digest: border_helper(tensor, precise) for tensor in opened.inputs}
    exact = {tensor.name for tensor in opened.inputs if borders[tensor.digest] == "precise_array"}
    slopes = backward is not None or program.slopes
    scope, body, spread = _scope_and_body(opened, set(weights), exact, slopes, rows, block)
    entered = [*(backward.taken(named) if backward is not None else ()), *_taken_in(name, opened, named, borders)]
    inside = {named[digest]: scope.variables[digest] for digest in borders}
    entered += [f"{variable} = {given}" for given, variable in inside.items() if variable != given]
    sized, asked = _size_lines(name, opened, scope, body)
    near = named
    if spread and backward is not None:  # a gradient is summed over the batch axes that its input lacked
        near = {one.digest: free(f"{named[one.digest]}_near", scope.variables.values()) for one in backward.wrt}
        sized += [f"{given} = {named[digest]}" for digest, given in near.items()]
    outputs = [_own(*pair) for pair in zip(opened.outputs, output_names(opened, scope.variables), strict=True)]
    if backward is None:
        results = [typed(joined(*pair)) for pair in zip(outputs, opened.outputs, strict=True)]
    else:
        results = backward.results(outputs, near)
    left = "return " + ", ".join(results) + "," * (backward is not None and len(results) == 1)
    taken = list(named.values()) if backward is None else backward.arguments(named)
    arguments = [*taken, *(["*", *asked] if asked else [])]
    doc = program_docstring(program) if backward is None else backward.docstring(named)
    return assembled(name, ", ".join(arguments), doc, [*entered, *sized, *body, left])


def _taken_in(function: str, program: Program, named: Mapping[str, str], borders: Mapping[str, str]) -> list[str]:
    """Inputs through the helpers at the border: reals together, the others one by one; what has to be positive."""
    reals = [named[digest] for digest, border in borders.items() if border == "real_arrays"]
    single = {named[digest]: border for digest, border in borders.items() if border != "real_arrays"}
    positive = [one for one in program.inputs if one.domain.kind == "positive" and not one.shape]
    return [
        *([arrays_line(function, "real_arrays", reals)] if reals else ["dtype = np.float64"]),
        *(f'{variable} = {border}("{function}", "{variable}", {variable})' for variable, border in single.items()),
        *(f'check_positive("{function}", "{named[one.digest]}", {named[one.digest]})' for one in positive),
    ]


def _scope_and_body(
    program: Program, weights: set[str], exact: set[str], slopes: bool, rows: str | None, block: int
) -> tuple[Scope, list[str], bool]:
    """Names of variables, the lines that compute, and whether these go through the batch entry by entry."""
    scope = replace(program_scope(program, set(), weights, exact), stable=True, slopes=slopes)
    body, spread = _program_body(program, scope, rows, block)
    if spread and scope.variables != variables(program, parts=True):  # in blocks, parts of arrays have names
        scope = replace(program_scope(program, set(), weights, exact, parts=True), stable=True, slopes=slopes)
        body, spread = _program_body(program, scope, rows, block)
    return scope, body, spread


def _size_lines(function: str, program: Program, scope: Scope, body: Sequence[str]) -> tuple[list[str], list[str]]:
    """Lines that find sizes, split axes and check shapes; and the sizes that the caller has to give."""
    splitting, told = split_lines(function, program.inputs, scope)
    axes = [tensor for tensor in program.inputs if tensor.shape]
    solved = solved_sizes(axes, scope)
    own = {scope.sizes.get(size) for tensor in axes for size in tensor.shape}
    missing = missing_sizes(scope, body)
    asked = [size for size in missing if size not in solved and size not in own]
    lines = [
        *(size_line(function, size) for size in told),
        *splitting,
        *(size_line(function, size) for size in asked),
        *(solved[size] for size in missing if size in solved),
        *prelude(function, program, scope, axes, body, given={*asked, *solved}),
    ]
    return lines, [*told, *(size for size in asked if size not in told)]


@dataclass(frozen=True)
class Gradients:
    """How the backward function of a program looks from outside: `f_vjp(cotangent, *inputs)`, a tuple back.

    Attributes:
        name: of the forward function.
        cotangents: the cotangents of its outputs, in order.
        inputs: its inputs, in order.
        wrt: those that have a gradient, in the order of the backward program's outputs; the others get None.
    """

    name: str
    cotangents: tuple[Tensor, ...]
    inputs: tuple[Tensor, ...]
    wrt: tuple[Tensor, ...]

    def cotangent(self, named: Mapping[str, str]) -> str:
        """The argument for the cotangents: an array, or a tuple of them."""
        return free("cotangent", named.values())

    def arguments(self, named: Mapping[str, str]) -> list[str]:
        """The names of its arguments."""
        return [self.cotangent(named), *(named[tensor.digest] for tensor in self.inputs)]

    def taken(self, named: Mapping[str, str]) -> list[str]:
        """The cotangents under the names that the program has for them."""
        return [f"{', '.join(named[one.digest] for one in self.cotangents)} = {self.cotangent(named)}"]

    def results(self, outputs: Sequence[str], named: Mapping[str, str]) -> list[str]:
        """One gradient for each input, summed over the axes along which the input was broadcast; None for others."""
        found = dict(zip((tensor.digest for tensor in self.wrt), outputs, strict=True))
        return [
            typed(joined(f"summed_like({found[tensor.digest]}, {named[tensor.digest]})", tensor))
            if tensor.digest in found
            else "None"
            for tensor in self.inputs
        ]

    def docstring(self, named: Mapping[str, str]) -> list[str]:
        """The lines of its docstring."""
        listed = program_docstring(Program(self.inputs, ()))
        args = listed[listed.index("Args:") + 1 : -1]
        one = "gradient of the loss in the result, of its shape"
        several = "tuple of the gradients of the loss in the results, in their order"
        return [
            f'"""Backward pass of `{self.name}`, by reverse mode; leading axes are batch axes.',
            "",
            "Args:",
            f"{INDENT}{self.cotangent(named)}: {one if len(self.cotangents) == 1 else several}",
            *args,
            "",
            "Returns:",
            f"{INDENT}tuple of gradients, one for each input in order, None for what has none.",
            '"""',
        ]


def size_line(function: str, size: str) -> str:
    """The line that takes a size in which a caller has to give."""
    return f'{size} = number("{function}", "{size}", {size}, whole=True, least=1)'


def joined(code: str, tensor: Tensor) -> str:
    """A result, with those axes as one that are one in the array."""
    return f"join_axes({code}, {', '.join(map(str, tensor.joined))})" if tensor.joined else code


def _own(output: Computed, variable: str) -> str:
    """A result in memory of its own: what only reads entries would be a view of an input or of another result."""
    views = is_defined(output) and isinstance(output.origin.definition.body, Element)
    return f"np.array({variable})" if views else variable


def border_helper(tensor: Tensor, precise: Collection[str]) -> str:
    """The helper that takes an input of a program in."""
    if tensor.domain.whole:
        return "whole_array"
    if tensor.domain.kind == "mask":
        return "mask_array"
    return "precise_array" if tensor.name in precise else "real_arrays"


def _program_body(program: Program, scope: Scope, rows: str | None, block: int) -> tuple[list[str], bool]:
    """Everything at once, layer by layer in a repeat; or batch axes broadcast, which is told, and blocks of rows."""
    if not rows and not all(is_defined(one) for one in program.statements):
        return statement_lines(program, scope), False
    if not rows:
        found = as_running(gathered_late(program_lines(program, scope)), output_names(program, scope.variables))
        blocks = tiled(program, scope, found) if rows is not None else None
        return (
            (blocks, True)
            if blocks is not None
            else (everything_at_once(found, output_names(program, scope.variables)), False)
        )
    _refuse_repeats(program)
    outputs = tuple(output_names(program, scope.variables))
    lines = zero_where_hidden(as_absolute(only_read(without_names(program_lines(program, scope), outputs), outputs)))
    row, size = _row(rows, program, scope)
    if row is None:
        raise CompileError(f"rows: no definition has an index {rows}")
    lines = sums_apart(lines, row)
    return in_blocks(program, scope, lines, Layout({}, outputs, row, size, block=block)), True


def imports(source: str) -> str:
    """The import lines that the source of functions needs, without those of the helpers."""
    wanted = ["import math\n"] if "math." in source else []
    wanted += ["from functools import lru_cache\n"] if "@lru_cache" in source else []
    return "".join([*wanted, "\n" * bool(wanted), "import numpy as np\n"])


def of_kind(signature: Signature, kind: str) -> set[str]:
    """The names of the parameters of a kind."""
    return {parameter.name for parameter in signature.parameters if parameter.kind == kind}


def _body(job: Job, scope: Scope) -> list[str]:
    """Rows from leading axes, or batch axes broadcast, and then the lines."""
    signature, program = job.signature, job.program
    outputs = tuple(output_names(program, scope.variables))
    lines = only_read(without_names(program_lines(program, scope), outputs), outputs)
    lines = at_positions(guarded_terms(lines, outputs))
    lines = as_quotients(exchanged(only_where_set(lines, outputs)), outputs)
    lines = balanced(lines, *job.balanced) if job.balanced is not None else lines
    lines = zero_where_hidden(as_absolute(tried_without_shift(lines) if signature.tried else lines))
    row, size = _row(signature.rows, program, scope)
    inputs = input_views(program, scope, lines, row)
    flat = [tensor for tensor in program.inputs if has_rows(tensor)]
    given = [tensor for tensor in program.inputs if tensor not in job.cotangents]
    batched = [t for t in given if signature.lead and inputs.get(scope.variables[t.digest], NO_INPUT).batched]
    like = next((scope.variables[t.digest] for t in given if is_float(t, scope)), "")
    layout = Layout(inputs, outputs, row, size, signature.lead, like, job.unbatched, column=signature.columns)
    near = near_shapes_line(batched, scope) if job.cotangents else []
    checks = cotangent_lines(job, flat[1:] if flat else [], scope)
    if flat:
        return [*checks, *flat_lines(flat, scope), *body_lines(lines, layout)]
    return [*near, *spread_line(batched, scope), *checks, *body_lines(lines, layout)]


def _refuse_repeats(program: Program) -> None:
    """Blocks of rows are for programs without repeats.

    Raises:
        CompileError: there is one; it is named.
    """
    for statement in program.statements:
        if not is_defined(statement):
            raise CompileError(f"rows: {statement.name} is a repeat, which is not computed in blocks of rows")


def _row(rows: str, program: Program, scope: Scope) -> tuple[Symbol | None, str]:
    """The row index and the text of its size."""
    for statement in program.statements if rows else ():
        axes = scope.axes[statement.digest]
        for letter, axis, size in zip(statement.indices, axes, statement.shape, strict=True):
            if letter.name == rows:
                return axis, scope.sizes[size]
    return None, ""


def assembled(name: str, arguments: str, doc: Sequence[str], lines: Sequence[str]) -> str:
    """The text of a function: its head, docstring and lines."""
    body = "\n".join(INDENT + line if line else "" for line in (*doc, *lines))
    return f"{QUIET}\ndef {name}({arguments}):\n{body}\n"


def prelude(
    function: str,
    program: Program,
    scope: Scope,
    checked: Sequence[Tensor],
    body: Sequence[str],
    after: Sequence[str] = (),
    given: Collection[str] = (),
    late: Collection[Tensor] = (),
) -> list[str]:
    """Checks, sizes, and options that need them."""
    arrays = [tensor for tensor in program.inputs if tensor.digest not in scope.numbers and tensor not in late]
    bounds = bound_lines(function, checked, scope)
    known = {*given, *(line.split(" = ")[0] for line in after)}
    real = ["real = np.result_type(dtype, np.float32)"] if "real" in names_read(body) else []
    shaped = [tensor for tensor in checked if tensor.shape[has_rows(tensor) :]]
    sizes = size_lines(arrays, scope, [*bounds, *after, *body], known)
    return [*shape_line(function, shaped, scope), *sizes, *real, *bounds, *after]


def argument_list(parameters: Sequence[Parameter]) -> str:
    """The text between the brackets of a signature."""
    pieces, star = [], False
    for parameter in parameters:
        if parameter.keyword and not star:
            pieces.append("*")
            star = True
        pieces.append(parameter.name if parameter.default is None else f"{parameter.name}={parameter.default}")
    return ", ".join(pieces)
