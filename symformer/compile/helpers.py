"""The helpers of generated functions, as source: read and never imported, so that compiling loads no NumPy."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

SUPPORT = Path(__file__).resolve().parent.parent / "functions" / "support.py"


@cache
def helper_sources() -> dict[str, str]:
    """The source of every function of `symformer.functions.support`, by name."""
    text = SUPPORT.read_text(encoding="utf-8")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name: (ast.get_source_segment(text, node) or "") + "\n" for node in functions}


def helpers(source: str, *, every: bool = False) -> list[str]:
    """The names of the helpers that a source uses; with `every`, the private ones too."""
    return sorted(
        name
        for name in helper_sources()
        if (every or not name.startswith("_")) and re.search(rf"(?<!\w){name}\(", source)
    )


def with_callees(names: list[str]) -> list[str]:
    """The helpers with those that they call, each before its callers."""
    order: list[str] = []

    def visit(name: str) -> None:
        for other in helpers(helper_sources()[name], every=True):
            if other != name and other not in order:
                visit(other)
        if name not in order:
            order.append(name)

    for name in names:
        visit(name)
    return order
