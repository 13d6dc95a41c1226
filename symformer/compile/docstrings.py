"""The docstrings of generated functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symformer.compile.names import identifier
from symformer.notation import Tensor
from symformer.notation.names import one_line
from symformer.ops import Parameter, Signature
from symformer.programs import Program

INDENT = "    "


def docstring(name: str, parameters: Sequence[Parameter], signature: Signature) -> list[str]:
    """The lines of a library function's docstring, or of that of its backward function."""
    arguments = [f"{INDENT}{parameter.name}: {parameter.doc}." for parameter in parameters]
    backward = name != signature.name
    gradients = "tuple of gradients, one for each positional array in order, None for what has none"
    raises = ["ValueError: a shape or option that does not fit.", "TypeError: a dtype that does not fit."]
    return [
        f'"""Backward pass of `{signature.name}`, by reverse mode.' if backward else f'"""{signature.summary}',
        "",
        *signature.notes,
        "Args:",
        *arguments,
        "",
        "Returns:",
        f"{INDENT}{gradients if backward else signature.returns}.",
        "",
        "Raises:",
        *(INDENT + line for line in raises),
        "",
        f"Source: {signature.source}.",
        '"""',
    ]


def program_docstring(program: Program) -> list[str]:
    """The lines of the docstring of a function of a program's inputs."""
    sizes = [one_line(f"{identifier(t.name)}: {_shape(t)}" if t.shape else f"{identifier(t.name)}: a number")
             for t in program.inputs]  # fmt: skip
    outputs = one_line(", ".join(f"{output.name} {_shape(output)}" for output in program.outputs))
    return [f'"""{outputs}; leading axes are batch axes.', "", "Args:", *(INDENT + size for size in sizes), '"""']


def _shape(tensor: Tensor) -> str:
    rest = iter(tensor.shape)
    axes = [math.prod(next(rest) for _ in range(count)) for count in tensor.joined] or tensor.shape
    return f"(..., {', '.join(map(str, axes))})"
