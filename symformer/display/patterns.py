"""Operations that are recognised in how their formula is written: softmax, log-sum-exp, layer norm, RMS norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import Symbol

from symformer.display.factors import Factor, factors_of
from symformer.notation import Add, Element, Func, Mul, Neg, Pow, Sum, Var, Written, lift, substitute


class Exponentials(NamedTuple):
    """exp(argument) over its sum: the argument, the letter that the sum runs over, and where the two factors stand."""

    argument: Written
    letter: Symbol
    places: tuple[int, int]


def softmax_in(factors: Sequence[Factor]) -> Exponentials | None:
    """The first softmax among the factors of a product."""
    for over, top in enumerate(factors):
        if top.inverse or not (isinstance(top.node, Func) and top.node.name == "exp"):
            continue
        for under, bottom in enumerate(factors):
            if bottom.inverse and isinstance(bottom.node, Sum):
                letter = _summed_letter(top.node, bottom.node, top.letters)
                if letter is not None:
                    return Exponentials(top.node.kids[0], letter, (over, under))
    return None


def _summed_letter(top: Func, bottom: Sum, letters: frozenset[Symbol]) -> Symbol | None:
    """The letter over which the sum runs through the values of the function."""
    outside = bottom.free
    return next(
        (
            one
            for one in sorted(letters, key=str)
            if one not in outside and _moved(top, one, bottom.index) == bottom.body
        ),
        None,
    )


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
