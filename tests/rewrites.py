"""Rewrites of written expressions: rules that hold wherever both sides are defined, and tempting ones that do not.

A rule takes a node, the indices in scope with their sizes, and a maker of random expressions; it gives another node, or
None where it does not apply.
"""

from __future__ import annotations

import sympy
from random_expressions import LONG, SHORT, M, P, p, turned

import symformer as sf
from symformer.notation import (
    Add,
    Binder,
    Const,
    Delta,
    Derivative,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Max,
    Mul,
    Neg,
    NotationError,
    Pow,
    Sum,
    Var,
    hide,
    lift,
    loose_symbols,
    substitute,
)


def unused(*nodes):
    """An index that is free in none of the expressions: the first of the few letters."""
    taken = set().union(*(loose_symbols(lift(node)) for node in nodes))
    return next(index for index in (*SHORT, *LONG, *sf.indices("u_1:9")) if index not in taken)


def over(kind, **conditions):
    """A rule for nodes of one kind (and, for functions, of one name)."""

    def decorate(rule):
        def applied(node, scope, maker):
            if not isinstance(node, kind) or any(getattr(node, key) != value for key, value in conditions.items()):
                return None
            return rule(node, scope, maker)

        applied.__name__ = rule.__name__
        return applied

    return decorate


# True. ----------------------------------------------------------------------------------------------------------------


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
    if index in loose_symbols(node.body) - {node.index}:
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
    outside = [kid for kid in node.body.kids if node.index not in loose_symbols(kid)]
    inside = [kid for kid in node.body.kids if node.index in loose_symbols(kid)]
    return Mul((*outside, Sum((Mul(tuple(inside)),), node.head))) if outside and inside else None


@over(Sum)
def reindex(node, scope, maker):
    return (
        Sum((substitute(node.body, {node.index: turned[node.index]}),), node.head)
        if node.size == turned.shape[0]
        else None
    )


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
    if node.index in loose_symbols(shift) or _hides(node.body):  # the maximum of nothing is 0, and does not shift
        return None
    return Max((node.body + shift,), node.head) - shift


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
    squared_bit, squared_mask, complement, shifted_maximum, linear_expectation, linear_derivative,
)  # fmt: skip


# Tempting. ------------------------------------------------------------------------------------------------------------


def negative(node, scope, maker):
    return -node


def one_more(node, scope, maker):
    return node + maker.leaf(scope)


@over(Func, name="sqrt")
def root_of_square(node, scope, maker):
    inner = node.kids[0]
    return inner.kids[0] if isinstance(inner, Pow) else sf.sqrt(inner**2)


@over(Pow)
def square_of_terms(node, scope, maker):
    base, exponent = node.kids
    return Add(tuple(Pow((term, exponent)) for term in base.kids)) if isinstance(base, Add) else None


@over(Func)
def function_of_terms(node, scope, maker):
    inner = node.kids[0]
    return Add(tuple(Func((term,), node.head) for term in inner.kids)) if isinstance(inner, Add) else None


@over(Func)
def odd_function(node, scope, maker):
    return -Func((-node.kids[0],), node.head)


@over((Sum, Max))
def binder_of_factors(node, scope, maker):
    if not isinstance(node.body, (Mul, Add)):
        return None
    return type(node.body)(tuple(type(node)((kid,), node.head) for kid in node.body.kids))


@over(Max)
def scaled_maximum(node, scope, maker):
    scale = maker.leaf({index: size for index, size in scope.items() if index != node.index})
    return scale * node if node.index in loose_symbols(scale) else Max((scale * node.body,), node.head) / scale


@over(Sum)
def other_size(node, scope, maker):
    if node.index in node.body.ranges:
        return None
    return Sum(node.kids, (node.index, maker.random.choice((sympy.Integer(2), *scope.values(), node.size + 1))))


@over(Sum)
def captured(node, scope, maker):
    free = sorted(loose_symbols(node.body) - {node.index}, key=str)
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
    negative, one_more, root_of_square, square_of_terms, function_of_terms, odd_function, binder_of_factors,
    scaled_maximum, other_size, captured, first_term, turned_entry, dropped_bit, other_index, other_relation,
    selected_over_another_range, swapped_axes,
    other_entry, a_mask_is_one, forgotten_mask, wrong_mask, product_of_expectations, root_of_cos, root_of_its_square,
    log_of_its_exp_twice, over_what_may_vanish,
)  # fmt: skip


# Applied somewhere. ---------------------------------------------------------------------------------------------------


def rewritten(node, rules, scope, maker, tries=12):
    """(name of the rule, the node with one of the rules applied at one of its places), or None where none applies."""
    places = list(_places(node, dict(scope), ()))
    for _ in range(tries):
        rule = maker.random.choice(rules)
        for path, part, inner in maker.random.sample(places, len(places)):
            try:
                changed = rule(part, inner, maker)
                if changed is not None:
                    return rule.__name__, _replaced(node, path, lift(changed))
            except NotationError:  # the changed indices do not fit
                continue
    return None


def _places(node, scope, path):
    """(path, part, scope) of every value in an expression."""
    yield path, node, scope
    if isinstance(node, (Element, Delta, Const, Var)):
        return
    inner = {**scope, node.index: node.size} if isinstance(node, Binder) else scope
    only_first = isinstance(node, (Derivative, Pow, Hidden))
    indices = isinstance(node, Indicator) and all(isinstance(kid, (Var, Const)) for kid in node.kids)
    for place, kid in enumerate(() if indices else node.kids[:1] if only_first else node.kids):
        if not isinstance(kid, Hidden) and not _hides(kid):
            yield from _places(kid, inner, (*path, place))


def _hides(node):
    """Whether it may be −∞, so that most rules do not hold for it."""
    return isinstance(node, Hidden) or (isinstance(node, (Add, Neg)) and any(_hides(kid) for kid in node.kids))


def _replaced(node, path, new):
    if not path:
        return new
    kids = list(node.kids)
    kids[path[0]] = _replaced(kids[path[0]], path[1:], new)
    return node.rebuild(tuple(kids))
