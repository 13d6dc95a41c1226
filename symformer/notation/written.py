"""Expressions that keep the order in which their author wrote them: the operators, and arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.notation.errors import NotationError
from symformer.notation.node import ADD, ATOM, BIG, MUL, POWER, Layout, Node, setting, walk
from symformer.typeset import Box, Entry
from symformer.typeset.boxes import Fraction as Built
from symformer.typeset.boxes import Number, Root, Row, Script, Sign, parens, reads_otherwise, row
from symformer.typeset.names import name_box


class Written(Node):
    """A node with operators that return written nodes, in the order in which they were typed."""

    __slots__ = ()
    kids: tuple[Written, ...]

    def __add__(self, other: Any) -> Written:
        return Add.of(self, lift(other))

    def __radd__(self, other: Any) -> Written:
        return Add.of(lift(other), self)

    def __sub__(self, other: Any) -> Written:
        return Add.of(self, Neg((lift(other),)))

    def __rsub__(self, other: Any) -> Written:
        return Add.of(lift(other), Neg((self,)))

    def __mul__(self, other: Any) -> Written:
        return Mul.of(self, lift(other))

    def __rmul__(self, other: Any) -> Written:
        return Mul.of(lift(other), self)

    def __truediv__(self, other: Any) -> Written:
        return Div((self, lift(other)))

    def __rtruediv__(self, other: Any) -> Written:
        return Div((lift(other), self))

    def __pow__(self, other: Any, modulo: Any = None) -> Written:
        return Pow((self, lift(other)))

    def __rpow__(self, other: Any) -> Written:
        return Pow((lift(other), self))

    def __neg__(self) -> Written:
        return Neg((self,))

    def __pos__(self) -> Written:
        return self


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
            after_digits = bool(items) and _ends_with_digit(items[-1]) and _starts_with_fraction(box)
            if position and (_starts_with_digit(box) or after_digits or reads_otherwise(items[-1], box)):
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
    """A function of one argument, by its name in FUNCTIONS."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Which function."""
        return self.head[0]

    def arrange(self) -> Layout:
        argument = self.kids[0].arrange()
        if self.name == "sqrt":
            return Layout(Root(argument.box), ATOM)
        if self.name == "exp" and not _tall(self.kids[0]):
            return Layout(Script(name_box("e"), None, argument.box), POWER)
        return Layout(row(name_box(self.name), parens(argument.box)), POWER)

    def plain(self) -> Expr:
        return FUNCTIONS[self.name](self.kids[0].plain())


FUNCTIONS = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "tanh": sympy.tanh, "sin": sympy.sin, "cos": sympy.cos,
    "erf": sympy.erf,
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "relu": lambda x: sympy.Max(x, 0),
    "Phi": lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
}  # fmt: skip


def lift(value: Any) -> Written:
    """Anything that can stand in a formula, as a written expression.

    Accepts written expressions, ints, floats (kept as the decimal that was typed), fractions and plain SymPy.

    Raises:
        NotationError: the value has no written form.
    """
    if isinstance(value, Written):
        return value
    if isinstance(value, float):
        return Const((), (sympy.Rational(repr(float(value))), repr(float(value))))
    if isinstance(value, Fraction):
        return Const((), (sympy.Rational(value.numerator, value.denominator), None))
    plain = sympy.sympify(value) if not isinstance(value, str) else None
    if not isinstance(plain, Expr):
        raise NotationError(f"{value!r} cannot stand in a formula: expected a number, an index or an expression")
    return _lift_plain(plain)


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
    for name, function in FUNCTIONS.items():
        if plain.func is function:
            return Func((lift(plain.args[0]),), (name,))
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


def _starts_with_digit(box: Box) -> bool:
    if isinstance(box, Row):
        return bool(box.items) and _starts_with_digit(box.items[0])
    if isinstance(box, Script):
        return _starts_with_digit(box.base)
    if isinstance(box, Entry):
        return _starts_with_digit(box.body)
    return isinstance(box, Number)


def _ends_with_digit(box: Box) -> bool:
    """Whether a fraction behind the box would read as part of a mixed number."""
    if isinstance(box, Row):
        return bool(box.items) and _ends_with_digit(box.items[-1])
    return _ends_with_digit(box.body) if isinstance(box, Entry) else isinstance(box, Number)


def _starts_with_fraction(box: Box) -> bool:
    if isinstance(box, Row):
        return bool(box.items) and _starts_with_fraction(box.items[0])
    return _starts_with_fraction(box.body) if isinstance(box, Entry) else isinstance(box, Built)


def _tall(node: Written) -> bool:
    return any(isinstance(part, Div) or part.arrange().level == BIG for part in walk(node))
