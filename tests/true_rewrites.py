"""Rewrites of written expressions that hold wherever both sides are defined; see `rewriting`."""

from __future__ import annotations

from random_expressions import LONG, SHORT, p, turned
from rewriting import hides, over, unused

import symformer as sf
from symformer.notation import (
    Add,
    Binder,
    Delta,
    Derivative,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Pow,
    Sum,
    Var,
    Where,
    lift,
    substitute,
)


@over((Add, Mul))
def commute(node, scope, maker):
    kids = list(node.kids)
    maker.random.shuffle(kids)
    return type(node)(tuple(kids))


@over(Mul)
def distribute(node, scope, maker):
    for place, kid in enumerate(node.kids):
        if isinstance(kid, Add):
            return Add(tuple(Mul((*node.kids[:place], term, *node.kids[place + 1 :])) for term in kid.kids))
    return None


def add_nothing(node, scope, maker):
    other = maker.expression(1, scope)
    return node + other - other


def times_one(node, scope, maker):
    other = maker.positive(1, scope)
    return node * other / other


def times_a_row(node, scope, maker):
    index = unused(node)
    return sf.sum(node * p[index], index)


def as_waves(node, scope, maker):
    angle = maker.leaf(scope)
    return node * (sf.sin(angle) ** 2 + sf.cos(angle) ** 2)


@over(Binder)
def rename_bound(node, scope, maker):
    index = maker.random.choice([*SHORT, *LONG])
    if index in node.body.free - {node.index}:
        return None
    return type(node)((substitute(node.body, {node.index: index}),), (index, node.size))


@over(Sum)
def swap_sums(node, scope, maker):
    inner = node.body
    if not isinstance(inner, Sum) or inner.index == node.index:
        return None
    return Sum((Sum(inner.kids, node.head),), inner.head)


@over(Sum)
def split_sum(node, scope, maker):
    return Add(tuple(Sum((term,), node.head) for term in node.body.kids)) if isinstance(node.body, Add) else None


@over(Sum)
def factor_out(node, scope, maker):
    if not isinstance(node.body, Mul):
        return None
    outside = [kid for kid in node.body.kids if node.index not in kid.free]
    inside = [kid for kid in node.body.kids if node.index in kid.free]
    return Mul((*outside, Sum((Mul(tuple(inside)),), node.head))) if outside and inside else None


@over(Sum)
def reindex(node, scope, maker):
    return (
        Sum((substitute(node.body, {node.index: turned[node.index]}),), node.head)
        if node.size == turned.shape[0]
        else None
    )


@over(Sum)
def from_the_other_end(node, scope, maker):
    return Sum((substitute(node.body, {node.index: node.size + 1 - node.index}),), node.head)


@over(Indicator)
def less_or_equal(node, scope, maker):
    one, two = node.kids
    indices = all(isinstance(kid, Var) and kid.symbol in scope for kid in node.kids)
    return Indicator((one, two), ("<",)) + sf.delta(one, two) if indices and node.relation == "≤" else None


@over(Func, name="abs")
def root_of_the_square(node, scope, maker):
    return sf.sqrt(node.kids[0] ** 2)


@over(Element)
def select(node, scope, maker):
    for place, kid in enumerate(node.kids):
        if isinstance(kid, Var):
            index = unused(node)
            moved = node.rebuild((*node.kids[:place], lift(index), *node.kids[place + 1 :]))
            return sf.sum(sf.delta(index, kid) * moved, (index, node.tensor.shape[place]))
    return None


@over(Pow)
def double_sum(node, scope, maker):
    base, exponent = node.kids
    if not isinstance(base, Sum) or exponent != lift(2):
        return None
    index = unused(base.body, base)
    other = substitute(base.body, {base.index: index})
    return sf.sum(sf.sum(base.body * other, (index, base.size)), (base.index, base.size))


@over(Func, name="exp")
def exp_of_sum(node, scope, maker):
    inner = node.kids[0]
    return Mul(tuple(sf.exp(term) for term in inner.kids)) if isinstance(inner, Add) else sf.exp(inner / 2) ** 2


@over(Func, name="exp")
def exp_of_hidden(node, scope, maker):
    inner = node.kids[0]
    return inner.kids[1] * sf.exp(inner.kids[0]) if isinstance(inner, Hidden) else None


@over(Func, name="log")
def log_of_product(node, scope, maker):
    other = maker.positive(1, scope)
    return sf.log(node.kids[0] * other) - sf.log(other)


@over(Func, name="sqrt")
def root_of_product(node, scope, maker):
    other = maker.positive(1, scope)
    return sf.sqrt(other**2 * node.kids[0]) / other


@over(Func, name="tanh")
def tanh_by_exp(node, scope, maker):
    twice = sf.exp(2 * node.kids[0])
    return (twice - 1) / (twice + 1)


@over(Func, name="sin")
def sin_of_half(node, scope, maker):
    half = node.kids[0] / 2
    return 2 * sf.sin(half) * sf.cos(half)


@over((Delta, Indicator))
def squared_bit(node, scope, maker):
    return node * node


@over(Element)
def squared_mask(node, scope, maker):
    return node**2 if node.tensor.domain.kind == "mask" else None


@over(Indicator)
def complement(node, scope, maker):
    other = {"≤": ">", ">": "≤", "<": "≥", "≥": "<", "=": "≠", "≠": "="}[node.relation]
    return 1 - Indicator(node.kids, (other,))


@over(Max)
def shifted_maximum(node, scope, maker):
    shift = maker.leaf({index: size for index, size in scope.items() if index != node.index})
    if node.index in shift.free or hides(node.body):  # the maximum of nothing is 0, and does not shift
        return None
    return Max((node.body + shift,), node.head) - shift


@over(Func, name="maximum")
def larger_by_cases(node, scope, maker):
    one, two = node.kids
    return sf.where(Indicator((one, two), ("≥",)), one, two)


@over(Func, name="maximum")
def the_smaller_of_the_negatives(node, scope, maker):
    one, two = node.kids
    return maker.random.choice((sf.maximum(two, one), -sf.minimum(-one, -two), one + two - sf.minimum(one, two)))


@over(Func, name="abs")
def larger_of_both_signs(node, scope, maker):
    (inner,) = node.kids
    return maker.random.choice((sf.maximum(inner, -inner), abs(-inner), inner * sf.sign(inner)))


@over(Func, name="relu")
def larger_than_nothing(node, scope, maker):
    (inner,) = node.kids
    above = Indicator((inner, lift(0)), (">",))
    return maker.random.choice((sf.maximum(inner, 0), (inner + abs(inner)) / 2, inner * above))


@over(Func, name="clip")
def larger_and_smaller(node, scope, maker):
    inner, low, high = node.kids
    return sf.minimum(sf.maximum(inner, low), high)


@over(Where)
def the_other_way_round(node, scope, maker):
    chosen, value, other = node.kids
    return sf.where(Logic.of("not", chosen), other, value)


@over(Logic)
def de_morgan(node, scope, maker):
    if node.word == "not":
        return None
    other = Logic.of("or" if node.word == "and" else "and", *(Logic.of("not", kid) for kid in node.kids))
    return Logic.of("not", other)


@over(Expectation)
def linear_expectation(node, scope, maker):
    body = node.kids[0]
    return Add(tuple(Expectation((term,)) for term in body.kids)) if isinstance(body, Add) else None


@over(Derivative)
def linear_derivative(node, scope, maker):
    target, entry = node.kids
    return Add(tuple(Derivative((term, entry)) for term in target.kids)) if isinstance(target, Add) else None


TRUE = (
    commute, distribute, add_nothing, times_one, times_a_row, as_waves, rename_bound, swap_sums, split_sum, factor_out,
    reindex, select, double_sum, exp_of_sum, exp_of_hidden, log_of_product, root_of_product, tanh_by_exp, sin_of_half,
    squared_bit, squared_mask, complement, shifted_maximum, linear_expectation, linear_derivative, larger_by_cases,
    the_smaller_of_the_negatives, larger_of_both_signs, larger_than_nothing, larger_and_smaller, the_other_way_round,
    de_morgan, from_the_other_end, less_or_equal, root_of_the_square,
)  # fmt: skip
