"""The helpers of generated functions, as source: read and never imported, so that compiling loads no NumPy."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"
HELPERS = ("blocks", "memory", "tries", "options", "checks", "heads", "views", "support")


@cache
def helper_sources() -> dict[str, str]:
    """The source of every function, class and constant of the helper modules of `symformer.functions`, by name."""
    return {name: source for module in HELPERS for name, source in _definitions(module).items()}


@cache
def helper_modules() -> dict[str, str]:
    """The module of each helper."""
    return {name: module for module in HELPERS for name in _definitions(module)}


@cache
def _definitions(module: str) -> dict[str, str]:
    text = (FUNCTIONS / f"{module}.py").read_text(encoding="utf-8")
    lines, found = text.splitlines(keepends=True), {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min([node, *node.decorator_list], key=lambda part: part.lineno).lineno
            found[node.name] = "".join(lines[first - 1 : node.end_lineno])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = "".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def helpers(source: str) -> list[str]:
    """The public helpers that a source calls, and the classes among them that it names."""
    return sorted(name for name in _used(source) if not (name.startswith("_") or name.isupper()))


def _used(source: str) -> set[str]:
    """The helpers that a source uses, private ones and constants too; a variable of a function's name is none."""
    nodes = list(ast.walk(ast.parse(source)))
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {name for name in named & helper_sources().keys() if name in called or not _is_function(name)}


@cache
def _is_function(name: str) -> bool:
    """Whether a helper is one that is called, and no class or constant."""
    return isinstance(ast.parse(helper_sources()[name]).body[0], ast.FunctionDef)


@cache
def _callees(name: str) -> tuple[str, ...]:
    """The other helpers that a helper uses, by name."""
    return tuple(sorted(_used(helper_sources()[name]) - {name}))


def with_callees(names: list[str]) -> list[str]:
    """The helpers with those that they call, each before its callers."""
    order: list[str] = []

    def visit(name: str) -> None:
        for other in _callees(name):
            if other not in order:
                visit(other)
        if name not in order:
            order.append(name)

    for name in names:
        visit(name)
    return order
