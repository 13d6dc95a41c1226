"""From a program to the text of a NumPy function: signature, docstring, border, and a formula above each line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symformer.compile.border import arrays_line, bound_lines, parameter_lines, shape_line, size_lines
from symformer.compile.docstrings import INDENT, docstring, program_docstring
from symformer.compile.lowering import Scope
from symformer.compile.names import input_names, output_names
from symformer.compile.statements import program_scope, statement_lines
from symformer.notation import Tensor
from symformer.ops import Parameter, Signature
from symformer.programs import Program

QUIET = '@np.errstate(all="ignore")'  # what overflows or divides by 0 shows in the result, as in every array library


def function_source(signature: Signature) -> str:
    """The source of the function that a signature describes."""
    program = signature.program().unfold(stable=True)
    kinds = {kind: _named(signature, kind) for kind in ("weight", "option", "precise", "size")}
    scope = program_scope(program, kinds["option"], kinds["weight"], kinds["precise"])
    checked = [t for t in program.inputs if t.name in {p.name for p in signature.parameters} - kinds["option"]]
    lines = parameter_lines(signature, program) + list(signature.enter)
    lines += _body(signature.name, program, scope, checked, signature.after, kinds["size"])
    lines.append("return " + ", ".join(_given_back(signature, program)))
    return _assemble(signature.name, _arguments(signature.parameters), docstring(signature), lines)


def program_source(name: str, program: Program) -> str:
    """The source of a function of a program's inputs, in their order; leading axes are batch axes."""
    opened = program.unfold(stable=True)
    named = input_names(opened)
    reals = [
        named[tensor.digest] for tensor in opened.inputs if tensor.domain.kind != "mask" and not tensor.domain.whole
    ]
    lines = [arrays_line(name, "real_arrays", reals)] if reals else ["dtype = np.float64"]
    for tensor in opened.inputs:
        variable = named[tensor.digest]
        if variable not in reals:
            kind = "whole_array" if tensor.domain.whole else "real_array"
            lines.append(f'{variable} = {kind}("{name}", "{variable}", {variable})')
    checked = [tensor for tensor in opened.inputs if tensor.shape]
    lines += _body(name, opened, program_scope(opened, set(), set(), set()), checked)
    lines.append("return " + ", ".join(_typed(variable) for variable in output_names(opened)))
    return _assemble(name, ", ".join(named.values()), program_docstring(program), lines)


def imports(source: str) -> str:
    """The import lines that the source of functions needs, without those of the helpers."""
    wanted = ["import math\n\n"] if "math." in source else []
    return "".join([*wanted, "import numpy as np\n"])


def _named(signature: Signature, kind: str) -> set[str]:
    return {parameter.name for parameter in signature.parameters if parameter.kind == kind}


def _assemble(name: str, arguments: str, doc: Sequence[str], lines: Sequence[str]) -> str:
    body = "\n".join(INDENT + line if line else "" for line in (*doc, *lines))
    return f"{QUIET}\ndef {name}({arguments}):\n{body}\n"


def _given_back(signature: Signature, program: Program) -> list[str]:
    """The results: views of the outputs, of the dtype that came in."""
    names = output_names(program)
    leave = signature.leave or tuple(f"{{{place}}}" for place in range(len(names)))
    return [_typed(template.format(*names)) for template in leave]


def _typed(code: str) -> str:
    return f"np.asarray({code}).astype(dtype, copy=False)[()]"


def _body(
    function: str,
    program: Program,
    scope: Scope,
    checked: Sequence[Tensor],
    after: Sequence[str] = (),
    given: set[str] | None = None,
) -> list[str]:
    """Checks, sizes and one statement a definition."""
    arrays = [tensor for tensor in program.inputs if tensor.digest not in scope.numbers]
    body = [line for statement in program.statements for line in statement_lines(statement, scope)]
    used = [*bound_lines(function, checked, scope), *after, *body]
    known = (given or set()) | {line.split(" = ")[0] for line in after}
    real = ["real = np.result_type(dtype, np.float32)"] if re.search(r"astype\(real\)", "\n".join(body)) else []
    shaped = [tensor for tensor in checked if tensor.shape or len(checked) > 1]
    checks = shape_line(function, shaped, scope)
    return [*checks, *size_lines(arrays, scope, "\n".join(used), known), *real, *used]


def _arguments(parameters: Sequence[Parameter]) -> str:
    pieces, star = [], False
    for parameter in parameters:
        if parameter.keyword and not star:
            pieces.append("*")
            star = True
        pieces.append(parameter.name if parameter.default is None else f"{parameter.name}={parameter.default}")
    return ", ".join(pieces)
