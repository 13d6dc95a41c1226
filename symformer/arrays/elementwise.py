"""Elementwise functions in index notation: what each becomes, entry by entry."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symformer.notation import (
    RELATIONS,
    Condition,
    Const,
    Element,
    Indicator,
    Neg,
    Pow,
    Written,
    clip,
    exp,
    expm1,
    floor,
    indicator,
    lift,
    log,
    log1p,
    maximum,
    minimum,
    normal_cdf,
    relu,
    sign,
    sqrt,
    stop_gradient,
    walk,
    where,
)
from symformer.notation import abs as size_of
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
        if isinstance(left, Condition) and isinstance(right, Const):
            return _of_truth(sign, left, right)
        if not any(isinstance(part, Element) for side in (left, right) for part in walk(side)):
            return _of_positions(sign, left, right)
        return indicator(left, sign, right)

    return related


def _of_truth(sign: str, left: Condition, right: Const) -> Written:
    """[[j ≤ i] > 0] is [j ≤ i]: what is 0 or 1, compared with a number."""
    holds = [bool(RELATIONS[sign](sympy.Integer(value), right.value)) for value in (0, 1)]
    if holds[0] == holds[1]:
        return lift(int(holds[0]))
    return left if holds[1] else negated(left)


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
    return lift(1 - condition.plain()) if isinstance(condition, Const) else ~condition


def _where(condition: Written, then: Written, other: Written) -> Written:
    """The one or the other by a condition; by a condition of positions, a zero is left out."""
    if not any(isinstance(part, Element) for part in walk(condition)):
        if _is(other, 0):
            return _multiply(condition, then)
        if _is(then, 0):
            return _multiply(negated(condition), other)
    if isinstance(condition, Const):
        return other if condition.value == 0 else then
    found: Written = where(condition, then, other)
    return found


def _maximum(left: Written, right: Written) -> Written:
    if _is(right, 0):
        return relu(left)
    return relu(right) if _is(left, 0) else maximum(left, right)


def _is(node: Written, value: int) -> bool:
    return isinstance(node, Const) and bool(node.value == value)


def _and(left: Written, right: Written) -> Written:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const):
            return lift(0) if one.value == 0 else other
    return left & right


def _or(left: Written, right: Written) -> Written:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const):
            return other if one.value == 0 else lift(1)
    return left | right


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
    "log1p": log1p,
    "expm1": expm1,
    "sqrt": sqrt,
    "tanh": tangent,
    "sin": sine,
    "cos": cosine,
    "erf": error_function,
    "sigmoid": logistic,
    "softplus": soft_plus,
    "relu": relu,
    "Phi": normal_cdf,
    "absolute": size_of,
    "sign": sign,
    "maximum": _maximum,
    "minimum": minimum,
    "clip": clip,
    "floor": floor,
    "mod": lambda x, y: x % y,
    "floor_divide": lambda x, y: x // y,
    "stop_gradient": stop_gradient,
    "where": _where,
    "equal": relation("="),
    "not_equal": relation("≠"),
    "less": relation("<"),
    "less_equal": relation("≤"),
    "greater": relation(">"),
    "greater_equal": relation("≥"),
    "logical_and": _and,
    "logical_or": _or,
    "logical_not": negated,
}
