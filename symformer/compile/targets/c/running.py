"""A Python module around a C function: the border of the NumPy function, and a call for each entry of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from symformer.compile.border import arrays_line, bound_lines, shape_line, solved_sizes, split_lines, spread_line
from symformer.compile.docstrings import INDENT, program_docstring
from symformer.compile.function import border_helper, joined, size_line
from symformer.compile.jobs import typed
from symformer.compile.lines import program_scope, size_text
from symformer.compile.lowering import Scope
from symformer.compile.names import input_names
from symformer.compile.targets.c.module import CFunction, c_name
from symformer.notation import Tensor
from symformer.programs import Program


def c_caller(name: str, program: Program, function: CFunction, library: Path) -> str:
    """The source of a function of a program's inputs that calls a C function of a library."""
    opened = program.unfold(stable=True)
    named = input_names(opened)
    scope = replace(program_scope(opened, set(), set(), set()), stable=True)
    lines = _border(name, opened, named)
    inside = {named[tensor.digest]: scope.variables[tensor.digest] for tensor in opened.inputs}
    lines += [f"{variable} = {given}" for given, variable in inside.items() if variable != given]
    found, asked = _sizes(name, opened, scope, function)
    lines += [*found, *spread_line(opened.inputs, scope)]
    lines += [] if opened.inputs else ["lead = ()"]
    lines += _contiguous(opened, scope)
    results = []
    for place, output in enumerate(opened.outputs):
        sizes = "".join(f", {size_text(size, scope)}" for size in output.shape)
        lines.append(f"result_{place} = np.empty((*lead{sizes},), real)")
        results.append(typed(joined(f"result_{place}", output)))
    lines += _call(name, opened, scope, function)
    lines.append("return " + ", ".join(results))
    arguments = ", ".join([*named.values(), *(["*", *asked] if asked else [])])
    text = "\n".join(INDENT + line if line else "" for line in (*program_docstring(program), *lines))
    head = f"import ctypes\n\nLIBRARY = ctypes.CDLL({str(library)!r})\n\n\n"
    return f"{head}def {name}({arguments}):\n{text}\n"


def _border(name: str, program: Program, named: Mapping[str, str]) -> list[str]:
    borders = {tensor.digest: border_helper(tensor, ()) for tensor in program.inputs}
    reals = [named[digest] for digest, border in borders.items() if border == "real_arrays"]
    lines = [arrays_line(name, "real_arrays", reals)] if reals else ["dtype = np.dtype(np.float64)"]
    lines += [f'{named[digest]} = {border}("{name}", "{named[digest]}", {named[digest]})'
              for digest, border in borders.items() if border != "real_arrays"]  # fmt: skip
    lines += [f'check_positive("{name}", "{named[tensor.digest]}", {named[tensor.digest]})'
              for tensor in program.inputs if tensor.domain.kind == "positive" and not tensor.shape]  # fmt: skip
    lines.append("real = np.float32 if dtype == np.float16 or dtype == np.float32 else np.float64")
    return lines


def _sizes(name: str, program: Program, scope: Scope, function: CFunction) -> tuple[list[str], list[str]]:
    """The lines that find every size that the C function takes, and those that a caller has to give."""
    splitting, told = split_lines(name, program.inputs, scope)
    axes = [tensor for tensor in program.inputs if tensor.shape]
    solved = solved_sizes(axes, scope)
    own: dict[str, str] = {}
    for tensor in axes:
        for place, size in enumerate(tensor.shape):
            text = scope.sizes.get(size, "")
            if text:
                own.setdefault(text, f"{text} = {scope.variables[tensor.digest]}.shape[{place - len(tensor.shape)}]")
    asked = [size for size in function.sizes if size not in own and size not in solved and size not in told]
    lines = [*(size_line(name, size) for size in told), *splitting, *(size_line(name, size) for size in asked)]
    lines += [own.get(size, solved.get(size, "")) for size in function.sizes if size not in (*asked, *told)]
    return [*lines, *shape_line(name, axes, scope), *bound_lines(name, axes, scope)], [*told, *asked]


def _contiguous(program: Program, scope: Scope) -> list[str]:
    lines = []
    for tensor in program.inputs:
        kind = "np.uint8" if tensor.domain.kind == "mask" else "np.int64" if tensor.domain.whole else "real"
        variable = scope.variables[tensor.digest]
        lines.append(f"{variable} = np.ascontiguousarray({variable}, {kind}).reshape({variable}.shape)")
    return lines


def _call(name: str, program: Program, scope: Scope, function: CFunction) -> list[str]:
    given: list[str] = [f"ctypes.c_ssize_t({size})" for size in function.sizes]
    for tensor in program.inputs:
        variable = scope.variables[tensor.digest]
        given.append(f"ctypes.c_void_p({variable}[at].ctypes.data)" if tensor.shape else _scalar(variable, tensor))
    given += [f"ctypes.c_void_p(result_{place}[at + (...,)].ctypes.data)" for place in range(len(program.outputs))]
    own = c_name(function.name)
    return [
        f"call = LIBRARY.{own}_float if real is np.float32 else LIBRARY.{own}_double",
        "for at in np.ndindex(lead):",
        f"{INDENT}status = call({', '.join(given)})",
        f"{INDENT}if status > 0:",
        f'{INDENT * 2}raise ValueError("{name}: an index points outside its axis")',
        f"{INDENT}if status < 0:",
        f'{INDENT * 2}raise MemoryError("{name}: no memory")',
    ]


def _scalar(variable: str, tensor: Tensor) -> str:
    if tensor.domain.kind == "mask":
        return f"ctypes.c_ubyte({variable}[at])"
    if tensor.domain.whole:
        return f"ctypes.c_int64({variable}[at])"
    return f"(ctypes.c_float if real is np.float32 else ctypes.c_double)({variable}[at])"
