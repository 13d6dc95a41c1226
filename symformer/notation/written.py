"""Expressions that keep the order in which their author wrote them: the operators, and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache, wraps
from typing import Any, ClassVar

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from symformer.notation.errors import NoNumber, NotationError
from symformer.notation.node import ADD, ATOM, BIG, LOOSE, MUL, POWER, Layout, Node, setting, walk
from symformer.notation.primitive import PRIMITIVES, Primitive, applied
from symformer.notation.ranges import Range, merge_ranges
from symformer.notation.ufuncs import of_entries
from symformer.typeset import Box, text
from symformer.typeset.boxes import Cases, Fence, Number, Prose, Root, Script, Sign, parens, reads_otherwise, row
from symformer.typeset.boxes import Fraction as Built
from symformer.typeset.digits import ends_with_digit, starts_with_digit, starts_with_fraction
from symformer.typeset.names import name_box


def _of_entries(operator: Callable[..., Written]) -> Callable[..., Written]:
    """An operator that leaves an operation with a whole array to the array."""

    @wraps(operator)
    def method(self: Written, other: Any, *rest: Any) -> Any:
        return NotImplemented if getattr(other, "whole_array", False) else operator(self, other, *rest)

    return method


class Written(Node):
    """A node with operators that return written nodes, in the order in which they were typed."""

    __slots__ = ()
    __iter__: ClassVar[None] = None
    _iterable = False
    whole_array: ClassVar[bool] = False  # said here, or asking for it would work the expression out in SymPy
    kids: tuple[Written, ...]

    def __getitem__(self, indices: Any) -> Any:
        raise NotationError(
            f"{self} is one number and has no indices: what works on rows, such as sf.softmax, takes a whole tensor, "
            f"as in sf.softmax(Q) or, for what is computed, sf.softmax(sf.define('S', (i, j), ...))"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if options or any(getattr(one, "whole_array", False) for one in inputs):
            return NotImplemented
        return of_entries(ufunc, method, tuple(map(lift, inputs)), lambda name, kids: Func(kids, (name,)))

    def __float__(self) -> float:
        try:
            return float(super().__float__())
        except TypeError as error:
            raise self._no_number("sf.exp, sf.sqrt, sf.floor") from error

    def __int__(self) -> int:
        try:
            return int(super().__int__())
        except TypeError as error:
            raise self._no_number("sf.floor") from error

    def __round__(self, digits: Any = None) -> Any:
        try:
            return super().__round__(digits)
        except TypeError as error:
            raise self._no_number("sf.floor") from error

    def _no_number(self, instead: str) -> NoNumber:
        return NoNumber(
            f"{self} has no value before its entries have numbers, and cannot go into math.exp, float, int or round: "
            f"write {instead}"
        )

    @_of_entries
    def __add__(self, other: Any) -> Written:
        return Add.of(self, lift(other))

    @_of_entries
    def __radd__(self, other: Any) -> Written:
        return Add.of(lift(other), self)

    @_of_entries
    def __sub__(self, other: Any) -> Written:
        return Add.of(self, Neg((lift(other),)))

    @_of_entries
    def __rsub__(self, other: Any) -> Written:
        return Add.of(lift(other), Neg((self,)))

    @_of_entries
    def __mul__(self, other: Any) -> Written:
        return Mul.of(self, lift(other))

    @_of_entries
    def __rmul__(self, other: Any) -> Written:
        return Mul.of(lift(other), self)

    @_of_entries
    def __truediv__(self, other: Any) -> Written:
        return Div((self, lift(other)))

    @_of_entries
    def __rtruediv__(self, other: Any) -> Written:
        return Div((lift(other), self))

    @_of_entries
    def __pow__(self, other: Any, modulo: Any = None) -> Written:
        return Pow((self, lift(other)))

    @_of_entries
    def __rpow__(self, other: Any) -> Written:
        return Pow((lift(other), self))

    def __neg__(self) -> Written:
        return Neg((self,))

    def __pos__(self) -> Written:
        return self

    def __abs__(self) -> Written:
        return Func((self,), ("abs",))

    @_of_entries
    def __floordiv__(self, other: Any) -> Written:
        return Func((Div((self, lift(other))),), ("floor",))

    @_of_entries
    def __rfloordiv__(self, other: Any) -> Written:
        return Func((Div((lift(other), self)),), ("floor",))

    @_of_entries
    def __mod__(self, other: Any) -> Written:
        return Func((self, lift(other)), ("mod",))

    @_of_entries
    def __rmod__(self, other: Any) -> Written:
        return Func((lift(other), self), ("mod",))

    @_of_entries
    def __lt__(self, other: Any) -> Written:
        return Indicator((self, lift(other)), ("<",))

    @_of_entries
    def __le__(self, other: Any) -> Written:
        return Indicator((self, lift(other)), ("≤",))

    @_of_entries
    def __gt__(self, other: Any) -> Written:
        return Indicator((self, lift(other)), (">",))

    @_of_entries
    def __ge__(self, other: Any) -> Written:
        return Indicator((self, lift(other)), ("≥",))

    @_of_entries
    def __and__(self, other: Any) -> Written:
        return Logic.of("and", self, other)

    @_of_entries
    def __rand__(self, other: Any) -> Written:
        return Logic.of("and", other, self)

    @_of_entries
    def __or__(self, other: Any) -> Written:
        return Logic.of("or", self, other)

    @_of_entries
    def __ror__(self, other: Any) -> Written:
        return Logic.of("or", other, self)

    def __invert__(self) -> Written:
        return Logic.of("not", self)


class Const(Written):
    """A rational number or π. `head` is (value, digits): digits say how a decimal was written, else None."""

    __slots__ = ()

    @property
    def value(self) -> Expr:
        """The exact number."""
        return self.head[0]

    def arrange(self) -> Layout:
        value, digits = self.head
        if digits is None and isinstance(value, sympy.Rational) and value.q != 1:
            built = Built(Number(str(abs(value.p))), Number(str(value.q)))
            return Layout(built, MUL) if value > 0 else Layout(row(Sign("−"), built), ADD)
        if value is sympy.pi:
            return Layout(name_box("pi"), ATOM)
        level = ADD if value < 0 else MUL if digits and "e" in digits else ATOM
        return Layout(Number(digits or str(value)), level)

    def plain(self) -> Expr:
        return self.value


class Var(Written):
    """An index or a size: a SymPy symbol as a leaf."""

    __slots__ = ()

    @property
    def symbol(self) -> Symbol:
        """The SymPy symbol."""
        return self.head[0]

    def _free_symbols(self) -> frozenset[Symbol]:
        return frozenset(self.head)

    def at(self, values: Mapping[Symbol, Any]) -> Any:
        return values.get(self.symbol, self)

    def arrange(self) -> Layout:
        return Layout(name_box(self.symbol.name), ATOM)

    def plain(self) -> Expr:
        return self.symbol


class Add(Written):
    """A sum of terms, in order; a `Neg` term prints with a minus."""

    __slots__ = ()

    @classmethod
    def of(cls, left: Written, right: Written) -> Written:
        """left + right; a sum on the left is continued."""
        return cls((left.kids if isinstance(left, Add) else (left,)) + (right,))

    def arrange(self) -> Layout:
        items: list[Box] = []
        for position, kid in enumerate(self.kids):
            negative = isinstance(kid, Neg)
            box = setting(kid.kids[0] if negative else kid, BIG if negative or position else ADD)
            sign = [Sign("−" if negative else "+")] if negative or position else []
            items += [*sign, box]
        return Layout(row(*items), ADD)

    def plain(self) -> Expr:
        return sympy.Add(*(kid.plain() for kid in self.kids))


class Neg(Written):
    """Minus its part."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(Sign("−"), setting(self.kids[0], BIG)), ADD)

    def plain(self) -> Expr:
        return -self.kids[0].plain()


class Mul(Written):
    """A product of factors, in order."""

    __slots__ = ()

    @classmethod
    def of(cls, left: Written, right: Written) -> Written:
        """left · right; a product on the left is continued."""
        return cls((left.kids if isinstance(left, Mul) else (left,)) + (right,))

    def arrange(self) -> Layout:
        items: list[Box] = []
        for position, kid in enumerate(self.kids):
            last = position == len(self.kids) - 1
            first_negative = position == 0 and isinstance(kid, (Const, Neg))
            box = setting(kid, BIG if last else ADD if first_negative else MUL)
            after_digits = bool(items) and ends_with_digit(items[-1]) and starts_with_fraction(box)
            if position and (starts_with_digit(box) or after_digits or reads_otherwise(items[-1], box)):
                items.append(Sign("·"))
            items.append(box)
        level = BIG if self.kids[-1].arrange().level == BIG else MUL
        return Layout(row(*items), ADD if self._leads_negative() else level)

    def _leads_negative(self) -> bool:
        first = self.kids[0]
        return isinstance(first, (Const, Neg)) and first.arrange().level == ADD

    def plain(self) -> Expr:
        return sympy.Mul(*(kid.plain() for kid in self.kids))


class Div(Written):
    """A fraction."""

    __slots__ = ()

    def arrange(self) -> Layout:
        over, under = self.kids
        return Layout(Built(over.arrange().box, under.arrange().box), MUL)

    def plain(self) -> Expr:
        return self.kids[0].plain() / self.kids[1].plain()


class Pow(Written):
    """A power."""

    __slots__ = ()

    def arrange(self) -> Layout:
        base, exponent = self.kids
        inner, sup = setting(base, ATOM), exponent.arrange().box
        if inner == name_box("e"):
            inner = parens(inner)  # a number that is called e is not the base of the exponential function
        if isinstance(inner, Script) and inner.sup is None:
            return Layout(Script(inner.base, inner.sub, sup), POWER)
        return Layout(Script(inner, None, sup), POWER)

    def plain(self) -> Expr:
        return self.kids[0].plain() ** self.kids[1].plain()


class Func(Written):
    """An elementary function of one argument or several, by its name in PRIMITIVES."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Which function."""
        return self.head[0]

    @property
    def primitive(self) -> Primitive:
        """Its row of the table."""
        return PRIMITIVES[self.name]

    def arrange(self) -> Layout:
        shown = self.primitive.shown(self) if self.primitive.shown is not None else None
        if shown is not None:
            return shown
        argument = self.kids[0].arrange()
        if self.name == "sqrt":
            return Layout(Root(argument.box), ATOM)
        if self.name == "exp" and not _tall(self.kids[0]):
            return Layout(Script(name_box("e"), None, argument.box), POWER)
        boxes = [kid.arrange().box for kid in self.kids]
        nested = any(isinstance(part, Func) and part.name == self.name for kid in self.kids for part in walk(kid))
        return Layout(applied(self.name, *boxes, spelled=nested), POWER)  # bars inside bars do not say which belong

    def plain(self) -> Expr:
        return self.primitive.plain(*(kid.plain() for kid in self.kids))


BOOLEAN = (Relational, BooleanFunction, BooleanAtom)  # SymPy takes every symbol for a Boolean, too
RELATIONS = {"=": sympy.Eq, "≠": sympy.Ne, "≤": sympy.Le, "<": sympy.Lt, "≥": sympy.Ge, ">": sympy.Gt}
OPPOSITE = {"=": "≠", "≠": "=", "≤": ">", ">": "≤", "≥": "<", "<": "≥"}


class Condition(Written):
    """1 where something holds, else 0; on paper in square brackets, and as it is in cases."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise NotationError(
            f"{self} has no truth value before its entries have numbers: write sf.where({_bare(self)}, a, b) for a "
            f"choice, sf.maximum or sf.minimum for the larger or smaller of two, and & | ~ for and, or, not"
        )

    def arrange(self) -> Layout:
        return Layout(Fence("[", self.said(), "]"), ATOM)

    def said(self) -> Box:
        """The condition without brackets."""
        raise NotImplementedError(type(self).__name__)

    def truth(self) -> Any:
        """The condition in plain SymPy."""
        raise NotImplementedError(type(self).__name__)

    def plain(self) -> Expr:
        return sympy.Piecewise((1, self.truth()), (0, True))


class Indicator(Condition):
    """1 where a relation holds, else 0; `head` is (relation,), or (relation, size) if its indices run over a size."""

    __slots__ = ()

    @property
    def relation(self) -> str:
        """One of RELATIONS."""
        return self.head[0]

    def index_ranges(self) -> Mapping[Symbol, Range]:
        inner = super().index_ranges()
        if len(self.head) == 1:
            return inner
        own = [{kid.symbol: Range(self.head[1], "the sum")} for kid in self.kids if isinstance(kid, Var)]
        return merge_ranges(inner, *own)

    def _free_symbols(self) -> frozenset[Symbol]:
        sizes = self.head[1].free_symbols if len(self.head) > 1 else ()
        return super()._free_symbols().union(sizes)

    def at(self, values: Mapping[Symbol, Any]) -> Any:
        if len(self.head) == 1 or self.free.isdisjoint(values):
            return super().at(values)
        known = {symbol: value.plain() for symbol, value in values.items() if symbol in self.head[1].free_symbols}
        size = self.head[1].subs(known, simultaneous=True) if known else self.head[1]
        return type(self)(tuple(kid.at(values) for kid in self.kids), (self.relation, size))

    def said(self) -> Box:
        left, right = (kid.arrange().box for kid in self.kids)
        return row(left, Sign(self.relation), right)

    def truth(self) -> Any:
        return RELATIONS[self.relation](*(kid.plain() for kid in self.kids))


class Logic(Condition):
    """Conditions joined: 1 where all hold ("and"), one holds ("or"), or the only one does not ("not"); see `head`.

    Parts are conditions, deltas, or anything else that is 0 or 1, such as an entry of a mask.
    """

    __slots__ = ()
    _JOINED: ClassVar[dict[str, Any]] = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}

    @classmethod
    def of(cls, word: str, *parts: Any) -> Written:
        """The conditions joined by a word; twice the same word is one list."""
        found = [condition(part) for part in parts]
        if word == "not":
            return negated(found[0])
        flat = [inner for one in found for inner in (one.kids if type(one) is cls and one.word == word else (one,))]
        return cls(tuple(flat), (word,))

    @property
    def word(self) -> str:
        """and, or, not."""
        return self.head[0]

    def said(self) -> Box:
        boxes = [parens(said(kid)) if isinstance(kid, Logic) else said(kid) for kid in self.kids]
        if self.word == "not":
            return row(Sign("¬"), boxes[0] if isinstance(self.kids[0], Logic) else parens(boxes[0]))
        items = [boxes[0]]
        for box in boxes[1:]:
            items += [Sign("∧" if self.word == "and" else "∨"), box]
        return row(*items)

    def truth(self) -> Any:
        return self._JOINED[self.word](*map(truth, self.kids))


def said(node: Written) -> Box:
    """A condition as it stands in cases; what is a 0/1 number, as an equation."""
    if isinstance(node, Condition):
        return node.said()
    return row(node.arrange().box, Sign("="), Number("1"))


def truth(node: Written) -> Any:
    """A condition in plain SymPy."""
    return node.truth() if isinstance(node, Condition) else sympy.Eq(node.plain(), 1)


def negated(node: Written) -> Written:
    """What holds where a condition does not."""
    if isinstance(node, Indicator):
        return Indicator(node.kids, (OPPOSITE[node.relation],))
    if isinstance(node, Logic) and node.word == "not":
        return node.kids[0]
    return Logic((node,), ("not",))


def _bare(node: Condition) -> str:
    return text(node.said())


class Where(Written):
    """`kids[1]` where the condition `kids[0]` holds, else `kids[2]`, which may have no value where it is not chosen."""

    __slots__ = ()

    @property
    def condition(self) -> Written:
        """What decides: 0 or 1."""
        return self.kids[0]

    def arrange(self) -> Layout:
        return Layout(Cases(tuple(self._rows())), LOOSE)

    def _rows(self) -> Iterator[tuple[Box, Box]]:
        condition, value, other = self.kids
        yield value.arrange().box, row(Prose("if "), said(condition))
        if isinstance(other, Where):
            yield from other._rows()
        else:
            yield other.arrange().box, Prose("otherwise")

    def plain(self) -> Expr:
        condition, value, other = self.kids
        return sympy.Piecewise((value.plain(), truth(condition)), (other.plain(), True))


def lift(value: Any) -> Written:
    """Anything that can stand in a formula, as a written expression.

    Accepts written expressions, ints, floats (kept as the decimal that was typed), fractions and plain SymPy.

    Raises:
        NotationError: the value has no written form.
    """
    if isinstance(value, Written):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise NotationError(
            f"{value} cannot stand in a formula: hide entries with sf.where(condition, a, b), or with a mask of an op"
        )
    if isinstance(value, float):
        return Const((), (sympy.Rational(repr(float(value))), repr(float(value))))
    if isinstance(value, Fraction):
        return Const((), (sympy.Rational(value.numerator, value.denominator), None))
    plain = sympy.sympify(value) if not isinstance(value, str) else None
    if isinstance(plain, BOOLEAN):
        return condition(plain)
    if not isinstance(plain, Expr):
        raise NotationError(f"{value!r} cannot stand in a formula: expected a number, an index or an expression")
    return _lift_plain(plain)


def condition(value: Any) -> Written:
    """What is 0 or 1, as a condition: a relation, conditions joined, True or False, or an entry of a mask.

    Raises:
        NotationError: it is visibly no condition.
    """
    if isinstance(value, bool):
        raise NotationError(
            f"{value} is no condition: == and != compare two expressions as they are written; "
            f"write sf.indicator(a, '=', b) for where their values are equal"
        )
    plain = value if isinstance(value, Written) else sympy.sympify(value)
    if isinstance(plain, BOOLEAN):
        if isinstance(plain, (sympy.And, sympy.Or, sympy.Not)):
            word = {sympy.And: "and", sympy.Or: "or", sympy.Not: "not"}[type(plain)]
            return Logic.of(word, *sorted(plain.args, key=sympy.default_sort_key))
        if plain in (sympy.true, sympy.false):
            return lift(1 if plain is sympy.true else 0)
        if type(plain) not in SPELLED:
            raise NotationError(f"the condition {plain} has no written form: it is no comparison")
        return Indicator(tuple(map(lift, plain.args)), (SPELLED[type(plain)],))
    node = lift(value)
    if isinstance(node, Func) or (isinstance(node, Const) and node.value not in (0, 1)):
        raise NotationError(f"{node} is no condition: write a comparison such as x[i] > 0, or an entry of a mask")
    return node


SPELLED = {kind: sign for sign, kind in RELATIONS.items()}
LIFTERS: dict[type, Callable[[Any], Written]] = {}  # for kinds of plain SymPy that `lifting` knows


def _lift_plain(plain: Expr) -> Written:
    if type(plain) in LIFTERS:
        return LIFTERS[type(plain)](plain)
    if plain.is_Rational or plain is sympy.pi:
        return Const((), (plain, None))
    if plain.is_Float:
        return Const((), (sympy.Rational(str(plain)), str(plain)))
    if plain.is_Symbol:
        return Var((), (plain,))
    if plain.is_Add:
        return _lift_add(plain)
    for name, primitive in PRIMITIVES.items():
        if plain.func is primitive.plain:
            return Func(tuple(map(lift, plain.args)), (name,))
    over, under = plain.as_numer_denom()
    if under != 1:
        return Div((lift(over), lift(under)))
    if plain.is_Mul:
        return Mul(tuple(lift(factor) for factor in plain.as_ordered_factors()))
    if plain.is_Pow and plain.exp == sympy.Rational(1, 2):
        return Func((lift(plain.base),), ("sqrt",))
    if plain.is_Pow:
        return Pow((lift(plain.base), lift(plain.exp)))
    raise NotationError(f"{plain} has no written form: build it with symformer's own functions")


def _lift_add(plain: Expr) -> Written:
    terms = [(lift(-term), True) if term.could_extract_minus_sign() else (lift(term), False)
             for term in plain.as_ordered_terms()]  # fmt: skip
    return Add(tuple(Neg((term,)) if negative else term for term, negative in terms))


@lru_cache(maxsize=4096)
def _tall(node: Written) -> bool:
    """Whether an exponent is too high to stand as one; remembered, as a layout asks it for all that it nests."""
    return isinstance(node, Div) or node.arrange().level == BIG or any(map(_tall, node.kids))
