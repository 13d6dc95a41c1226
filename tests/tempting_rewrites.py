"""Rewrites of written expressions that look right and mostly are not; see `rewriting`."""

from __future__ import annotations

import sympy
from random_expressions import M, P, turned
from rewriting import over, unused

import symformer as sf
from symformer.notation import (
    Add,
    ArgMax,
    Delta,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Pow,
    Prod,
    Sum,
    Var,
    Where,
    hide,
    lift,
    substitute,
)


def negative(node, scope, maker):
    return -node


def one_more(node, scope, maker):
    return node + maker.leaf(scope)


@over(Func, name="sqrt")
def root_of_square(node, scope, maker):
    inner = node.kids[0]
    return inner.kids[0] if isinstance(inner, Pow) else sf.sqrt(inner**2)


@over(Sum)
def without_the_last(node, scope, maker):
    return Sum(node.kids, (node.index, node.size - 1))


@over(Sum)
def one_factor_from_the_other_end(node, scope, maker):
    if not isinstance(node.body, Mul):
        return None
    first, *others = node.body.kids
    return Sum((Mul((substitute(first, {node.index: node.size + 1 - node.index}), *others)),), node.head)


@over(Indicator)
def less_for_at_most(node, scope, maker):
    return Indicator(node.kids, ("<",)) if node.relation == "≤" else None


@over(Pow)
def square_of_terms(node, scope, maker):
    base, exponent = node.kids
    return Add(tuple(Pow((term, exponent)) for term in base.kids)) if isinstance(base, Add) else None


@over(Func)
def function_of_terms(node, scope, maker):
    inner = node.kids[0]
    rest = node.kids[1:]
    return Add(tuple(Func((term, *rest), node.head) for term in inner.kids)) if isinstance(inner, Add) else None


@over(Func)
def odd_function(node, scope, maker):
    return -Func(tuple(-kid for kid in node.kids), node.head)


@over((Sum, Max))
def binder_of_factors(node, scope, maker):
    if not isinstance(node.body, (Mul, Add)):
        return None
    return type(node.body)(tuple(type(node)((kid,), node.head) for kid in node.body.kids))


@over(Max)
def scaled_maximum(node, scope, maker):
    scale = maker.leaf({index: size for index, size in scope.items() if index != node.index})
    return scale * node if node.index in scale.free else Max((scale * node.body,), node.head) / scale


@over(Func)
def larger_for_smaller(node, scope, maker):
    other = {"maximum": sf.minimum, "minimum": sf.maximum}.get(node.name)
    return other(*node.kids) if other else None


@over(Func)
def without_its_bounds(node, scope, maker):
    """max(a, b) as a, |x| as x, a clipped number as it is, the sign as 1."""
    if node.name == "sign":
        return lift(1)
    return node.kids[0] if node.name in ("maximum", "minimum", "abs", "clip", "floor", "relu") else None


@over(Func, name="abs")
def of_each_term(node, scope, maker):
    inner = node.kids[0]
    return Add(tuple(abs(kid) for kid in inner.kids)) if isinstance(inner, Add) else None


@over(Func, name="maximum")
def of_scaled(node, scope, maker):
    scale = maker.leaf(scope)
    return sf.maximum(*(scale * kid for kid in node.kids)) / scale


@over(Where)
def always_chosen(node, scope, maker):
    return maker.random.choice(node.kids[1:])


@over(Logic)
def other_word(node, scope, maker):
    return Logic(node.kids, ("or" if node.word == "and" else "and",)) if len(node.kids) > 1 else node.kids[0]


@over(Prod)
def sum_for_product(node, scope, maker):
    return Sum(node.kids, node.head)


@over(ArgMax)
def first_place(node, scope, maker):
    return lift(1)


@over(Sum)
def other_size(node, scope, maker):
    if node.index in node.body.ranges:
        return None
    return Sum(node.kids, (node.index, maker.random.choice((sympy.Integer(2), *scope.values(), node.size + 1))))


@over(Sum)
def captured(node, scope, maker):
    free = sorted(node.body.free - {node.index}, key=str)
    letters = [letter for letter in free if letter in scope and scope[letter] == node.size]
    return Sum((substitute(node.body, {letters[0]: node.index}),), node.head) if letters else None


@over(Sum)
def first_term(node, scope, maker):
    return substitute(node.body, {node.index: 1})


@over(Element)
def turned_entry(node, scope, maker):
    kids = [turned[kid.symbol] if isinstance(kid, Var) else kid for kid in node.kids]
    return node.rebuild(tuple(lift(kid) for kid in kids)) if node.tensor.shape == turned.shape else None


@over((Delta, Indicator))
def dropped_bit(node, scope, maker):
    return lift(1)


@over((Delta, Indicator))
def other_index(node, scope, maker):
    return node.rebuild((node.kids[0], lift(maker.any_index(scope))))


@over(Indicator)
def other_relation(node, scope, maker):
    return Indicator(node.kids, (maker.random.choice(("≤", "<", "≥", ">", "=", "≠")),))


@over(Element)
def selected_over_another_range(node, scope, maker):
    if not node.kids:
        return None
    index, size = unused(node), maker.random.choice((*M.shape, sympy.Integer(2)))
    return sf.sum(sf.delta(index, node.kids[0]) * node, (index, size))


@over(Element)
def swapped_axes(node, scope, maker):
    shape = node.tensor.shape
    return node.rebuild(tuple(reversed(node.kids))) if len(shape) == 2 and shape[0] == shape[1] else None


@over(Element)
def other_entry(node, scope, maker):
    return maker.entry(node.tensor, scope)


@over(Element)
def a_mask_is_one(node, scope, maker):
    return lift(1) if node.tensor.domain.kind in ("mask", "simplex") else None


@over(Func, name="exp")
def forgotten_mask(node, scope, maker):
    return sf.exp(node.kids[0].kids[0]) if isinstance(node.kids[0], Hidden) else None


@over(Func, name="exp")
def wrong_mask(node, scope, maker):
    row, column = maker.index(M.shape[0], scope), maker.index(M.shape[1], scope)
    return sf.exp(hide(node.kids[0], M[row, column]))


@over(Expectation)
def product_of_expectations(node, scope, maker):
    body = node.kids[0]
    return Mul(tuple(Expectation((kid,)) for kid in body.kids)) if isinstance(body, Mul) else Expectation((body**2,))


@over(Func, name="sin")
def root_of_cos(node, scope, maker):
    return sf.sqrt(1 - sf.cos(node.kids[0]) ** 2)


def root_of_its_square(node, scope, maker):
    return sf.sqrt(node**2)


def log_of_its_exp_twice(node, scope, maker):
    return sf.log(maker.positive(1, scope) ** 2 * sf.exp(node)) / 2


def over_what_may_vanish(node, scope, maker):
    index = unused(node)
    row = maker.index(M.shape[0], scope)
    total = sf.sum(M[row, index] * P[maker.index(P.shape[0], scope)], (index, M.shape[1]))
    return node * total / total


TEMPTING = (
    negative, one_more, without_the_last, one_factor_from_the_other_end, less_for_at_most, root_of_square,
    square_of_terms, function_of_terms, odd_function, binder_of_factors,
    scaled_maximum, other_size, captured, first_term, turned_entry, dropped_bit, other_index, other_relation,
    selected_over_another_range, swapped_axes,
    other_entry, a_mask_is_one, forgotten_mask, wrong_mask, product_of_expectations, root_of_cos, root_of_its_square,
    log_of_its_exp_twice, over_what_may_vanish, larger_for_smaller, without_its_bounds, of_each_term, of_scaled,
    always_chosen, other_word, sum_for_product, first_place,
)  # fmt: skip
