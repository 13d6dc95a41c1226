"""What binds an index, or stands for 0 and 1, or for a derivative or an expectation."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.notation.carriers import E, largest_at, maximum
from symformer.notation.errors import NotationError
from symformer.notation.fitted import fitted
from symformer.notation.node import ATOM, BIG, MUL, POWER, Choice, Layout, exactly, setting, walk
from symformer.notation.ranges import Range, merge_ranges
from symformer.notation.tensors import Element
from symformer.notation.written import RELATIONS as RELATIONS
from symformer.notation.written import Const, Indicator, Mul, Var, Written, lift
from symformer.typeset import Sign
from symformer.typeset.boxes import Big, Box, Fence, Number, Script, parens, row
from symformer.typeset.boxes import Fraction as Built
from symformer.typeset.names import name_box


class BoundIndex(sympy.Dummy):
    """The index of one binder, or a free index that nobody else has: equal to itself alone.

    Its name is the letter that its author wrote, and is for people: where it is printed, another may stand for it.
    """

    def __new__(cls, letter: str) -> Any:
        return super().__new__(cls, letter, integer=True)

    def __getnewargs_ex__(self) -> Any:
        return ((self.name,), {})

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}#{self.dummy_index}"


class Binder(Written):
    """Something over a bound index. `head` is (index, size); the body is `kids[0]`.

    The index is an object that no symbol outside equals: whatever letter it is made with, the body holds that object in
    its place. So nothing that is put into the body can be captured, and two binders never meet. Whoever puts a body
    beside another one asks for it by `open`, which gives an index of its own.
    """

    __slots__ = ()

    def __new__(cls, kids: tuple[Any, ...] = (), head: tuple[Any, ...] = ()) -> Any:
        index, size = head
        if not isinstance(index, BoundIndex):
            own = BoundIndex(index.name)
            kids, head = (kids[0].at({index: Var((), (own,))}),), (own, size)
        return super().__new__(cls, kids, head)

    @property
    def index(self) -> BoundIndex:
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

    def open(self, letter: str | None = None) -> tuple[BoundIndex, Written]:
        """A new index, and the body at it."""
        index = BoundIndex(letter or self.index.name)
        return index, self.body.at({self.index: Var((), (index,))})

    def big(self, symbol: str) -> Box:
        """The operator with its index, and with its range where no tensor under it says what that is."""
        letter = name_box(self.index.name)
        if self.index in self.body.ranges:
            return Big(symbol, letter)
        return Big(symbol, row(letter, Sign("="), Number("1")), lift(self.size).arrange().box)

    def index_ranges(self) -> Mapping[Symbol, Range]:
        inside = merge_ranges(*(kid.ranges for kid in self.kids))
        return {index: found for index, found in inside.items() if index != self.index}

    def _free_symbols(self) -> frozenset[Symbol]:
        return (self.body.free - {self.index}) | self.size.free_symbols

    def _hashed(self, bound: Mapping[Symbol, str]) -> str:
        inside = {**bound, self.index: f"#{len(bound)}"}
        content = [type(self).__name__, exactly(self.size), self.body.digest_under(inside)]
        return hashlib.blake2b("\x1f".join(content).encode(), digest_size=16).hexdigest()

    def at(self, values: Mapping[Symbol, Any]) -> Any:
        if self.free.isdisjoint(values):
            return self
        here = {symbol: value for symbol, value in values.items() if symbol in self.free}
        known = {symbol: value.plain() for symbol, value in here.items() if symbol in self.size.free_symbols}
        size = self.size.subs(known, simultaneous=True) if known else self.size
        index, body = self.index, self.body
        if any(index in value.free for value in here.values()):  # its own body comes in, which somebody took out
            index, body = self.open()
        return type(self)((body.at(here),), (index, size))

    def lettered(self, used: frozenset[str], choose: Choice | None = None) -> Any:
        index, body = self.index, self.body
        if index.name in used:
            inner = {part.index.name for part in walk(body) if isinstance(part, Binder)}
            index, body = self.open((choose or other_letter)(index.name, self.size, used | inner))
        inside = body.lettered(used | {index.name}, choose)
        return self if inside is self.body and index is self.index else type(self)((inside,), (index, self.size))

    def _letter(self, body: Expr) -> Symbol:
        """The index as a symbol of plain SymPy that the body does not hold."""
        names = {symbol.name for symbol in body.atoms(Symbol) if symbol != self.index}
        name = self.index.name if self.index.name not in names else other_letter(self.index.name, self.size, names)
        return Symbol(name, integer=True)


POOL = "ijklabcfghpqrst"


def other_letter(letter: str, size: Expr, used: Collection[str]) -> str:
    """A letter that is not in use in place of one that is: one of the next two in the alphabet, else a common one."""
    near = [chr(ord(letter) + step) for step in (1, 2)] if len(letter) == 1 and letter in POOL else []
    spare = (f"k_{number}" for number in count(1))
    return next(one for one in chain((one for one in near if one in POOL), POOL, spare) if one not in used)


class Sum(Binder):
    """A sum over an index."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(self.big("∑"), setting(self.body, BIG)), BIG)

    def plain(self) -> Expr:
        body = self.body.plain()
        index = self._letter(body)
        return sympy.Sum(body.xreplace({self.index: index}), (index, 1, self.size))


class Max(Binder):
    """The maximum over an index."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(self.big("max"), setting(self.body, MUL)), BIG)

    def plain(self) -> Expr:
        body = self.body.plain()
        index = self._letter(body)
        return maximum(sympy.Lambda(index, body.xreplace({self.index: index})), self.size)


class Prod(Binder):
    """A product over an index."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(self.big("∏"), setting(self.body, POWER)), BIG)

    def plain(self) -> Expr:
        body = self.body.plain()
        index = self._letter(body)
        return sympy.Product(body.xreplace({self.index: index}), (index, 1, self.size))


class ArgMax(Binder):
    """The index at which something is largest; of several, the lowest."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(self.big("argmax"), setting(self.body, MUL)), BIG)

    def plain(self) -> Expr:
        body = self.body.plain()
        index = self._letter(body)
        return largest_at(sympy.Lambda(index, body.xreplace({self.index: index})), self.size)


class Delta(Written):
    """Kronecker's delta: 1 where its two indices are equal, else 0."""

    __slots__ = ()

    def arrange(self) -> Layout:
        left, right = (kid.arrange().box for kid in self.kids)
        comma = () if all(isinstance(kid, (Var, Const)) for kid in self.kids) else (Sign(","),)
        return Layout(Script(name_box("delta"), row(left, *comma, right)), ATOM)

    def plain(self) -> Expr:
        return sympy.KroneckerDelta(*(kid.plain() for kid in self.kids))


class Hidden(Written):
    """`kids[0]` where the mask `kids[1]` is 1, and −∞ where it is 0: only stable programs hold it."""

    __slots__ = ()

    def arrange(self) -> Layout:
        value, mask = self.kids
        body = row(value.arrange().box, Sign("∣"), mask.arrange().box)
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

    def arrange(self) -> Layout:
        target, under = self.kids[0].arrange(), row(Sign("∂"), setting(self.kids[1], ATOM))
        if target.level == ATOM:
            return Layout(Built(row(Sign("∂"), target.box), under), MUL)
        return Layout(row(Built(Sign("∂"), under), parens(target.box)), MUL)

    def plain(self) -> Expr:
        return sympy.Derivative(self.target.plain(), self.entry.plain(), evaluate=False)

    def doit(self, **hints: Any) -> Expr:
        """As SymPy's `doit`: the derivative worked out, where the target is written in terms of the entry's tensor."""
        self.target.check_independent((self.entry.plain(),))
        return super().doit(**hints)


class Expectation(Written):
    """The expectation over the random tensors in its body: linear, by their declared moments."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(Sign("𝔼"), Fence("[", self.kids[0].arrange().box, "]")), POWER)

    def plain(self) -> Expr:
        return E(self.kids[0].plain())


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
        if size is not None and kind is Sum and _is_index(size):
            node = _up_to(node, index, size)
            continue
        given = {} if size is None else {index: Range(sympy.sympify(size), "the sum")}
        node = node if size is None else fitted(node, index, given[index].size)
        node = kind((node,), (index, merge_ranges(node.ranges, given)[index].size))
    return node


def summed(body: Written, over: Iterable[tuple[Symbol, Expr]]) -> Written:
    """Σ of a body over indices, each up to its size, the first one outermost."""
    for index, size in reversed(tuple(over)):
        body = Sum((body,), (index, size))
    return body


def _is_index(size: Any) -> bool:
    """Whether it is an index and not a size."""
    return isinstance(size, Symbol) and bool(size.is_integer) and size.is_positive is None


def _up_to(node: Written, index: Symbol, last: Symbol) -> Written:
    """Σ over index ≤ last, as a sum over the whole axis of the entries that are not behind."""
    if index not in node.ranges:
        raise NotationError(f"no tensor under the sum carries index {index}, so it is not known how far it may run")
    size = node.ranges[index].size
    condition = Indicator((Var((), (index,)), Var((), (last,))), ("≤", size))
    return Sum((Mul((condition, node)),), (index, size))
