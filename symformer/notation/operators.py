"""What binds an index, or stands for 0 and 1, or for a derivative or an expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.notation.errors import NotationError
from symformer.notation.node import ATOM, BIG, MUL, POWER, Layout, setting, walk
from symformer.notation.ranges import Range, merge_ranges
from symformer.notation.tensors import Element
from symformer.notation.written import Const, Var, Written, lift
from symformer.typeset import Sign
from symformer.typeset.boxes import Big, Fence, Script, parens, row
from symformer.typeset.boxes import Fraction as Built
from symformer.typeset.names import name_box


class Binder(Written):
    """Something over a bound index. `head` is (index, size); the body is `kids[0]`."""

    __slots__ = ()

    @property
    def index(self) -> Symbol:
        """The bound index."""
        return self.head[0]

    @property
    def size(self) -> Expr:
        """What it runs to, from 1."""
        return self.head[1]

    @property
    def body(self) -> Written:
        """What it runs over."""
        return self.kids[0]

    def avoiding(self, taken: set[Symbol]) -> Written:
        body = self.body.avoiding(taken)
        if self.index not in taken:
            return type(self)((body,), self.head)
        index = self.index
        while index in taken or index in _every_symbol(body):
            index = Symbol(index.name + "'", **index.assumptions0)
        return type(self)((_renamed(body, self.index, index),), (index, self.size))

    def index_ranges(self) -> Mapping[Symbol, Range]:
        inside = merge_ranges(*(kid.ranges for kid in self.kids))
        return {index: found for index, found in inside.items() if index != self.index}


def _every_symbol(node: Written) -> set[Symbol]:
    """The symbols of an expression, bound ones too."""
    return {part for inside in walk(node) for part in inside.head if isinstance(part, Symbol)}


def _renamed(node: Written, old: Symbol, new: Symbol) -> Written:
    """A free index under another name that occurs nowhere in the node."""
    if isinstance(node, Var):
        return Var((), (new,)) if node.symbol == old else node
    if isinstance(node, Binder) and node.index == old:
        return node
    return node.rebuild(tuple(_renamed(kid, old, new) for kid in node.kids))


class Sum(Binder):
    """A sum over an index."""

    __slots__ = ()

    def layout(self) -> Layout:
        return Layout(row(Big("∑", name_box(self.index.name)), setting(self.body, BIG)), BIG)

    def plain(self) -> Expr:
        return sympy.Sum(self.body.plain(), (self.index, 1, self.size))


class Max(Binder):
    """The maximum over an index."""

    __slots__ = ()

    def layout(self) -> Layout:
        return Layout(row(Big("max", name_box(self.index.name)), setting(self.body, MUL)), BIG)

    def plain(self) -> Expr:
        return sympy.Function("maximum")(sympy.Lambda(self.index, self.body.plain()), self.size)


class Delta(Written):
    """Kronecker's delta: 1 where its two indices are equal, else 0."""

    __slots__ = ()

    def layout(self) -> Layout:
        left, right = (kid.layout().box for kid in self.kids)
        comma = () if all(isinstance(kid, (Var, Const)) for kid in self.kids) else (Sign(","),)
        return Layout(Script(name_box("delta"), row(left, *comma, right)), ATOM)

    def plain(self) -> Expr:
        return sympy.KroneckerDelta(*(kid.plain() for kid in self.kids))


RELATIONS = {"=": sympy.Eq, "≠": sympy.Ne, "≤": sympy.Le, "<": sympy.Lt, "≥": sympy.Ge, ">": sympy.Gt}


class Indicator(Written):
    """1 where a relation holds, else 0; `head` is (relation,)."""

    __slots__ = ()

    @property
    def relation(self) -> str:
        """One of RELATIONS."""
        return self.head[0]

    def layout(self) -> Layout:
        left, right = (kid.layout().box for kid in self.kids)
        return Layout(Fence("[", row(left, Sign(self.relation), right), "]"), ATOM)

    def plain(self) -> Expr:
        condition = RELATIONS[self.relation](*(kid.plain() for kid in self.kids))
        return sympy.Piecewise((1, condition), (0, True))


class Hidden(Written):
    """`kids[0]` where the mask `kids[1]` is 1, and −∞ where it is 0: only stable programs hold it."""

    __slots__ = ()

    def layout(self) -> Layout:
        value, mask = self.kids
        body = row(value.layout().box, Sign("∣"), mask.layout().box)
        return Layout(row(name_box("hide"), parens(body)), POWER)

    def plain(self) -> Expr:
        value, mask = (kid.plain() for kid in self.kids)
        return sympy.Piecewise((value, sympy.Eq(mask, 1)), (-sympy.oo, True))


class Derivative(Written):
    """∂ target / ∂ entry: `kids` are the target and the entry, whose tensor is then taken as independent.

    A direct one, with `head` ("direct",), holds all else that the target is computed from: it is the slope of one
    statement, where a plain one follows every path from the entry to the target. Both print alike.
    """

    __slots__ = ()

    @property
    def held(self) -> frozenset[str]:
        """Digests of the tensors that do not move: none, or what the target of a direct derivative is computed from."""
        target = self.target
        if not self.head or not isinstance(target, Element) or target.tensor.origin is None:
            return frozenset()
        return frozenset(parent.digest for parent in target.tensor.origin.parents if parent != self.entry.tensor)

    @property
    def target(self) -> Written:
        """What is differentiated."""
        return self.kids[0]

    @property
    def entry(self) -> Element:
        """The entry of a tensor that it is differentiated by."""
        entry = self.kids[1]
        if not isinstance(entry, Element):
            raise NotationError(f"a derivative is taken by an entry of a tensor, not by {entry}")
        return entry

    def layout(self) -> Layout:
        target, under = self.kids[0].layout(), row(Sign("∂"), setting(self.kids[1], ATOM))
        if target.level == ATOM:
            return Layout(Built(row(Sign("∂"), target.box), under), MUL)
        return Layout(row(Built(Sign("∂"), under), parens(target.box)), MUL)

    def plain(self) -> Expr:
        return sympy.Derivative(self.target.plain(), self.entry.plain(), evaluate=False)


class Expectation(Written):
    """The expectation over the random tensors in its body: linear, by their declared moments."""

    __slots__ = ()

    def layout(self) -> Layout:
        return Layout(row(Sign("𝔼"), Fence("[", self.kids[0].layout().box, "]")), POWER)

    def plain(self) -> Expr:
        return sympy.Function("E")(self.kids[0].plain())


def bind(kind: type[Binder], body: Any, *over: Any) -> Written:
    """`body` under binders of this kind, the last index innermost; ranges come from the tensors in the body.

    Raises:
        NotationError: an index that no tensor in the body carries; give its size then, as `(k, n)`.
    """
    node = lift(body)
    for item in reversed(over):
        index, size = item if isinstance(item, tuple) else (item, None)
        if size is None and index not in node.ranges:
            raise NotationError(
                f"no tensor under the {kind.__name__.lower()} carries index {index}: write ({index}, n)"
            )
        found = merge_ranges(node.ranges, {index: Range(sympy.sympify(size), "the sum")} if size is not None else {})
        node = kind((node,), (index, found[index].size))
    return node
