"""Operations that are recognised in how their formula is written: softmax, log-sum-exp, layer norm, RMS norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import Symbol

from symformer.display.factors import Factor, factors_of
from symformer.notation import (
    Add,
    Delta,
    Element,
    Func,
    Indicator,
    Logic,
    Mul,
    Neg,
    Pow,
    Sum,
    Var,
    Where,
    Written,
    lift,
    substitute,
)


class Exponentials(NamedTuple):
    """exp(argument), perhaps times masks, over the sum of that.

    Attributes:
        argument: what the exponential is taken of.
        letter: the one that the sum runs over.
        masks: the 0/1 factors beside the exponential, above the line and in the sum.
        places: where the factors stand that make it.
    """

    argument: Written
    letter: Symbol
    masks: tuple[Written, ...]
    places: tuple[int, ...]


def softmax_in(factors: Sequence[Factor]) -> Exponentials | None:
    """The first softmax among the factors of a product."""
    for under, bottom in enumerate(factors):
        if not (bottom.inverse and isinstance(bottom.node, Sum)):
            continue
        for over, top in enumerate(factors):
            if top.node is None or top.inverse or not any(map(_is_exponential, _seen(top.node))):
                continue
            for letter in sorted(top.letters - bottom.node.free, key=str):
                found = _weights(factors, over, bottom.node, letter)
                if found is not None:
                    argument, masks, places = found
                    return Exponentials(argument, letter, masks, (*places, under))
    return None


def _weights(
    factors: Sequence[Factor], over: int, bottom: Sum, letter: Symbol
) -> tuple[Written, tuple[Written, ...], tuple[int, ...]] | None:
    """The factors whose product at another letter is what is summed: argument, masks, places."""
    wanted = [part for one, _ in factors_of(bottom.body) for part in _seen(one)]
    if any(inverse for _, inverse in factors_of(bottom.body)):
        return None
    places, parts = [over], list(_seen(factors[over].node))
    here = [_moved(part, letter, bottom.index) for part in parts]
    for place, other in enumerate(factors):
        if place != over and not other.inverse and other.node is not None and len(here) < len(wanted):
            more = [_moved(part, letter, bottom.index) for part in _seen(other.node)]
            if all(part in wanted and part not in here for part in more):
                places, parts, here = [*places, place], [*parts, *_seen(other.node)], [*here, *more]
    if len(here) != len(wanted) or any(part not in here for part in wanted):
        return None
    exponentials = [part for part in parts if _is_exponential(part)]
    masks = tuple(part for part in parts if not _is_exponential(part))
    if len(exponentials) != 1 or not all(map(_is_mask, masks)):
        return None
    return exponentials[0].kids[0], masks, tuple(places)


def _seen(node: Written | None) -> tuple[Written, ...]:
    """A value with what lets it through: `a where c, else 0` is c and a; conditions joined by "and" one by one."""
    if isinstance(node, Where) and node.kids[2] == lift(0):
        return (*_seen(node.condition), *_seen(node.kids[1]))
    if isinstance(node, Logic) and node.word == "and":
        return tuple(part for kid in node.kids for part in _seen(kid))
    return () if node is None else (node,)


def _is_exponential(node: Written) -> bool:
    return isinstance(node, Func) and node.name == "exp"


def _is_mask(node: Written) -> bool:
    """Whether it is 0 or 1."""
    if isinstance(node, Element):
        return node.tensor.domain.kind == "mask"
    return isinstance(node, (Indicator, Logic, Delta))


def _moved(node: Written, old: Symbol, new: Symbol) -> Written:
    return substitute(node, {old: Var((), (new,))})


def exponential_sum(node: Written) -> Sum | None:
    """The sum of a log-sum-exp."""
    if isinstance(node, Func) and node.name == "log" and isinstance(node.kids[0], Sum):
        inside = node.kids[0]
        if isinstance(inside.body, Func) and inside.body.name == "exp":
            return inside
    return None


# -- norms of rows ----------------------------------------------------------------------------------------------------


class Statistics(NamedTuple):
    """x, its mean taken off or not, over the root of its mean square: where the two factors stand."""

    body: Written
    letter: Symbol
    epsilon: Written | None
    centred: bool
    places: tuple[int, int]


def norm_in(factors: Sequence[Factor]) -> Statistics | None:
    """The first layer norm or RMS norm among the factors of a product, without gain and bias."""
    for under, bottom in enumerate(factors):
        if not (bottom.inverse and isinstance(bottom.node, Func) and bottom.node.name == "sqrt"):
            continue
        square, epsilon = _with_epsilon(bottom.node.kids[0])
        mean = mean_of(square)
        base = _squared(mean[0]) if mean is not None else None
        if mean is None or base is None:
            continue
        for over, top in enumerate(factors):
            found = _normalised(top, base, mean[1]) if top.node is not None and not top.inverse else None
            if found is not None:
                return Statistics(*found[:2], epsilon, found[2], (over, under))
    return None


def _normalised(top: Factor, base: Written, index: Symbol) -> tuple[Written, Symbol, bool] | None:
    """Body, letter and whether it is centred, where a factor is what is squared under the root."""
    assert top.node is not None
    for letter in sorted(top.letters, key=str):
        if _moved(top.node, letter, index) == base:
            centred = _centred(top.node, letter)
            if centred is not None:
                return centred, letter, True
            return None if isinstance(top.node, Add) else (top.node, letter, False)
    return None


def _centred(node: Written, letter: Symbol) -> Written | None:
    """x of x − mean(x)."""
    if not (isinstance(node, Add) and len(node.kids) == 2 and isinstance(node.kids[1], Neg)):
        return None
    mean = mean_of(node.kids[1].kids[0])
    return node.kids[0] if mean is not None and _moved(node.kids[0], letter, mean[1]) == mean[0] else None


def mean_of(node: Written) -> tuple[Written, Symbol] | None:
    """Body and letter of a mean: (1/n) Σ, or Σ/n."""
    factors = factors_of(node)
    sums = [one for one, inverse in factors if isinstance(one, Sum) and not inverse]
    if len(factors) != 2 or len(sums) != 1:
        return None
    (total,) = sums
    size = lift(total.size)
    rest = next(pair for pair in factors if pair[0] is not total)
    divides = rest in ((lift(1) / size, False), (size, True))
    return (total.body, total.index) if divides else None


def _with_epsilon(node: Written) -> tuple[Written, Written | None]:
    if isinstance(node, Add) and len(node.kids) == 2 and mean_of(node.kids[0]) is not None:
        epsilon = node.kids[1]
        scalar = (isinstance(epsilon, Element) and not epsilon.kids) or not epsilon.free
        return (node.kids[0], epsilon) if scalar else (node, None)
    return node, None


def _squared(node: Written) -> Written | None:
    if isinstance(node, Pow) and node.kids[1] == lift(2):
        return node.kids[0]
    if isinstance(node, Mul) and len(node.kids) == 2 and node.kids[0] == node.kids[1]:
        return node.kids[0]
    return None
