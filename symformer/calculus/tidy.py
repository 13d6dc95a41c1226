"""Terms made tidy and written down: equal factors cancel, like terms are collected, sums stand where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import sympy
from sympy import Symbol

from symformer.calculus.terms import Poly, Term, factors_of, product
from symformer.notation import Add, Div, Func, Mul, Neg, Pow, Sum, Var, Written, lift
from symformer.notation.node import exactly


def key(node: Written) -> str:
    """A hash that is equal for equal expressions."""
    return node.digest


# -- cancelling and collecting ----------------------------------------------------------------------------------------


def place_of(factor: Written, among: Sequence[Written]) -> int | None:
    """Where an equal factor stands."""
    wanted = key(factor)
    return next((place for place, other in enumerate(among) if key(other) == wanted), None)


def reduced(term: Term) -> Term:
    """The term without what stands both over and under it, be it a factor or a sum."""
    outside, parts = components(term)
    over, under = list(outside.over), list(outside.under)
    for part in parts:
        place = place_of(part_written(part), under) if under else None
        if place is None:
            over += part.over
            under += part.under
        else:
            del under[place]
            term = term._replace(bound=tuple(pair for pair in term.bound if pair not in part.bound))
    for factor in tuple(over):
        place = place_of(factor, under)
        if place is not None:
            over.remove(factor)
            del under[place]
    used = frozenset[Symbol]().union(*(factor.free for factor in (*over, *under)))
    return Term(outside.number, tuple(over), tuple(under), tuple(pair for pair in term.bound if pair[0] in used))


def components(term: Term) -> tuple[Term, list[Term]]:
    """What the sums of a term do not touch, and the rest in parts that share no letter of a sum."""
    bound = dict(term.bound)
    groups: list[tuple[frozenset[Symbol], Term]] = []
    outside = Term(term.number)
    pieces = [Term(over=(factor,)) for factor in term.over] + [Term(under=(factor,)) for factor in term.under]
    for piece in pieces:
        letters = (*piece.over, *piece.under)[0].free & bound.keys()
        if not letters:
            outside = product((outside, piece))
            continue
        touched = [group for group in groups if group[0] & letters]
        groups = [group for group in groups if not group[0] & letters]
        groups.append((letters.union(*(group[0] for group in touched)), product([*(g[1] for g in touched), piece])))
    parts = [part._replace(bound=tuple(pair for pair in term.bound if pair[0] in own)) for own, part in groups]
    used = frozenset().union(*(own for own, _ in groups))
    idle = [factors_of(lift(size)) for letter, size in term.bound if letter not in used]
    return product([outside, *idle]), parts


def collected(poly: Poly) -> Poly:
    """The terms tidied, like ones added up, those that are 0 gone."""
    found: dict[str, Term] = {}
    for term in map(reduced, poly):
        name = _name(term)
        known = found.get(name)
        found[name] = term if known is None else known._replace(number=known.number + term.number)
    return tuple(term for term in found.values() if term.number)


def _name(term: Term) -> str:
    """What two like terms have in common: their factors in any order, their bound letters under any name."""
    outside, parts = components(term)
    whole = [part_written(part) for part in parts]
    over, under = (sorted(map(key, side)) for side in ((*outside.over, *whole), outside.under))
    return f"{over}/{under}" + ("" if outside.number == term.number else str(outside.number / term.number))


# -- writing down -----------------------------------------------------------------------------------------------------


def part_written(part: Term) -> Written:
    """A sum of a product, its factors in an order that does not depend on how they were met."""
    bound = _ordered(part)
    places = {letter: f"sum {place}" for place, (letter, _) in enumerate(bound)}  # a bound index is like no other
    over, under = (sorted(side, key=lambda factor: factor.digest_under(places)) for side in (part.over, part.under))
    return reduce(lambda body, pair: Sum((body,), pair), reversed(bound), _fraction(over, under))


def _ordered(part: Term) -> list[tuple[Symbol, sympy.Expr]]:
    """The bound letters by what they touch, so that their names do not matter."""

    def touched(pair: tuple[Symbol, sympy.Expr]) -> list[str]:
        places = {letter: f"other {exactly(size)}" for letter, size in part.bound} | {pair[0]: "this"}
        return sorted(factor.digest_under(places) for factor in (*part.over, *part.under) if pair[0] in factor.free)

    return sorted(part.bound, key=touched) if len(part.bound) > 1 else list(part.bound)


def written(poly: Poly) -> Written:
    """The polynomial as an expression: a positive term first, then the others as they come."""
    if not poly:
        return lift(0)
    first = next((place for place, term in enumerate(poly) if term.number > 0), 0)
    ordered = (poly[first], *poly[:first], *poly[first + 1 :])
    terms = [term_written(term) for term in ordered]
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def term_written(term: Term) -> Written:
    """A term as an expression; sizes that divide a sum stand before it, as in a mean."""
    if term.number < 0:
        return Neg((term_written(term._replace(number=-term.number)),))
    outside, parts = components(term)
    sums = [reduce(lambda body, pair: Sum((body,), pair), reversed(part.bound), _fraction(part.over, part.under))
            for part in parts]  # fmt: skip
    over = [*([lift(outside.number.numerator)] if outside.number.numerator != 1 else []), *outside.over]
    under = [*([lift(outside.number.denominator)] if outside.number.denominator != 1 else []), *outside.under]
    if sums and under and all(isinstance(factor, Var) for factor in outside.under):
        return _times([Div((lift(1), _times(under))), *over, *sums])
    return _fraction([*over, *sums], under)


def _fraction(over: Sequence[Written], under: Sequence[Written]) -> Written:
    return Div((_times(over), _times(under))) if under else _times(over)


def _times(factors: Sequence[Written]) -> Written:
    """A product; equal factors that stand side by side are a power, two equal roots what is under them."""
    merged: list[Written] = []
    for factor in factors:
        if merged and isinstance(factor, Func) and factor.name == "sqrt" and key(factor) == key(merged[-1]):
            merged[-1] = factor.kids[0]
            continue
        base, count = _power(merged[-1]) if merged else (factor, 0)
        if merged and key(base) == key(factor):
            merged[-1] = Pow((base, lift(count + 1)))
        else:
            merged.append(factor)
    if not merged:
        return lift(1)
    return merged[0] if len(merged) == 1 else Mul(tuple(merged))


def _power(node: Written) -> tuple[Written, int]:
    if isinstance(node, Pow) and node.kids[1].plain().is_Integer:
        return node.kids[0], int(node.kids[1].plain())
    return node, 1


def taken_out(poly: Poly) -> Written:
    """The polynomial with what all of its terms have in common before a bracket or under one line."""
    if len(poly) < 2:
        return written(poly)
    poly = tuple(product((outside, *parts)) for outside, parts in map(components, poly))
    over, under = _common_factors(poly)
    if not over and not under:
        return _grouped(poly)
    rest = written(tuple(_less(term, over, under) for term in poly))
    factors = [*over, rest] if over else [rest]
    return _fraction(factors, under)


def common_factors(poly: Poly) -> tuple[Written | None, Written | None]:
    """What `taken_out` factors out of all terms, in numerators and in denominators; None where there is nothing.

    `P dP − P D` gives P and None; `a/σ − b/σ` gives None and σ.
    """
    over, under = _common_factors(tuple(product((outside, *parts)) for outside, parts in map(components, poly)))
    return _times(over) if over else None, _times(under) if under else None


def _common_factors(poly: Poly) -> tuple[list[Written], list[Written]]:
    split = [components(term)[0] for term in poly]
    return _common([one.over for one in split]), _common([one.under for one in split])


def _grouped(poly: Poly) -> Written:
    """A sum in which the terms over one divisor, such as the spread of a row, stand under one line."""
    shared = [key(factor) for term in poly for factor in components(term)[0].under if not isinstance(factor, Var)]
    most = max(shared, key=shared.count, default=None)
    if most is None or shared.count(most) < 2:
        return written(poly)
    parted: dict[bool, list[Term]] = {False: [], True: []}
    for term in poly:
        parted[any(key(factor) == most for factor in components(term)[0].under)].append(term)
    rest, together = (tuple(parted[choice]) for choice in (False, True))
    return Add((*(term_written(term) for term in rest), taken_out(together)))


def _common(sides: Sequence[Sequence[Written]]) -> list[Written]:
    """The factors that stand on all sides, each once."""
    first = {key(factor): factor for factor in sides[0]}
    return [factor for factor in first.values() if all(place_of(factor, side) is not None for side in sides)]


def _less(term: Term, over: Sequence[Written], under: Sequence[Written]) -> Term:
    left = {"over": list(term.over), "under": list(term.under)}
    for side, gone in (("over", over), ("under", under)):
        for factor in gone:
            place = place_of(factor, left[side])
            assert place is not None
            del left[side][place]
    return term._replace(over=tuple(left["over"]), under=tuple(left["under"]))


def same(left: Written, right: Written) -> bool:
    """Whether two expressions are the same."""
    return left == right
