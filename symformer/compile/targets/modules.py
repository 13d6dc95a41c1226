"""Whole modules of an array library: the function, its backward function, and the helpers that they call."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from symformer.calculus import Backward
from symformer.compile.function import Gradients
from symformer.compile.jobs import backward_job, forward_job
from symformer.compile.names import input_names
from symformer.compile.targets.dialect import Dialect
from symformer.compile.targets.functions import library_function, program_function
from symformer.ops import Signature
from symformer.programs import Program

LIBRARY = Path(__file__).resolve().parent / "library"
INDENT = "    "


def library_module(signature: Signature, dialect: Dialect, wrt: Sequence[str] | None = None) -> str:
    """The module of a library function and its backward function, with gradients by `wrt` or by all.

    Raises:
        NotationError: it has no gradient by one of them.
    """
    name, np = signature.name, dialect.np
    wrapped = dialect.wrapped and signature.differentiable
    forward = forward_job(signature, np)
    texts = [library_function(forward, dialect, f"_{name}" if wrapped else name)]
    if signature.differentiable:
        backward = backward_job(signature, wrt, np)
        texts.append(library_function(backward, dialect, backward.name))
    if wrapped:
        positional = [p.name for p in signature.parameters if not p.keyword and p.kind not in ("option", "size")]
        options = [p.name for p in signature.parameters if p.name not in positional]
        texts.append(_WRAPPERS[dialect.name](name, texts[0], positional, options))
    return module_text(name, dialect, texts)


def program_module(name: str, program: Program, dialect: Dialect, backward: Backward | None) -> str:
    """The module of a program, with its backward function where there is one.

    Raises:
        CompileError: a definition has no form in the library.
    """
    wrapped = dialect.wrapped and backward is not None
    texts = [program_function(name, program, dialect, called=f"_{name}" if wrapped else name)]
    if backward is not None:
        gradients = Gradients(name, backward.cotangents, program.inputs, backward.wrt)
        texts.append(program_function(f"{name}_vjp", backward.program, dialect, gradients))
    if wrapped:
        positional = list(input_names(program.unfold(stable=True)).values())
        sizes = [argument.arg for argument in _signature(texts[0]).kwonlyargs]
        texts.append(_WRAPPERS[dialect.name](name, texts[0], positional, sizes))
    return module_text(name, dialect, texts)


def _signature(text: str) -> ast.arguments:
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return function.args


def module_text(name: str, dialect: Dialect, texts: Sequence[str]) -> str:
    """Imports, helpers, functions."""
    library = _library(dialect.name)
    helpers = [library[one] for one in _needed(dialect.name, "\n\n".join(texts))]
    body = "\n\n".join([*helpers, *texts])
    names = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    imports = [line for word, line in dialect.imports.items() if word in names]
    notice = f'"""{name} for {dialect.name}, written by SymFormer; needs {dialect.package} alone."""'
    return f"{notice}\n\n" + "\n".join(imports) + "\n\n\n" + body


@cache
def _library(target: str) -> dict[str, str]:
    """The source of every helper of a target, by name, in the order in which they stand."""
    found: dict[str, str] = {}
    for stem in ("border", target.replace("-", "_")):
        text = (LIBRARY / f"{stem}.py.txt").read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = "".join(lines[node.lineno - 1 : node.end_lineno])
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = "".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def _needed(target: str, text: str) -> list[str]:
    """The helpers that a source names, and those that they name, in the order of their file, constants first."""
    library = _library(target)
    wanted: set[str] = set()
    fresh = _names(text) & library.keys()
    while fresh:
        wanted |= fresh
        fresh = {name for one in fresh for name in _names(library[one])} & library.keys() - wanted
    return sorted(wanted, key=lambda name: (not name.isupper(), list(library).index(name)))


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _copied_signature(text: str) -> tuple[str, str]:
    """The arguments of a function as they are written, and its docstring."""
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return ast.unparse(function.args), ast.get_docstring(function, clean=False) or ""


def _torch_wrapper(name: str, text: str, positional: Sequence[str], options: Sequence[str]) -> str:
    """A `torch.autograd.Function` whose backward is the derived one, and the function that applies it."""
    arguments, doc = _copied_signature(text)
    given = ", ".join([*positional, *options])
    passed = ", ".join([*positional, *(f"{one}={one}" for one in options)])
    own = name.title().replace("_", "") + "Function"
    return f'''class {own}(torch.autograd.Function):
    """{name}, with its derived backward pass."""

    generate_vmap_rule = True

    @staticmethod
    def forward({given}):
        return _{name}({passed})

    @staticmethod
    def setup_context(ctx, inputs, output):
        keep(ctx, inputs)

    @staticmethod
    def backward(ctx, *cotangents):
        {given}{"," * (len(positional) + len(options) == 1)} = kept(ctx)
        cotangent = cotangents if len(cotangents) > 1 else cotangents[0]
        return asked_for(ctx, {name}_vjp(cotangent, {passed}))


def {name}({arguments}):
    """{doc}"""
    return {own}.apply({given})
'''


def _jax_wrapper(name: str, text: str, positional: Sequence[str], options: Sequence[str]) -> str:
    """The function with `jax.custom_vjp`."""
    arguments, doc = _copied_signature(text)
    given = f"({', '.join(positional)},)"
    named = f"dict({', '.join(f'{one}={one}' for one in options)})"
    return f'''def {name}({arguments}):
    """{doc}"""
    return with_derivative(_{name}, {name}_vjp, {given}, {named})
'''


_WRAPPERS = {"torch": _torch_wrapper, "jax": _jax_wrapper}
