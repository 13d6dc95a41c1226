"""Which names generated Python reads, asked of Python's own reader: strings, comments and attributes are none."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from itertools import pairwise


def names_read(lines: Iterable[str]) -> frozenset[str]:
    """The names that lines of a function read; what they assign, keywords and attributes are not among them."""
    nodes = ast.walk(ast.parse("\n".join(lines)))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def with_name(text: str, old: str, new: str) -> str:
    """A line or an expression with a variable under another name; strings, keywords and attributes stay."""
    if old not in text:
        return text
    for start, end in reversed(list(_places(text, old))):
        text = text[:start] + new + text[end:]
    return text


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a variable stands in one line."""
    depth, before = 0, ""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token, after in pairwise(tokens):
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        is_keyword = depth > 0 and after.string == "="
        if token.type == tokenize.NAME and token.string == name and before != "." and not is_keyword:
            yield token.start[1], token.end[1]
        before = token.string
