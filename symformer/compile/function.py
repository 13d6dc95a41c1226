"""From a program to the text of a NumPy function: signature, docstring, border, and a formula above each line."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

from sympy import Expr, Symbol

from symformer.compile.lower import Scope, lower
from symformer.compile.numpy_source import emit
from symformer.notation import Element, Tensor, Written
from symformer.ops import Parameter, Signature
from symformer.programs import DefinedTensor, Program
from symformer.typeset import text

INDENT = "    "
HELPERS = ("arrays", "finite_max", "flat_rows", "flat_tail", "last_axis", "number", "shapes", "share_heads",
           "split_mask", "real_array", "whole_array")  # fmt: skip


def function_source(signature: Signature) -> str:
    """The source of the function that a signature describes."""
    program = signature.program().unfold(stable=True)
    reals = [parameter for parameter in signature.parameters if parameter.kind in ("array", "weight")]
    lines = [_arrays_line(signature.name, [parameter.name for parameter in reals])]
    lines += _option_lines(signature, program)
    lines += signature.enter
    weights = {parameter.name for parameter in reals if parameter.kind == "weight"}
    lines += _program_lines(signature.name, program, weights, _option_names(program))
    outputs = [identifier(output.name) for output in program.outputs]
    leave = (signature.leave or "{}").replace("{}", outputs[0])
    lines.append(f"return np.asarray({leave}).astype(dtype, copy=False)[()]")
    return _assemble(signature.name, _arguments(signature.parameters), _docstring(signature), lines)


def program_source(name: str, program: Program) -> str:
    """The source of a function of a program's inputs, in their order; leading axes are batch axes."""
    opened = program.unfold(stable=True)
    reals = [tensor for tensor in program.inputs if tensor.domain.kind not in ("mask", "integer")]
    names = [identifier(tensor.name) for tensor in program.inputs]
    lines = [_arrays_line(name, [identifier(tensor.name) for tensor in reals])] if reals else ["dtype = float"]
    for tensor in program.inputs:
        if tensor not in reals:
            kind = "whole_array" if tensor.domain.kind == "integer" else "real_array"
            variable = identifier(tensor.name)
            lines.append(f'{variable} = {kind}("{name}", "{variable}", {variable})')
    lines += _program_lines(name, opened, set(), set())
    results = [f"np.asarray({identifier(output.name)}).astype(dtype, copy=False)[()]" for output in opened.outputs]
    lines.append("return " + ", ".join(results))
    return _assemble(name, ", ".join(names), _program_docstring(program), lines)


def imports(source: str) -> str:
    """The import lines that the source of functions needs, without those of the helpers."""
    wanted = ["import math\n\n"] if "math." in source else []
    return "".join([*wanted, "import numpy as np\n"])


def helpers(source: str) -> list[str]:
    """The names of the helpers that the source uses."""
    return sorted(name for name in HELPERS if re.search(rf"\b{name}\(", source))


def identifier(name: str) -> str:
    """A Python name for a tensor: primes go, keywords get an underscore."""
    plain = re.sub(r"\W", "_", name.replace("'", ""))
    return plain + "_" if keyword.iskeyword(plain) or plain in ("np", "math", "dtype", *HELPERS) else plain


def _assemble(name: str, arguments: str, docstring: Sequence[str], lines: Sequence[str]) -> str:
    body = "\n".join(INDENT + line if line else "" for line in (*docstring, *lines))
    return f"def {name}({arguments}):\n{body}\n"


def _arrays_line(function: str, names: Sequence[str]) -> str:
    given = ", ".join(f"{name}={name}" for name in names)
    return f'{", ".join(names)}, dtype = arrays("{function}", {given})'


def _option_names(program: Program) -> set[str]:
    return {tensor.name for tensor in program.inputs if not tensor.shape}


def _option_lines(signature: Signature, program: Program) -> list[str]:
    kinds = {tensor.name: ", int" if tensor.domain.kind == "integer" else "" for tensor in program.inputs}
    return [
        f'{parameter.name} = number("{signature.name}", "{parameter.name}", {parameter.name}{kinds[parameter.name]})'
        for parameter in signature.parameters
        if parameter.kind == "option" and parameter.name in _option_names(program)
    ]


def _program_lines(function: str, program: Program, weights: set[str], numbers: set[str]) -> list[str]:
    arrays = [tensor for tensor in program.inputs if tensor.name not in numbers]
    checked = [tensor for tensor in arrays if tensor.domain.kind != "mask" or not tensor.optional]
    scope = Scope(
        _variables(program),
        frozenset(tensor.digest for tensor in program.inputs if tensor.name in numbers),
        frozenset(tensor.digest for tensor in program.inputs if tensor.name in weights),
        {size: size.name for size in program.sizes},
    )
    body = [line for statement in program.statements for line in _statement(statement, scope)]
    specs = ", ".join(_spec(tensor, tensor.name in weights) for tensor in checked if tensor.shape)
    checks = [f'shapes("{function}", {specs})'] if specs else []
    return checks + _size_lines(arrays, "\n".join(body)) + body


def _spec(tensor: Tensor, weight: bool) -> str:
    letters = " ".join(str(size) if size.is_Symbol else "*" for size in tensor.shape)
    name = identifier(tensor.name)
    return f'{name}=({name}, "{"=" if weight else ""}{letters}")'


def _size_lines(arrays: Sequence[Tensor], body: str) -> list[str]:
    """One line for each size whose number the body uses, from the first input that has such an axis."""
    lines: dict[str, str] = {}
    for tensor in arrays:
        for place, size in enumerate(tensor.shape):
            used = size.is_Symbol and re.search(rf"(?<![\w.]){size}\b", body)
            if used and str(size) not in lines and not tensor.optional:
                lines[str(size)] = f"{size} = {identifier(tensor.name)}.shape[{place - len(tensor.shape)}]"
    return list(lines.values())


def _variables(program: Program) -> dict[str, str]:
    """A variable for each tensor; what is the same under a closed guard shares one."""
    names = {tensor.digest: identifier(tensor.name) for tensor in program.inputs}
    taken = set(names.values()) | {size.name for size in program.sizes}
    for statement in program.statements:
        source = _passed_through(statement)
        if source is not None and source.origin is not None:
            names[statement.digest] = names[source.digest]
            continue
        wanted = identifier(statement.name)
        while wanted in taken:
            wanted += "_"
        taken.add(wanted)
        names[statement.digest] = wanted
    last = {output.digest: output for output in program.outputs}
    return _with_output_names(names, last)


def _with_output_names(names: dict[str, str], outputs: dict[str, DefinedTensor]) -> dict[str, str]:
    """Outputs keep their own names, also where they share the variable of what they pass through."""
    renamed = {names[digest]: identifier(tensor.name) for digest, tensor in outputs.items()}
    return {digest: renamed.get(name, name) for digest, name in names.items()}


def _passed_through(statement: DefinedTensor) -> Tensor | None:
    """The tensor that a guarded statement equals where its guard does not hold."""
    other = statement.origin.definition.otherwise
    same = isinstance(other, Element) and other.symbols == statement.indices
    return other.tensor if same and isinstance(other, Element) else None


def _statement(statement: DefinedTensor, scope: Scope) -> list[str]:
    definition = statement.origin.definition
    variable = scope.variables[statement.digest]
    formula = text(statement.equation())
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
    sizes = {**scope.sizes, **{letter: str(size) for letter, size in zip(letters, shape, strict=True)}}
    return Scope(scope.variables, scope.numbers, scope.weights, sizes)


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
    return [
        f'"""{signature.summary}', "", *signature.notes, "Args:", *arguments, "",
        "Returns:", f"{INDENT}{signature.returns}.", "",
        "Raises:", f"{INDENT}ValueError: a shape that does not fit.", f"{INDENT}TypeError: a dtype that does not fit.", "",
        f"Source: {signature.source}.", '"""',
    ]  # fmt: skip


def _program_docstring(program: Program) -> list[str]:
    sizes = [f"{INDENT}{identifier(t.name)}: (..., {', '.join(map(str, t.shape))})" if t.shape
             else f"{INDENT}{identifier(t.name)}: a number" for t in program.inputs]  # fmt: skip
    outputs = ", ".join(f"{output.name} (..., {', '.join(map(str, output.shape))})" for output in program.outputs)
    return [f'"""{outputs}; leading axes are batch axes.', "", "Args:", *sizes, '"""']
