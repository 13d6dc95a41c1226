"""Elementwise functions in index notation: what each becomes, entry by entry."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symformer.notation import (
    Const,
    Element,
    Indicator,
    Neg,
    Pow,
    Written,
    exp,
    indicator,
    lift,
    log,
    normal_cdf,
    relu,
    sqrt,
    walk,
)
from symformer.notation import cos as cosine
from symformer.notation import erf as error_function
from symformer.notation import sigmoid as logistic
from symformer.notation import sin as sine
from symformer.notation import softplus as soft_plus
from symformer.notation import tanh as tangent

OPPOSITE = {"=": "≠", "≠": "=", "≤": ">", ">": "≤", "≥": "<", "<": "≥"}
TURNED = {"=": "=", "≠": "≠", "≤": "≥", "≥": "≤", "<": ">", ">": "<"}


def _add(left: Written, right: Written) -> Written:
    if _is(right, 0):
        return left
    if isinstance(right, Neg):
        return left - right.kids[0]
    return right if _is(left, 0) else left + right


def _subtract(left: Written, right: Written) -> Written:
    if _is(right, 0):
        return left
    if isinstance(right, Neg):
        return left + right.kids[0]
    return -right if _is(left, 0) else left - right


def _multiply(left: Written, right: Written) -> Written:
    if _is(left, 1):
        return right
    return left if _is(right, 1) else left * right


def _divide(left: Written, right: Written) -> Written:
    return left if _is(right, 1) else left / right


def _power(base: Written, exponent: Written) -> Written:
    """A power; a half is a root."""
    value = exponent.plain()
    if value.is_Rational and value < 0:
        return lift(1) / _power(base, lift(-value))
    if value == 1:
        return base
    if value == sympy.Rational(1, 2):
        return sqrt(base)
    return base ** (lift(value) if value.is_Integer else exponent)


def relation(sign: str) -> Callable[[Written, Written], Written]:
    """1 where the relation holds, else 0; of positions, offsets on both sides are taken off."""

    def related(left: Written, right: Written) -> Written:
        if not any(isinstance(part, Element) for side in (left, right) for part in walk(side)):
            return _of_positions(sign, left, right)
        return indicator(left, sign, right)

    return related


def _of_positions(sign: str, left: Written, right: Written) -> Written:
    """[i − 1 ≥ j − 1] is [j ≤ i]."""
    difference = sympy.expand(left.plain() - right.plain())
    if not difference.is_polynomial():
        return indicator(left, sign, right)
    if difference.is_Rational:
        holds = {"=": difference == 0, "≠": difference != 0, "≤": difference <= 0, "<": difference < 0,
                 "≥": difference >= 0, ">": difference > 0}[sign]  # fmt: skip
        return lift(1 if holds else 0)
    constant, rest = difference.as_coeff_Add()
    terms = sympy.Add.make_args(rest)
    over = sympy.Add(*(term for term in terms if not term.could_extract_minus_sign()))
    under = sympy.Add(*(-term for term in terms if term.could_extract_minus_sign()))
    over, under = (over + constant, under) if constant > 0 else (over, under - constant)
    if sign == "≥":
        return indicator(lift(under), "≤", lift(over))
    return indicator(lift(over), sign, lift(under))


def negated(condition: Written) -> Written:
    """1 where a condition does not hold."""
    if isinstance(condition, Indicator):
        return relation(OPPOSITE[condition.relation])(*condition.kids)
    return lift(1) - condition


def _where(condition: Written, then: Written, other: Written) -> Written:
    """The one or the other by a condition; a zero is left out."""
    if _is(other, 0):
        return _multiply(condition, then)
    if _is(then, 0):
        return _multiply(negated(condition), other)
    return _multiply(condition, then) + _multiply(negated(condition), other)


def _maximum(left: Written, right: Written) -> Written:
    if _is(right, 0):
        return relu(left)
    return relu(right) if _is(left, 0) else left + relu(right - left)


def _or(left: Written, right: Written) -> Written:
    return lift(1) - negated(left) * negated(right)


def _is(node: Written, value: int) -> bool:
    return isinstance(node, Const) and bool(node.value == value)


ELEMENTWISE: dict[str, Callable[..., Written]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "square": lambda x: Pow((x, lift(2))),
    "negative": lambda x: -x,
    "exp": exp,
    "log": log,
    "log1p": lambda x: log(lift(1) + x),
    "expm1": lambda x: exp(x) - 1,
    "sqrt": sqrt,
    "tanh": tangent,
    "sin": sine,
    "cos": cosine,
    "erf": error_function,
    "sigmoid": logistic,
    "softplus": soft_plus,
    "relu": relu,
    "Phi": normal_cdf,
    "absolute": lambda x: relu(x) + relu(-x),
    "sign": lambda x: indicator(x, ">", 0) - indicator(x, "<", 0),
    "maximum": _maximum,
    "minimum": lambda x, y: x - relu(x - y),
    "where": _where,
    "equal": relation("="),
    "not_equal": relation("≠"),
    "less": relation("<"),
    "less_equal": relation("≤"),
    "greater": relation(">"),
    "greater_equal": relation("≥"),
    "logical_and": _multiply,
    "logical_or": _or,
    "logical_not": negated,
}
