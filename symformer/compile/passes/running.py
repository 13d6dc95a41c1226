"""Running sums: a sum over j ≤ i is one cumulative sum, and not a sum over j for each i.

With a factor [j ≤ i] under Σ_j, factors of i leave the sum, and what is left depends on i through its end alone:

    Σ_j [j ≤ i] x_j                       is the cumulative sum of x, in n steps instead of n²
    Σ_j [j ≤ i] (Σ_c a_ic b_jc) v_jf      is Σ_c a_ic S_icf with S_icf = Σ_j [j ≤ i] b_jc v_jf

The second is causal linear attention; S is never built: rows come in blocks, and what the blocks before them add up to
is one matrix of c and f. <, ≥ and > are the same with other ends. All of it is the distributive law, at every size.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod
from typing import NamedTuple

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    Contract,
    Count,
    Load,
    Map,
    Number,
    Reduce,
    RunningProduct,
    RunningSum,
)
from symformer.compile.lines import Line, mapped
from symformer.compile.passes.axes import one_letter_an_axis, under
from symformer.compile.passes.terms import only_read

RELATIONS = {"less_equal": (False, False), "less": (False, True), "greater_equal": (True, False),
             "greater": (True, True)}  # fmt: skip
MOST_TERMS = 4  # of a sum that is multiplied out
Terms = list[tuple[int, list[Array]]]
Known = Mapping[str, tuple[Axes, Array]]  # arrays that may stand where they are read, and their letters


class Running(NamedTuple):
    """A sum over `over` as far as `along`; `back` for the entries from there on, `strict` without that entry."""

    over: Symbol
    along: Symbol
    back: bool
    strict: bool


def as_running(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines with running sums; a line that these alone read stands in them, and is left out by whoever looks."""
    named, computed = one_letter_an_axis(lines), set(outputs)
    while True:
        found, opened = _all_rewritten(named, computed)
        if not opened and all(one is other for one, other in zip(named, found, strict=True)):
            return list(lines)
        kept = opened & {name for line in only_read(found, outputs) for name in line.reads}
        if not kept:
            return found
        computed |= kept  # they have to be computed anyway, for others


def _all_rewritten(lines: Sequence[Line], computed: Collection[str]) -> tuple[list[Line], set[str]]:
    """The lines with running sums, and the variables in whose places their arrays were put."""
    known: dict[str, tuple[Axes, Array]] = {}
    found: list[Line] = []
    opened: set[str] = set()
    for line in lines:
        new = line.mapped(lambda node: _rewritten(node, known))
        new = line if new == line else new
        opened |= (set(line.reads) - set(new.reads)) & known.keys()
        found.append(new)
        if line.guard is None and line.variable not in computed and _opens(new.array):
            known[line.variable] = line.axes, new.array
    return found, opened


def _opens(array: Array) -> bool:
    """Whether an array may stand in a product that reads it: it is one, or a sum of some."""
    return isinstance(array, Contract) or (isinstance(array, Map) and _terms(array, {}) != [(1, [array])])


def _rewritten(node: Array, known: Known) -> Array:
    """A sum as a running one, if it is one: of every term, where it is one of several."""
    if isinstance(node, Contract):
        over, whole = set(node.over), [_terms(part, known) for part in node.parts]
    elif isinstance(node, Reduce) and node.name == "sum":
        over, whole = {node.over}, [_terms(node.part, known)]
    else:
        return node
    total: Array | None = None
    for sign, factors in _multiplied(whole):
        ends = [one for one in factors if _end(one, over) is not None]
        run = _end(ends[0], over) if len(ends) == 1 else None
        found = None if run is None else _running(run, [one for one in factors if one is not ends[0]], set(over))
        if found is None:
            return node
        total = _added(total, sign, found)
    return node if total is None else total


def _added(total: Array | None, sign: int, term: Array) -> Array:
    if total is None:
        return term if sign > 0 else Map(term.axes, "negative", (term,))
    axes: Axes = tuple(dict.fromkeys((*total.axes, *term.axes)))
    return Map(axes, "add" if sign > 0 else "subtract", (total, term))


def _terms(array: Array, known: Known) -> Terms:
    """An array as a sum of products."""
    if isinstance(array, Load) and array.name in known:
        axes, inner = known[array.name]
        letters = dict(zip(axes, array.axes, strict=True))
        return _terms(mapped(inner, lambda node: under(node, letters)), known)
    if not isinstance(array, Map):
        return [(1, [array])]
    if array.name == "real" and _is_relation(array.parts[0]):
        return [(1, [array.parts[0]])]
    if array.name == "multiply" or (array.name == "select" and _is_relation(array.parts[1])):
        return _multiplied([_terms(part, known) for part in array.parts]) or [(1, [array])]
    if array.name == "divide":
        top, below = array.parts
        inverse = Map(below.axes, "divide", (Number((), "1"), below))
        return [(sign, [*factors, inverse]) for sign, factors in _terms(top, known)]
    if array.name in ("add", "subtract"):
        one, two = (_terms(part, known) for part in array.parts)
        return [*one, *((sign if array.name == "add" else -sign, factors) for sign, factors in two)]
    return [(1, [array])]


def _multiplied(parts: Sequence[Terms]) -> Terms:
    """The product of sums of products, term by term; empty where these would be too many, as no product is."""
    if prod(len(part) for part in parts) > MOST_TERMS:
        return []
    found: Terms = [(1, [])]
    for part in parts:
        found = [(sign * other, [*one, *two]) for sign, one in found for other, two in part]
    return found


def _is_relation(array: Array) -> bool:
    return isinstance(array, Map) and array.name in RELATIONS


def _end(array: Array, over: Collection[Symbol]) -> Running | None:
    """How far a sum runs, if an array relates the places of a letter that is summed and of one that is not."""
    if not _is_relation(array):
        return None
    assert isinstance(array, Map)
    one, two = array.parts
    if not (isinstance(one, Count) and isinstance(two, Count)) or (one.size, one.start) != (two.size, two.start):
        return None
    (left,), (right,) = one.axes, two.axes
    back, strict = RELATIONS[array.name]
    if left in over and right not in over:
        return Running(left, right, back, strict)
    return Running(right, left, not back, strict) if right in over and left not in over else None


def _running(run: Running, factors: Sequence[Array], over: set[Symbol]) -> Array | None:
    """The running sum of a product; None where it has not the form of one."""
    both = [one for one in factors if {run.over, run.along} <= set(one.axes)]
    for one in both:
        if not isinstance(one, Contract) or set(one.over) & over:
            return None
        over |= set(one.over)
    inner_parts = [part for one in both if isinstance(one, Contract) for part in one.parts]
    parts = [*(one for one in factors if one not in both), *inner_parts]
    right = [one for one in parts if run.over in one.axes]
    left = [one for one in parts if run.over not in one.axes]
    if not right or any(run.along in one.axes for one in right):
        return None
    inner = [one for one in left if set(one.axes) & over]
    total = _sum(run, inner, right, over - {run.over})
    if total is None:
        return None
    for one in left:
        total = total if one in inner else _times(total, one)
    return total


def _sum(run: Running, left: Sequence[Array], right: Sequence[Array], over: set[Symbol]) -> Array | None:
    """Σ over what is left of a running sum, of the factors in front of it and of those behind."""
    shared = {letter for one in left for letter in one.axes} & over
    alone = over - shared
    keys = [one for one in right if set(one.axes) & shared]
    values = [one for one in right if not set(one.axes) & shared]
    if not left or not keys:
        return None if left else _plain(run, _summed(_product(right), alone))
    if alone:
        return None
    a, b = _product(left), _product(keys)
    v = _product(values) if values else None
    if v is None or len(v.axes) == 1:
        whole = _plain(run, b if v is None else _times(b, v))
        axes = tuple(letter for letter in (*a.axes, *whole.axes) if letter not in shared)
        return Contract(tuple(dict.fromkeys(axes)), (a, whole), tuple(shared))
    return _product_running(run, a, b, v, shared)


def _product_running(run: Running, a: Array, b: Array, v: Array, shared: set[Symbol]) -> Array | None:
    """a (…, i, c), b (…, j, c) and v (…, j, f) of one batch of matrices."""
    lead = [letter for letter in v.axes if letter in b.axes and letter != run.over]
    wide = [letter for letter in v.axes if letter not in (*lead, run.over)]
    if len(shared) != 1 or len(wide) != 1:
        return None
    if set(a.axes) != {*lead, run.along, *shared} or set(b.axes) != {*lead, run.over, *shared}:
        return None
    return RunningProduct((*lead, run.along, *wide), (a, b, v), run.over, run.along, run.back, run.strict)


def _plain(run: Running, part: Array) -> Array:
    axes = tuple(run.along if letter == run.over else letter for letter in part.axes)
    return RunningSum(axes, part, run.over, run.along, run.back, run.strict)


def _summed(part: Array, over: set[Symbol]) -> Array:
    """The sum over letters that nothing else has."""
    for letter in [one for one in part.axes if one in over]:
        part = Reduce(tuple(one for one in part.axes if one != letter), "sum", part, letter)
    return part


def _product(arrays: Sequence[Array]) -> Array:
    total = arrays[0]
    for one in arrays[1:]:
        total = _times(total, one)
    return total


def _times(one: Array, two: Array) -> Array:
    axes: Axes = tuple(dict.fromkeys((*one.axes, *two.axes)))
    return Map(axes, "multiply", (one, two))
