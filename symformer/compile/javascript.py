"""Array operations to JavaScript: calls of the page's runtime (`arrays.js`), in which axes have letters.

The runtime lines axes up by their letters, so nothing is transposed here. Numbers are Python text; they are parsed and
written again, never copied.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

from symformer.compile.arrays import (
    Array,
    Axes,
    CompileError,
    Contract,
    Count,
    Load,
    Map,
    Number,
    Ones,
    Reduce,
    Take,
)

SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
CONSTANTS = {"pi": "Math.PI"}


def javascript(node: Array) -> str:
    """The expression of a node, over the names `load`, `map`, `fold`, `contract`, `take`, `count` and `ones`."""
    if type(node) not in _EMIT:
        raise CompileError(f"{type(node).__name__} has no form in JavaScript")
    return _EMIT[type(node)](node)


def number(code: str) -> str:
    """The JavaScript of a Python number such as `(1 / math.sqrt(3))`.

    Raises:
        CompileError: something in it is no arithmetic.
    """
    return _arithmetic(ast.parse(code, mode="eval").body, code)


def _arithmetic(node: ast.expr, code: str) -> str:
    match node:
        case ast.Constant(value=int() | float()):
            return repr(node.value)
        case ast.UnaryOp(op=ast.USub()):
            return f"(-{_arithmetic(node.operand, code)})"
        case ast.BinOp() if type(node.op) in SIGNS:
            return f"({_arithmetic(node.left, code)} {SIGNS[type(node.op)]} {_arithmetic(node.right, code)})"
        case ast.Attribute(value=ast.Name(id="math")) if node.attr in CONSTANTS:
            return CONSTANTS[node.attr]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math")), args=[argument]):
            return f"Math.{node.func.attr}({_arithmetic(argument, code)})"  # type: ignore[attr-defined]
    raise CompileError(f"{code} has no form in JavaScript")


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def _axes(axes: Axes) -> str:
    return json.dumps([letter.name for letter in axes])


def _parts(parts: tuple[Array, ...]) -> str:
    return "[" + ", ".join(javascript(part) for part in parts) + "]"


_EMIT: dict[type, Callable[[Any], str]] = {
    Number: lambda node: number(node.code),
    Load: lambda node: _call("load", json.dumps(node.name), _axes(node.axes)),
    Count: lambda node: _call("count", _axes(node.axes), number(node.size), str(node.start)),
    Ones: lambda node: _call("ones", _axes(node.axes), number(node.size)),
    Map: lambda node: _call("map", json.dumps(node.name), _axes(node.axes), _parts(node.parts)),
    Reduce: lambda node: _call(
        "fold", json.dumps(node.name), _axes(node.axes), _axes((node.over,)), javascript(node.part)
    ),
    Contract: lambda node: _call("contract", _axes(node.axes), _axes(node.over), _parts(node.parts)),
    Take: lambda node: _call(
        "take", _axes(node.axes), javascript(node.table), json.dumps(node.along.name), javascript(node.positions)
    ),
}
