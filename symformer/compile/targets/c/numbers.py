"""Python numbers and conditions to C: parsed and written again, never copied."""

from __future__ import annotations

import ast
from collections.abc import Callable

from symformer.compile.arrays import CompileError

SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
RELATIONS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
MATH = {"abs": "fabs", "max": "fmax", "min": "fmin"}
Names = Callable[[str], str]


def real_number(code: str, name: Names) -> str:
    """The C of a Python number, in double.

    Raises:
        CompileError: something in it is no arithmetic.
    """
    return _real(_parsed(code), code, name)


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _real(node: ast.expr, code: str, name: Names) -> str:
    def inner(part: ast.expr) -> str:
        return _real(part, code, name)

    match node:
        case ast.Constant(value=bool(value)):
            return str(int(value))
        case ast.Constant(value=int(value) | float(value)):
            text = repr(float(value))
            return "INFINITY" if text == "inf" else text
        case ast.Name():
            return f"(double){name(node.id)}"
        case ast.UnaryOp(op=ast.USub()):
            return f"(-{inner(node.operand)})"
        case ast.BinOp(op=ast.Pow()):
            return f"pow({inner(node.left)}, {inner(node.right)})"
        case ast.BinOp(op=ast.FloorDiv()):
            return f"floor({inner(node.left)} / {inner(node.right)})"
        case ast.BinOp(op=ast.Div()):
            return f"({inner(node.left)} / {inner(node.right)})"
        case ast.BinOp(op=ast.Mod()):
            return _modulo(node, inner)
        case ast.BinOp() if type(node.op) in SIGNS:
            return f"({inner(node.left)} {SIGNS[type(node.op)]} {inner(node.right)})"
        case ast.Attribute(value=ast.Name(id="math"), attr="pi"):
            return "3.141592653589793"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=str() as called)):
            return f"{called}({', '.join(map(inner, node.args))})"
        case ast.Call(func=ast.Name(id=called)) if called in MATH:
            return f"{MATH[called]}({', '.join(map(inner, node.args))})"
        case ast.IfExp():
            return f"({condition_of(node.test, code, name)} ? {inner(node.body)} : {inner(node.orelse)})"
        case ast.Compare() | ast.BoolOp():
            return f"(double)({condition_of(node, code, name)})"
    raise CompileError(f"{code} has no form in C")


def _modulo(node: ast.BinOp, inner: Callable[[ast.expr], str]) -> str:
    over, under = inner(node.left), inner(node.right)
    return f"({over} - floor({over} / {under}) * {under})"


def whole_number(code: str, name: Names) -> str:
    """The C of a whole Python number.

    Raises:
        CompileError: it is none.
    """
    return _whole(_parsed(code), code, name)


def _whole(node: ast.expr, code: str, name: Names) -> str:
    def inner(part: ast.expr) -> str:
        return _whole(part, code, name)

    match node:
        case ast.Constant(value=int(value)):
            return str(value)
        case ast.Name():
            return name(node.id)
        case ast.UnaryOp(op=ast.USub()):
            return f"(-{inner(node.operand)})"
        case ast.BinOp(op=ast.FloorDiv()):
            return f"quotient_of({inner(node.left)}, {inner(node.right)})"
        case ast.BinOp(op=ast.Mod()):
            return f"remainder_of({inner(node.left)}, {inner(node.right)})"
        case ast.BinOp() if type(node.op) in SIGNS:
            return f"({inner(node.left)} {SIGNS[type(node.op)]} {inner(node.right)})"
        case ast.Call(func=ast.Name(id="max" | "min" as called), args=[one, other]):
            return f"{'larger' if called == 'max' else 'smaller'}_of({inner(one)}, {inner(other)})"
        case ast.IfExp():
            return f"({condition_of(node.test, code, name)} ? {inner(node.body)} : {inner(node.orelse)})"
    return f"(ptrdiff_t)({_real(node, code, name)})"


def condition(code: str, name: Names) -> str:
    """The C of a condition on options: given or not, a flag, one of a few words.

    Raises:
        CompileError: it is none of these.
    """
    return condition_of(_parsed(code), code, name)


def is_word(name: str, word: str) -> str:
    """The variable that says whether an option is this word: it is compared once, and in no loop."""
    return f"{name}_is_{''.join(one if one.isalnum() else '_' for one in word)}"


def condition_of(node: ast.expr, code: str, name: Names) -> str:
    """The C of a parsed condition."""
    match node:
        case ast.Name():
            return name(node.id)
        case ast.UnaryOp(op=ast.Not()):
            return f"!({condition_of(node.operand, code, name)})"
        case ast.BoolOp():
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return "(" + sign.join(condition_of(part, code, name) for part in node.values) + ")"
        case ast.Compare(left=ast.Name(id=given), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant()]):
            return f"{name(given).strip('(*)')} {'==' if isinstance(op, ast.Is) else '!='} NULL"
        case ast.Compare(left=ast.Name(id=given), ops=[ast.Eq()], comparators=[ast.Constant(value=str() as word)]):
            return is_word(name(given), word)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in RELATIONS:
            return f"{_real(left, code, name)} {RELATIONS[type(op)]} {_real(right, code, name)}"
    raise CompileError(f"{code} has no form in C")
