"""The lines of a function before its first formula: arrays, options, shapes, sizes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from symformer.compile.arrays import CompileError
from symformer.compile.lowering import Scope
from symformer.compile.statements import size_text
from symformer.notation import Tensor
from symformer.ops import Signature
from symformer.programs import Program


def arrays_line(function: str, helper: str, names: Sequence[str], missing: Sequence[str] = ()) -> str:
    """Conversion to arrays of one dtype; those in `missing` may be None."""
    given = ", ".join([*(f'"{name}"' for name in missing), *(f"{name}={name}" for name in names)])
    return f'{", ".join(names)}, dtype = {helper}("{function}", {given})'


def parameter_lines(signature: Signature, program: Program) -> list[str]:
    """Arrays and options of a library function."""
    optional = {tensor.name for tensor in program.inputs if tensor.optional}
    reals = [p.name for p in signature.parameters if p.kind in ("array", "weight")]
    missing = [p.name for p in signature.parameters if p.name in reals and (p.default == "None" or p.name in optional)]
    missing += ["memory"] if "memory" in reals else []
    lines = [arrays_line(signature.name, "arrays", reals, missing)] if reals else ["dtype = np.float64"]
    helpers = {"integer": "whole_array", "precise": "precise_array"}
    lines += [
        f'{p.name} = {helpers[p.kind]}("{signature.name}", "{p.name}", {p.name})'
        for p in signature.parameters
        if p.kind in helpers
    ]
    return lines + _option_lines(signature, program)


def _option_lines(signature: Signature, program: Program) -> list[str]:
    whole = {tensor.name: tensor.domain.kind == "integer" for tensor in program.inputs}
    lines = []
    for parameter in signature.parameters:
        name = parameter.name
        call = f'{name} = number("{signature.name}", "{name}", {name}'
        if parameter.kind == "size":
            lines.append(f"{call}, whole=True, least=0)")
        elif parameter.kind == "option" and name in whole:
            extra = ", whole=True" * whole[name] + ", none=True" * (parameter.default == "None")
            extra += "" if parameter.least is None else f", least={parameter.least}"
            lines.append(f"{call}{extra})")
    return lines


def shape_line(function: str, arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """One call that checks all shapes against the sizes."""
    specs = ", ".join(
        _spec(tensor, scope.variables[tensor.digest], tensor.digest in scope.weights) for tensor in arrays
    )
    return [f'shapes("{function}", {specs})'] if specs else []


def _spec(tensor: Tensor, name: str, weight: bool) -> str:
    letters = " ".join(str(size) if size.is_Symbol or size.is_Integer else "*" for size in tensor.shape)
    return f'{name}=({name}, "{"=" if weight else ""}{letters}")'


def bound_lines(function: str, arrays: Sequence[Tensor], scope: Scope) -> list[str]:
    """Positions are checked against the size that they point into."""
    return [
        f'check_positions("{function}", "{scope.variables[tensor.digest]}", {scope.variables[tensor.digest]}, '
        f"{size_text(tensor.domain.upper, scope)})"
        for tensor in arrays
        if tensor.domain.upper is not None
    ]


def size_lines(arrays: Sequence[Tensor], scope: Scope, body: str, given: Collection[str] = ()) -> list[str]:
    """One line for each size whose number the body uses, from the first input that has such an axis.

    Raises:
        CompileError: no input has one, and it is not given.
    """
    lines: dict[str, str] = {}
    for tensor in arrays:
        for place, size in enumerate(tensor.shape):
            text = scope.sizes.get(size, "")
            used = text and re.search(rf"(?<![\w.]){text}\b", body)
            if used and text not in (*lines, *given) and not tensor.optional:
                lines[text] = f"{text} = {scope.variables[tensor.digest]}.shape[{place - len(tensor.shape)}]"
    for text in scope.sizes.values():
        missing = text not in lines and text not in given
        if missing and re.search(rf"(?<![\w.\"]){text}\b(?!\"|\s=\s)", re.sub(r"#.*", "", body)):
            raise CompileError(f"no input has an axis of size {text}, so its number is not known")
    return list(lines.values())
