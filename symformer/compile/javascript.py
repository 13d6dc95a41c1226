"""Array operations to JavaScript: calls of the page's runtime (`arrays.js`), in which axes have letters.

The runtime lines axes up by their letters, so nothing is transposed here. Numbers are Python text; they are parsed and
written again, never copied.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import chain, count
from typing import Any

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    CompileError,
    Contract,
    Count,
    Deposit,
    Load,
    Map,
    Number,
    Ones,
    Reduce,
    Take,
)
from symformer.system import script_json

SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
CONSTANTS = {"pi": "Math.PI"}


def javascript(node: Array, axes: Axes) -> str:
    """The array of a node with these axes, over the names `named`, `load`, `map`, `fold`, `contract`, `take`, …"""
    names = _AxisNames()
    order = _axes(axes, names)
    return _call("named", _emit(node, names), order)


class _AxisNames(dict[Symbol, str]):
    """A name for each axis of an expression: its letter, with a number where another axis has that."""

    def __missing__(self, axis: Symbol) -> str:
        names = chain([axis.name], (f"{axis.name}_{number}" for number in count(2)))
        self[axis] = next(name for name in names if name not in self.values())
        return self[axis]


def _emit(node: Array, names: _AxisNames) -> str:
    if type(node) not in _EMIT:
        raise CompileError(f"{type(node).__name__} has no form in JavaScript")
    return _EMIT[type(node)](node, names)


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
    return f"{name}({','.join(arguments)})"


def _axes(axes: Axes, names: _AxisNames) -> str:
    """Letters as the runtime reads them: `"h i j"`."""
    return script_json(" ".join(names[axis] for axis in axes))


def _parts(parts: tuple[Array, ...], names: _AxisNames) -> str:
    return "[" + ",".join(_emit(part, names) for part in parts) + "]"


def _fold(node: Reduce, names: _AxisNames) -> str:
    over = _axes((node.over,), names)
    return _call("fold", script_json(node.name), _axes(node.axes, names), over, _emit(node.part, names))


def _take(node: Take, names: _AxisNames) -> str:
    table, along, positions = _emit(node.table, names), script_json(names[node.along]), _emit(node.positions, names)
    return _call("take", _axes(node.axes, names), table, along, positions)


def _deposit(node: Deposit, names: _AxisNames) -> str:
    goal = _axes(node.axes, names), script_json(names[node.along]), number(node.size), str(node.all_inside).lower()
    return _call("deposit", *goal, _emit(node.values, names), _emit(node.positions, names))


_EMIT: dict[type, Callable[[Any, _AxisNames], str]] = {
    Number: lambda node, names: number(node.code),
    Load: lambda node, names: _call("load", script_json(node.name), _axes(node.axes, names)),
    Count: lambda node, names: _call("count", _axes(node.axes, names), number(node.size), str(node.start)),
    Ones: lambda node, names: _call("ones", _axes(node.axes, names), number(node.size)),
    Map: lambda node, names: _call("map", script_json(node.name), _axes(node.axes, names), _parts(node.parts, names)),
    Reduce: _fold,
    Contract: lambda node, names: _call(
        "contract", _axes(node.axes, names), _axes(node.over, names), _parts(node.parts, names)
    ),
    Take: _take,
    Deposit: _deposit,
}
