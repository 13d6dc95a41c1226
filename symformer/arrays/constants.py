"""Decimals in a function's code, as they are written: also in `1 - 0.9`, which Python has worked out already."""

from __future__ import annotations

import ast
import dis
import linecache
from collections.abc import Callable
from fractions import Fraction
from types import CodeType
from typing import Any


def exact_constants(code: CodeType, decimal: Callable[[Any], Any]) -> CodeType:
    """The same code, with every decimal constant replaced by what `decimal` makes of it, inside functions too."""
    written = _worked_out(code) if any(isinstance(one, float) for one in code.co_consts) else {}
    return code.replace(
        co_consts=tuple(
            exact_constants(one, decimal)
            if isinstance(one, CodeType)
            else decimal(written.get(place, one))
            if isinstance(one, float)
            else one
            for place, one in enumerate(code.co_consts)
        )
    )


def _worked_out(code: CodeType) -> dict[int, Fraction]:
    """The exact values of constants that Python has worked out from others, by their place."""
    trees = _trees(code)
    found: dict[int, Fraction] = {}
    for one in dis.get_instructions(code):
        spot = one.positions
        if one.opname != "LOAD_CONST" or not isinstance(one.argval, float) or spot is None:
            continue
        tree = trees.get((spot.lineno, spot.end_lineno, spot.col_offset, spot.end_col_offset))
        value = None if tree is None else _value(tree)
        near = value is not None and abs(float(value) - one.argval) <= 1e-15 * abs(one.argval)
        if value is not None and near and one.arg is not None:
            found[one.arg] = value
    return found


def _trees(code: CodeType) -> dict[tuple[Any, ...], ast.expr]:
    """The arithmetic in a file, by where it stands."""
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except SyntaxError:
        return {}
    return {
        (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node
        for node in ast.walk(tree)
        if isinstance(node, (ast.BinOp, ast.UnaryOp))
    }


def _value(node: ast.expr) -> Fraction | None:
    """The exact value of arithmetic on numbers; None for anything else."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(repr(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand)
        return None if inner is None else -inner
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _value(node.left), _value(node.right)
    if left is None or right is None:
        return None
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right if right else None
        case ast.Pow():
            return left**right if right.denominator == 1 and abs(right) < 100 and left else None  # type: ignore[return-value]
    return None
