"""What each kind of node is in index notation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symformer.arrays.axes import Axis, total
from symformer.arrays.elementwise import ELEMENTWISE, relation
from symformer.arrays.errors import ArrayError
from symformer.arrays.nodes import Node, Pick
from symformer.arrays.numbers import written
from symformer.notation import Add, Element, Max, Prod, Sum, Var, Written, lift, walk, where

if TYPE_CHECKING:
    from symformer.arrays.lowering import Lowering

REDUCTIONS = {"sum": Sum, "max": Max, "prod": Prod}
Index = tuple[Written, ...]  # of an axis, one for each factor, counted from 1
At = tuple[Index, ...]


def matched(at: At, arg: Node) -> At:
    """The indices of an argument that broadcasts to the array that is read."""
    own = at[len(at) - len(arg.shape) :]
    return tuple(index if axis else () for index, axis in zip(own, arg.shape, strict=True))


def flat_index(index: Index, axis: Axis) -> Expr:
    """The place along an axis of several factors, counted from 1."""
    place = sympy.Integer(0)
    for one, factor in zip(index, axis, strict=True):
        place = place * factor + one.plain() - 1
    return sympy.expand(place) + 1


def _const(self: Lowering, node: Node, at: At) -> Written:
    value = node.attrs[0]
    if value.is_infinite:
        raise ArrayError(
            "−∞ or ∞ as a number in a formula", "use it in np.where(mask, scores, -np.inf) under a softmax", node.place
        )
    return written(value)


def _iota(self: Lowering, node: Node, at: At) -> Written:
    (axis,) = node.shape
    if not axis:
        return lift(0)
    if len(axis) == 1 and isinstance(at[0][0], (Var, Add)) and at[0][0].plain().is_Symbol:
        return at[0][0] - 1
    return lift(flat_index(at[0], axis) - 1)


def _map(self: Lowering, node: Node, at: At) -> Written:
    (function,) = node.attrs
    if function == "hide":
        raise ArrayError("−∞ outside a softmax", "a mask with −∞ belongs into the scores of a softmax", node.place)
    if function == "exp" and node.args[0].attrs == ("hide",):
        value, mask = node.args[0].args
        return self.entry(mask, matched(at, mask)) * ELEMENTWISE["exp"](self.entry(value, matched(at, value)))
    return ELEMENTWISE[function](*(self.entry(arg, matched(at, arg)) for arg in node.args))


def _reduce(self: Lowering, node: Node, at: At) -> Written:
    operation, axes = node.attrs
    (arg,) = node.args
    sizes = tuple(factor for axis in axes for factor in arg.shape[axis])

    def body(indices: Index) -> Written:
        rest = list(indices)
        places = [tuple(rest.pop(0) for _ in axis) if place in axes else at[place]
                  for place, axis in enumerate(arg.shape)]  # fmt: skip
        return self.entry(arg, tuple(places))

    return self.over(REDUCTIONS[operation], sizes, body)


def picked(pick: Pick, at: At, axis: Axis) -> Index:
    """The index at which an axis of a view's argument is read."""
    running = list(at[pick.axis]) if pick.axis is not None else []
    found: list[Written] = []
    for factor in pick.factors:
        if factor is None:
            found.append(running.pop(0))
        elif factor[1] == 0:
            found.append(lift(factor[0] + 1))
        else:
            found.append(_stepped(running.pop(0), *factor))
    return tuple(found)


def _stepped(index: Written, start: Expr, step: int) -> Written:
    """start + step · (index − 1), counted from 1; a part of an axis from its start is the index under no range."""
    if step == 1:
        return placed(index, -start)
    return lift(sympy.expand((index.plain() - 1) * step + start + 1))


def _view(self: Lowering, node: Node, at: At) -> Written:
    (arg,), (picks,) = node.args, node.attrs
    return self.entry(arg, tuple(picked(pick, at, axis) for pick, axis in zip(picks, arg.shape, strict=True)))


def _regroup(self: Lowering, node: Node, at: At) -> Written:
    (arg,) = node.args
    flat = [index for axis in at for index in axis]
    return self.entry(arg, tuple(tuple(flat.pop(0) for _ in axis) for axis in arg.shape))


def _gather(self: Lowering, node: Node, at: At) -> Written:
    """`attrs`: for each axis of the source a Pick, or the number of the array that holds positions along it; where
    the axes of these arrays begin among the node's; how many there are."""
    source, *positions = node.args
    picks, begin, count = node.attrs
    among = at[begin : begin + count]
    there: list[Index] = []
    for pick, axis in zip(picks, source.shape, strict=True):
        if isinstance(pick, Pick):
            there.append(picked(pick, at, axis))
        else:
            found = self.entry(positions[pick], matched(among, positions[pick]))
            there.append((_next(found),))
    return self.entry(source, tuple(there))


def _next(found: Written) -> Written:
    """A position counted from 0 as an index, counted from 1."""
    if isinstance(found, Add) and len(found.kids) == 2 and found.kids[1].plain() == -1:
        return found.kids[0]
    given = any(isinstance(part, Element) for part in walk(found))
    return found + 1 if given else lift(sympy.expand(found.plain() + 1))


def _concat(self: Lowering, node: Node, at: At) -> Written:
    """`attrs`: the axis, and whether its parts are entries of a factor of their own."""
    axis, stacked = node.attrs
    if stacked:
        first, *rest = at[axis]
        parts = [(relation("=")(first, lift(number)), self.entry(arg, (*at[:axis], tuple(rest), *at[axis + 1 :])))
                 for number, arg in enumerate(node.args, start=1)]  # fmt: skip
        parts = [(condition, value) for condition, value in parts if condition != lift(0)]
        if len(parts) == 1 and parts[0][0] == lift(1):
            return parts[0][1]
        return sum_of([condition * value for condition, value in parts])
    return _one_after_the_other(self, node, axis, at)


def _one_after_the_other(self: Lowering, node: Node, axis: int, at: At) -> Written:
    """Cases by where the index is: up to the end of the first part, of the second, …"""
    (index,), start = at[axis], sympy.Integer(0)
    parts: list[tuple[Written, Written]] = []
    for arg in node.args:
        length = arg.shape[axis]
        here = _digits(placed(index, start), length)
        start = sympy.expand(start + total(length))
        parts.append((relation("≤")(index, lift(start)), self.entry(arg, (*at[:axis], here, *at[axis + 1 :]))))
    found = parts.pop()[1]
    for condition, value in reversed(parts):
        found = found if condition == lift(0) else value if condition == lift(1) else where(condition, value, found)
    return found


def placed(index: Written, start: Expr) -> Written:
    """An index counted from behind `start`; it says nothing of what it runs over."""
    found = index if start == 0 else lift(sympy.expand(index.plain() - start))
    return Add((found,)) if isinstance(found, Var) else found


def _digits(index: Written, axis: Axis) -> Index:
    """A place along an axis as one index for each of its factors."""
    if len(axis) < 2:
        return (index,) if axis else ()
    before, after = index - 1, total(axis[1:])
    return (before // after + 1, *_digits(before % after + 1, axis[1:]))


def sum_of(terms: list[Written]) -> Written:
    """Terms added up."""
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _contract(self: Lowering, node: Node, at: At) -> Written:
    """`attrs`: the letters of each argument's axes, and those of the result."""
    inputs, output = node.attrs
    sizes = {letter: axis for arg, letters in zip(node.args, inputs, strict=True)
             for letter, axis in zip(letters, arg.shape, strict=True) if axis}  # fmt: skip
    known = dict(zip(output, at, strict=True))
    inner = [letter for letter in sizes if letter not in known]

    def body(indices: Index) -> Written:
        rest = list(indices)
        here = {**known, **{letter: tuple(rest.pop(0) for _ in sizes[letter]) for letter in inner}}
        factors = [
            self.entry(
                arg, tuple(here[letter] if axis else () for letter, axis in zip(letters, arg.shape, strict=True))
            )
            for arg, letters in zip(node.args, inputs, strict=True)
        ]
        product = factors[0]
        for factor in factors[1:]:
            product = ELEMENTWISE["multiply"](product, factor)
        return product

    return self.over(Sum, tuple(factor for letter in inner for factor in sizes[letter]), body)


def _cumulative(self: Lowering, node: Node, at: At) -> Written:
    (axis,), (arg,) = node.attrs, node.args
    (size,) = arg.shape[axis]

    def body(index: Index) -> Written:
        seen = relation("≤")(index[0], at[axis][0])
        entry = self.entry(arg, (*at[:axis], index, *at[axis + 1 :]))
        return seen * entry if node.kind == "cumsum" else where(seen, entry, 1)

    return self.over(Sum if node.kind == "cumsum" else Prod, (size,), body)


def _call(self: Lowering, node: Node, at: At) -> Written:
    found: Written = self.tensor(node)[tuple(index for axis in at for index in axis)]
    return found


RULES: dict[str, Callable[[Lowering, Node, At], Written]] = {
    "const": _const,
    "scalar": lambda self, node, at: node.attrs[0],
    "iota": _iota,
    "map": _map,
    "reduce": _reduce,
    "view": _view,
    "regroup": _regroup,
    "gather": _gather,
    "concat": _concat,
    "contract": _contract,
    "cumsum": _cumulative,
    "cumprod": _cumulative,
    "call": _call,
}
