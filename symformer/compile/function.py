"""From a program to the text of a NumPy function: signature, docstring, border, and a formula above each line."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy import Expr, Symbol

from symformer.compile.arrays import CompileError
from symformer.compile.helpers import helper_sources
from symformer.compile.lower import Scope, lower
from symformer.compile.numpy_source import emit
from symformer.notation import Element, Tensor, Written, lift
from symformer.ops import Parameter, Signature
from symformer.programs import Computed, Program
from symformer.typeset import text

INDENT = "    "


def function_source(signature: Signature) -> str:
    """The source of the function that a signature describes."""
    program = signature.program().unfold(stable=True)
    reals = [parameter for parameter in signature.parameters if parameter.kind in ("array", "weight")]
    missing = [parameter.name for parameter in reals if parameter.default == "None"]
    lines = [_arrays_line(signature.name, [parameter.name for parameter in reals], missing)]
    lines += _option_lines(signature, program)
    lines += signature.enter
    weights = {parameter.name for parameter in reals if parameter.kind == "weight"}
    parameters = [parameter.name for parameter in signature.parameters]
    lines += _program_lines(signature.name, program, weights, _option_names(program), parameters, signature.after)
    leave = (signature.leave or "{}").replace("{}", output_names(program)[-1])
    lines.append(f"return np.asarray({leave}).astype(dtype, copy=False)[()]")
    return _assemble(signature.name, _arguments(signature.parameters), _docstring(signature), lines)


def program_source(name: str, program: Program) -> str:
    """The source of a function of a program's inputs, in their order; leading axes are batch axes."""
    opened = program.unfold(stable=True)
    named = _input_names(opened)
    reals = [
        named[tensor.digest] for tensor in opened.inputs if tensor.domain.kind != "mask" and not tensor.domain.whole
    ]
    lines = [_arrays_line(name, reals)] if reals else ["dtype = float"]
    for tensor in opened.inputs:
        variable = named[tensor.digest]
        if variable not in reals:
            kind = "whole_array" if tensor.domain.whole else "real_array"
            lines.append(f'{variable} = {kind}("{name}", "{variable}", {variable})')
    lines += _program_lines(name, opened, set(), set())
    results = [f"np.asarray({variable}).astype(dtype, copy=False)[()]" for variable in output_names(opened)]
    lines.append("return " + ", ".join(results))
    return _assemble(name, ", ".join(named.values()), _program_docstring(program), lines)


def imports(source: str) -> str:
    """The import lines that the source of functions needs, without those of the helpers."""
    wanted = ["import math\n\n"] if "math." in source else []
    return "".join([*wanted, "import numpy as np\n"])


def identifier(name: str) -> str:
    """A Python name for a tensor: primes go, keywords get an underscore."""
    plain = re.sub(r"\W", "_", name.replace("'", ""), flags=re.ASCII)
    plain = plain if plain.isidentifier() else f"_{plain}"
    return (
        plain + "_" if keyword.iskeyword(plain) or plain in ("np", "math", "dtype", "sum", *helper_sources()) else plain
    )


def _assemble(name: str, arguments: str, docstring: Sequence[str], lines: Sequence[str]) -> str:
    body = "\n".join(INDENT + line if line else "" for line in (*docstring, *lines))
    return f"def {name}({arguments}):\n{body}\n"


def _arrays_line(function: str, names: Sequence[str], missing: Sequence[str] = ()) -> str:
    """Conversion to arrays; those in `missing` may be None."""
    given = ", ".join([*(f'"{name}"' for name in missing), *(f"{name}={name}" for name in names)])
    return f'{", ".join(names)}, dtype = arrays("{function}", {given})'


def _option_names(program: Program) -> set[str]:
    return {tensor.name for tensor in program.inputs if not tensor.shape}


def _option_lines(signature: Signature, program: Program) -> list[str]:
    whole = {tensor.name: tensor.domain.kind == "integer" for tensor in program.inputs}
    lines = []
    for parameter in signature.parameters:
        if parameter.kind == "option" and parameter.name in _option_names(program):
            extra = (", whole=True" if whole[parameter.name] else "") + (
                ", none=True" if parameter.default == "None" else ""
            )
            name = parameter.name
            lines.append(f'{name} = number("{signature.name}", "{name}", {name}{extra})')
    return lines


def _program_lines(
    function: str,
    program: Program,
    weights: set[str],
    numbers: set[str],
    checked: Sequence[str] | None = None,
    after: Sequence[str] = (),
) -> list[str]:
    """Checks, sizes and one statement a definition. Without `checked`, all inputs are checked."""
    arrays = [tensor for tensor in program.inputs if tensor.name not in numbers]
    names = _input_names(program)
    scope = Scope(
        _variables(program),
        frozenset(tensor.digest for tensor in program.inputs if tensor.name in numbers),
        frozenset(tensor.digest for tensor in program.inputs if tensor.name in weights),
        {size: _free(identifier(size.name), names.values()) for size in program.sizes},
        frozenset(tensor.digest for tensor in program.inputs if tensor.domain.kind == "mask"),
    )
    body = [line for statement in program.statements for line in _statement(statement, scope)]
    shown = [tensor for tensor in arrays if tensor.shape and (checked is None or tensor.name in checked)]
    specs = ", ".join(_spec(tensor, names[tensor.digest], tensor.name in weights) for tensor in shown)
    checks = [f'shapes("{function}", {specs})'] if specs else []
    bounds = _bound_lines(function, shown, scope)
    used = [*bounds, *after, *body]
    real = ["real = np.result_type(dtype, np.float32)"] if "astype(real)" in "\n".join(body) else []
    return [*checks, *_size_lines(arrays, scope, "\n".join(used)), *real, *used]


def _bound_lines(function: str, arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """Positions are checked against the size that they point into."""
    return [
        f'positions("{function}", "{scope.variables[tensor.digest]}", {scope.variables[tensor.digest]}, '
        f"{emit(lower(lift(tensor.domain.upper), (), scope), ())})"
        for tensor in arrays
        if tensor.domain.upper is not None
    ]


def _input_names(program: Program) -> dict[str, str]:
    """A Python name for each input, by digest; names that would be the same get an underscore."""
    names: dict[str, str] = {}
    for tensor in program.inputs:
        names[tensor.digest] = _free(identifier(tensor.name), names.values())
    return names


def _free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _spec(tensor: Tensor, name: str, weight: bool) -> str:
    letters = " ".join(str(size) if size.is_Symbol or size.is_Integer else "*" for size in tensor.shape)
    return f'{name}=({name}, "{"=" if weight else ""}{letters}")'


def _size_lines(arrays: Sequence[Tensor], scope: Scope, body: str) -> list[str]:
    """One line for each size whose number the body uses, from the first input that has such an axis."""
    lines: dict[str, str] = {}
    for tensor in arrays:
        for place, size in enumerate(tensor.shape):
            text = scope.sizes.get(size, "")
            used = text and re.search(rf"(?<![\w.]){text}\b", body)
            if used and text not in lines and not tensor.optional:
                lines[text] = f"{text} = {scope.variables[tensor.digest]}.shape[{place - len(tensor.shape)}]"
    for text in scope.sizes.values():
        if text not in lines and re.search(rf"(?<![\w.\"]){text}\b(?!\")", re.sub(r"#.*", "", body)):
            raise CompileError(f"no input has an axis of size {text}, so its number is not known")
    return list(lines.values())


def _variables(program: Program) -> dict[str, str]:
    """A variable for each tensor; what is the same under a closed guard shares one."""
    names = _input_names(program)
    taken = set(names.values()) | {_free(identifier(size.name), names.values()) for size in program.sizes}
    for statement in program.statements:
        source = _passed_through(statement)
        if source is not None and source.origin is not None:
            names[statement.digest] = names[source.digest]
            continue
        names[statement.digest] = _free(identifier(statement.name), taken)
        taken.add(names[statement.digest])
    return names


def output_names(program: Program) -> list[str]:
    """The variables that hold the outputs."""
    names = _variables(program)
    return [names[output.digest] for output in program.outputs]


def _passed_through(statement: Computed) -> Tensor | None:
    """The tensor that a guarded statement equals where its guard does not hold."""
    other = statement.origin.definition.otherwise
    same = isinstance(other, Element) and other.symbols == statement.indices
    return other.tensor if same and isinstance(other, Element) else None


def _statement(statement: Computed, scope: Scope) -> list[str]:
    definition = statement.origin.definition
    variable = scope.variables[statement.digest]
    formula = text(statement.equation()).replace("\n", " ")
    inner = _sized(scope, statement.indices, statement.shape)
    code = _assignment(variable, definition.body, statement.indices, inner)
    if definition.guard is None:
        return [f"# {formula}", *code]
    lines = [
        f"# {formula}, {definition.guard.words}",
        f"if {definition.guard.code}:",
        *(INDENT + line for line in code),
    ]
    if _passed_through(statement) is None or _passed_through(statement).origin is None:  # type: ignore[union-attr]
        assert definition.otherwise is not None
        other = _assignment(variable, definition.otherwise, statement.indices, inner)
        lines += [f"else:  # {text(definition.otherwise.layout().box)}", *(INDENT + line for line in other)]
    return lines


def _assignment(variable: str, body: Written, axes: tuple[Symbol, ...], scope: Scope) -> list[str]:
    code = emit(lower(body, axes, scope), axes)
    if "np.log(" in code:
        return ['with np.errstate(divide="ignore"):', f"{INDENT}{variable} = {code}"]
    return [f"{variable} = {code}"]


def _sized(scope: Scope, letters: tuple[Symbol, ...], shape: tuple[Expr, ...]) -> Scope:
    texts = {letter: emit(lower(lift(size), (), scope), ()) for letter, size in zip(letters, shape, strict=True)}
    return replace(scope, sizes={**scope.sizes, **texts})


def _arguments(parameters: Sequence[Parameter]) -> str:
    pieces, star = [], False
    for parameter in parameters:
        if parameter.keyword and not star:
            pieces.append("*")
            star = True
        pieces.append(parameter.name if parameter.default is None else f"{parameter.name}={parameter.default}")
    return ", ".join(pieces)


def _docstring(signature: Signature) -> list[str]:
    arguments = [f"{INDENT}{parameter.name}: {parameter.doc}." for parameter in signature.parameters]
    raises = ["ValueError: a shape that does not fit.", "TypeError: a dtype that does not fit."]
    return [
        f'"""{signature.summary}',
        "",
        *signature.notes,
        "Args:",
        *arguments,
        "",
        "Returns:",
        f"{INDENT}{signature.returns}.",
        "",
        "Raises:",
        *(INDENT + line for line in raises),
        "",
        f"Source: {signature.source}.",
        '"""',
    ]


def _program_docstring(program: Program) -> list[str]:
    sizes = [f"{INDENT}{identifier(t.name)}: (..., {', '.join(map(str, t.shape))})" if t.shape
             else f"{INDENT}{identifier(t.name)}: a number" for t in program.inputs]  # fmt: skip
    outputs = ", ".join(f"{output.name} (..., {', '.join(map(str, output.shape))})" for output in program.outputs)
    return [f'"""{outputs}; leading axes are batch axes.', "", "Args:", *sizes, '"""']
