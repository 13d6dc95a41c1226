"""Where in a user's code an operation stands, and the name that its result gets: by the positions in its bytecode.

No code is instrumented: while an operation runs, the frame of its caller says at which instruction it is, the code
object says where that instruction stands in the file, and the file's syntax tree says what the value is assigned to.
Without the source, operations have no place and no name.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType

LONGEST = 60
Span = tuple[int, int, int, int]  # line, last line, column, last column; columns count bytes


@dataclass(frozen=True)
class Place:
    """A place in a user's code."""

    file: str
    line: int
    function: str
    source: str

    def __str__(self) -> str:
        inside = f" in {self.function}:" if self.function != "<module>" else ""
        shown = f" `{self.source}`" if self.source else ""
        return f"{self.file}:{self.line}:{inside}{shown}".rstrip(":")


def here() -> Place | None:
    """The place of the operation that is being carried out; None where only our own code is running."""
    frame = _users_frame(sys._getframe(1))
    return None if frame is None else place_of(frame)


def place_of(frame: FrameType, span: Span | None = None) -> Place:
    """The place of a frame's current instruction."""
    code = frame.f_code
    span = span or _span(code, frame.f_lasti)
    line = span[0] if span is not None else frame.f_lineno
    return Place(code.co_filename, line, code.co_name, _source(code.co_filename, line, span))


def assigned_names() -> tuple[str, ...]:
    """The names that the value of the current operation is assigned to: of a return, what the caller assigns it to."""
    frame = _users_frame(sys._getframe(1))
    while frame is not None:
        names, returned = _names_at(frame)
        if not returned:
            return names
        frame = frame.f_back
        if frame is None or _is_ours(frame):
            return ()
    return ()


def _names_at(frame: FrameType) -> tuple[tuple[str, ...], bool]:
    """What the value of the current instruction is assigned to, and whether it is returned."""
    span = _span(frame.f_code, frame.f_lasti)
    if span is None:
        return (), False
    return _values(frame.f_code.co_filename, _lines_key(frame.f_code.co_filename)).get(span, ((), False))


def _users_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is none of ours."""
    while frame is not None and (_is_ours(frame) or frame.f_code.co_filename.startswith("<frozen")):
        frame = frame.f_back
    return frame


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in ("symformer", "numpy", "sympy")


@lru_cache(maxsize=256)
def _positions(code: CodeType) -> tuple[Span | None, ...]:
    return tuple(
        None if None in found else found  # type: ignore[misc]
        for found in code.co_positions()
    )


def _span(code: CodeType, instruction: int) -> Span | None:
    known = _positions(code)
    found = known[instruction // 2] if 0 <= instruction // 2 < len(known) else None
    return None if found is None else (found[0], found[1], found[2], found[3])


def _source(file: str, line: int, span: Span | None) -> str:
    """The source of a span on one line, cut where it is long."""
    lines = linecache.getlines(file)
    if not 0 < line <= len(lines):
        return ""
    text = lines[line - 1].encode()
    if span is not None and span[1] == span[0]:
        text = text[span[2] : span[3]]
    flat = " ".join(text.decode(errors="replace").split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"


def _lines_key(file: str) -> tuple[object, ...]:
    """Changes where the lines of a file do, so that what is read again is parsed again."""
    linecache.getlines(file)
    return tuple(linecache.cache.get(file, ()))[:2]


@lru_cache(maxsize=64)
def _values(file: str, key: tuple[object, ...]) -> dict[Span, tuple[tuple[str, ...], bool]]:
    """Each value that a file assigns or returns, by its span: the names it gets, and whether it is returned."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    found: dict[Span, tuple[tuple[str, ...], bool]] = {}
    for node in ast.walk(tree):
        for value, names, returned in _assigned(node):
            found[_span_of(value)] = (names, returned)
    return found


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, tuple[str, ...], bool]]:
    """The values of a statement: with the names that they are assigned to."""
    if isinstance(node, ast.Assign):
        yield from _pairs(node.targets[-1], node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield from _pairs(node.target, node.value)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node, (node.target.id,), False  # the whole statement is the instruction
    elif isinstance(node, ast.Return) and node.value is not None:
        yield node.value, (), True
        for part in node.value.elts if isinstance(node.value, ast.Tuple) else ():
            yield part, (), False


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, tuple[str, ...], bool]]:
    """Values and names, part by part where both sides are tuples."""
    if isinstance(target, ast.Name):
        yield value, (target.id,), False
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        for one, part in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, part)
    elif isinstance(target, (ast.Tuple, ast.List)):
        names = tuple(one.id for one in target.elts if isinstance(one, ast.Name))
        yield value, names if len(names) == len(target.elts) else (), False


def _span_of(node: ast.expr | ast.stmt) -> Span:
    return (node.lineno, node.end_lineno or node.lineno, node.col_offset, node.end_col_offset or node.col_offset)
