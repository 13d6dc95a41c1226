"""Where in an author's file the lines of a chain stand, so that errors can point there."""

from __future__ import annotations

import ast
from pathlib import Path


def line_places(path: Path) -> list[int]:
    """The line in the file of each line of the chain, read without running it; nothing where that cannot be told.

    The chain is the `calc` of a call, written out there or in a variable of the file.
    """
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return []
    chains = [
        keyword.value
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "calc"
    ]
    chain = _written_out(chains[-1], module) if chains else None
    if not isinstance(chain, (ast.Tuple, ast.List)) or any(isinstance(item, ast.Starred) for item in chain.elts):
        return []
    return [item.lineno for item in chain.elts]


def _written_out(chain: ast.expr, module: ast.Module) -> ast.expr:
    """The value of a variable of the file, where the chain is one."""
    if not isinstance(chain, ast.Name):
        return chain
    values = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == chain.id for target in node.targets)
    ]
    return values[-1] if values else chain
