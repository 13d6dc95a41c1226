"""Every single-place change of every judged line of the book: signs, coefficients, exponents, indices, terms, sizes.

A change is made in the line as it is written, never in the definitions behind it. The order is that of the book, the
same in every run, and no two changes of a line are the same formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import symformer as sf
from symformer.notation import (
    Add,
    Binder,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
    Func,
    Hidden,
    Indicator,
    Mul,
    Neg,
    Pow,
    ShapeError,
    Var,
    lift,
)

RELATIONS = ("=", "≤", "≥")


@dataclass(frozen=True)
class Mutant:
    """A changed line: `before relation formula` is what it claims."""

    slug: str
    place: int
    kind: str
    before: Any
    relation: str
    formula: Any
    ranges: Any

    def __str__(self):
        return f"{self.slug} ({self.place}), {self.kind}: {self.formula}"


def book_mutants(slugs=None):
    """All mutants of the book, or of some derivations."""
    return [
        mutant for slug in slugs or [listed.slug for listed in sf.contents()] for mutant in mutants_of(sf.load(slug))
    ]


def mutants_of(derivation):
    """All mutants of a derivation."""
    found, before = [], None
    for place, line in enumerate(derivation.lines, start=1):
        if line.relation in RELATIONS and line.expected is None:
            spans = {index: span.size for index, span in derivation.ranges(line).items()}
            for kind, formula in changes(line.formula, spans, before):
                loose = before.free | formula.free
                ranges = {index: span for index, span in derivation.ranges(line).items() if index in loose}
                found.append(Mutant(derivation.slug, place, kind, before, line.relation, formula, ranges))
        if line.expected is None:
            before = line.formula
    return found


def changes(formula, ranges, before):
    """(kind, changed formula) for every single-place change, each formula once."""
    sizes = sorted(set(ranges.values()) | set(_sizes(formula)) | set(_sizes(before)), key=str)
    unique = {formula.digest}
    for kind, changed in _everywhere(formula, ranges, sizes):
        if changed.digest not in unique and _has_shapes(changed, ranges):
            unique.add(changed.digest)
            yield kind, changed


def _sizes(node):
    own = [node.size] if isinstance(node, Binder) else [node.symbol] if isinstance(node, Var) else []
    own = [size for size in own if size.is_positive]
    own += list(node.tensor.shape) if isinstance(node, Element) else []
    return own + [size for kid in node.kids for size in _sizes(kid)]


def _has_shapes(node, ranges):
    """Whether every index still runs over one size, and none has come loose."""
    try:
        carried = node.rebuild(node.kids).ranges
    except ShapeError:
        return False
    return all(index in ranges and ranges[index] == span.size for index, span in carried.items())


def _everywhere(node, ranges, sizes):
    """Changes here, then inside."""
    yield from _here(node, ranges, sizes)
    yield from _inside(node, ranges, sizes)


def _inside(node, ranges, sizes):
    inner = {**ranges, node.index: node.size} if isinstance(node, Binder) else ranges
    for position, kid in enumerate(node.kids):
        if isinstance(node, (Element, Delta)) or (isinstance(node, Indicator) and isinstance(kid, Var)):
            steps = _indices(kid, inner, _span(node, position, inner))
        elif isinstance(node, (Derivative, Hidden)) and position == 1:
            steps = _inside(kid, inner, sizes)
        elif isinstance(node, Pow) and position == 1:
            steps = ()
        else:
            steps = _everywhere(kid, inner, sizes)
        for kind, changed in steps:
            kids = (*node.kids[:position], changed, *node.kids[position + 1 :])
            try:
                yield kind, node.rebuild(kids)
            except ShapeError:
                continue


def _span(node, position, ranges):
    """What an index at this place runs over."""
    if isinstance(node, Element):
        return node.tensor.shape[position]
    kid = node.kids[position]
    return ranges.get(kid.symbol) if isinstance(kid, Var) else None


def _indices(kid, ranges, span):
    if isinstance(kid, Var):
        for index, size in sorted(ranges.items(), key=lambda item: str(item[0])):
            if size == span and index != kid.symbol:
                yield "index", lift(index)


def _here(node, ranges, sizes):
    yield "sign", node.kids[0] if isinstance(node, Neg) else -node
    if not isinstance(node, Neg):
        yield "coefficient", 2 * node
        yield "coefficient", node / 2
    for kind, change in CHANGES:
        if isinstance(node, kind):
            yield from change(node, sizes)


def _constant(node, sizes):
    yield "coefficient", lift(node.value + 1)
    yield "coefficient", lift(node.value - 1)


def _variable(node, sizes):
    if node.symbol.is_positive:
        yield "size", lift(node.symbol + 1)
        yield from (("size", lift(size)) for size in sizes if size != node.symbol)


def _bound(node, sizes):
    """Another range is possible only where no tensor says what the index runs over."""
    if node.index not in node.body.ranges:
        for size in (*sizes, node.size + 1):
            if size != node.size:
                yield "size", type(node)(node.kids, (node.index, size))


def _add(node, sizes):
    for place, kid in enumerate(node.kids):
        rest = (*node.kids[:place], *node.kids[place + 1 :])
        yield "dropped term", rest[0] if len(rest) == 1 else Add(rest)
        yield "doubled term", Add((*node.kids, kid))
        if isinstance(kid, Neg):
            first, second = kid.kids[0], Neg((node.kids[place - 1],))
            yield "order of a difference", Add((*node.kids[: place - 1], first, second, *node.kids[place + 1 :]))


def _mul(node, sizes):
    for place, kid in enumerate(node.kids):
        rest = (*node.kids[:place], *node.kids[place + 1 :])
        yield "dropped factor", rest[0] if len(rest) == 1 else Mul(rest)
        yield "doubled factor", Mul((*node.kids, kid))


def _div(node, sizes):
    over, under = node.kids
    yield "dropped factor", over
    yield "dropped factor", lift(1) / under
    yield "doubled factor", over * over / under
    yield "doubled factor", over / (under * under)


def _pow(node, sizes):
    base, exponent = node.kids
    for other in (exponent + 1, exponent - 1, -exponent):
        yield "exponent", base ** lift(other.plain())


def _function(node, sizes):
    if node.name == "sqrt":
        yield "exponent", node.kids[0]
        yield "exponent", lift(1) / node


def _element(node, sizes):
    yield "exponent", node**2


def _delta(node, sizes):
    yield "delta", lift(1)
    yield "delta", 1 - node


def _indicator(node, sizes):
    yield "delta", lift(1)
    yield "delta", 1 - node
    for relation in ("≤", "<", "≥", ">", "=", "≠"):
        yield "delta", Indicator(node.kids, (relation,))


CHANGES = (
    (Const, _constant), (Var, _variable), (Binder, _bound), (Add, _add), (Mul, _mul), (Div, _div), (Pow, _pow),
    (Func, _function), (Element, _element), (Delta, _delta), (Indicator, _indicator),
)  # fmt: skip
