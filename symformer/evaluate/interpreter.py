"""An expression at concrete sizes: every sum written out, every definition followed, in any field of numbers.

The interpreter follows definitions entry by entry and remembers each entry, so its work is that of the program and
not of the unfolded tower. −∞ is not a number of any field: a hidden entry is the mark HIDDEN, which only exp, log,
maximum and addition know what to do with.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate.dual import Dual, DualField
from symformer.evaluate.exactly import RELATE, Number, exactly
from symformer.evaluate.fields import Effort, Field, Ordered, Unbounded, Undecidable, Undefined, holds
from symformer.evaluate.moments import MomentField
from symformer.evaluate.reverse import OneDirection, ReverseField
from symformer.notation import (
    Add,
    ArgMax,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Neg,
    Pow,
    Prod,
    ShapeError,
    Sum,
    Tensor,
    Var,
    Where,
    Written,
    opened,
    walk,
)

Place = tuple[int, ...]
Env = Mapping[Symbol, int]

VALUES = (Element, Sum, Prod, Max, ArgMax, Func, Derivative, Expectation, Where)


def is_value(node: Written) -> bool:
    """Whether an expression is one of values, and not of indices, sizes and numbers alone."""
    parts = (part for part in walk(node) if isinstance(part, VALUES))
    return not all(isinstance(part, Func) and part.primitive.whole for part in parts)


GUARDS = (Indicator, Delta, Logic)  # what may turn the other factors of a product off


class Hide:
    """−∞, as exp, log, maximum and addition see it."""


HIDDEN = Hide()


class Interpreter:
    """Values of expressions at concrete sizes.

    Args:
        field: the kind of number.
        sizes: a number for every size symbol.
        inputs: gives the value of an entry (tensor, place counted from 1) of an input tensor.
        seed: a tensor with entries that are varied: it then comes from `inputs`, also where it has a definition.
        outside: whether all that is not computed from the varied tensor comes from `inputs`, too.
        held: digests of tensors that come from `inputs`, whatever they are computed from.
        effort: how many entries and terms may be computed; without it, any number.
    """

    def __init__(
        self,
        field: Field,
        sizes: Mapping[Symbol, int],
        inputs: Callable[[Tensor, Place], Any],
        seed: Tensor | None = None,
        *,
        outside: bool = True,
        held: frozenset[str] = frozenset(),
        effort: Effort | None = None,
    ) -> None:
        self.effort = effort or Effort(sys.maxsize)
        self.field, self.sizes, self.inputs, self.seed, self.outside = field, sizes, inputs, seed, outside
        self.held = held
        self._known: dict[tuple[str, Place], Any] = {}
        self._sizes: dict[Expr, int] = dict(sizes)
        self._zero = field.number(sympy.S.Zero)
        self._moving: dict[str, bool] = {}
        self._varied: dict[tuple[str, Place | None, frozenset[str]], Interpreter] = {}
        self._gradients: dict[tuple[Any, ...], Mapping[Place, Any] | None] = {}
        self._expected: tuple[Interpreter, MomentField] | None = None

    def shape(self, tensor: Tensor) -> Place:
        """The sizes of its axes as numbers."""
        return tuple(self.size(size) for size in tensor.shape)

    def size(self, size: Expr) -> int:
        """A size as a number."""
        known = self._sizes.get(size)
        if known is None:
            found = size.subs(self.sizes)
            if not found.is_Rational:
                raise Undecidable(f"size {size} has no number")
            if not found.is_Integer or found < 0:
                raise Undefined(f"a range of {found}")
            known = self._sizes[size] = int(found)
        return known

    def entry(self, tensor: Tensor, place: Place) -> Any:
        """The value of one entry, remembered."""
        key = (tensor.digest, place)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._compute(tensor, place)
        return found

    def array(self, tensor: Tensor) -> dict[Place, Any]:
        """All entries of a tensor, by place."""
        places = product(*(range(1, size + 1) for size in self.shape(tensor)))
        return {place: self.entry(tensor, place) for place in places}

    def value(self, node: Written, env: Env | None = None) -> Any:
        """The value of an expression with numbers for its free indices."""
        return _VALUE[type(node)](self, node, env or {})

    def number(self, node: Written, env: Env) -> int:
        """The value of an index expression.

        Raises:
            Undecidable: it has no number, or none that is whole.
        """
        if isinstance(node, Var):
            return self._symbol(node.symbol, env)
        if isinstance(node, Const) and node.value.is_Integer:
            return int(node.value)
        if isinstance(node, (Element, ArgMax)):
            return self.field.integer(self.value(node, env))
        exact = self.rational(node, env)
        if exact != int(exact):
            raise Undecidable(f"{exact} is no index")
        return int(exact)

    def rational(self, node: Written, env: Env) -> Number:
        """The value of an expression of indices, sizes and numbers, exactly.

        Raises:
            Undecidable: it has none that is rational.
        """
        try:
            quick = exactly(node, lambda symbol: self._symbol(symbol, env))
        except ZeroDivisionError:
            raise Undecidable(f"{node} has no number") from None
        if quick is not None:
            return quick
        if isinstance(node, (Element, ArgMax)):
            return Fraction(self.field.integer(self.value(node, env)))
        if isinstance(node, (Add, Mul, Neg)):
            return _COMBINED[type(node)]([self.rational(kid, env) for kid in node.kids])
        exact = node.plain().subs({**self.sizes, **env})
        if not isinstance(exact, sympy.Rational):
            raise Undecidable(f"{node} has no number")
        return Fraction(int(exact.p), int(exact.q))

    def _symbol(self, symbol: Symbol, env: Env) -> int:
        found = env.get(symbol, self.sizes.get(symbol))
        if found is None:
            raise Undecidable(f"{symbol} has no number")
        return found

    def place(self, node: Element, env: Env) -> Place:
        """Where an entry stands.

        Raises:
            ShapeError: outside its tensor.
        """
        letters = node.letters
        if letters is not None:
            try:
                return tuple(map(env.__getitem__, letters))  # plain indices run over the axes at which they stand
            except KeyError:
                return self._place(node, env)  # a letter of something else
        return self._place(node, env)

    def _place(self, node: Element, env: Env) -> Place:
        found = tuple(self.number(kid, env) for kid in node.kids)
        for number, size in zip(found, self.shape(node.tensor), strict=True):
            if not 1 <= number <= size:
                raise ShapeError(f"{node.tensor.name}: index {number} is outside 1..{size}")
        return found

    def _compute(self, tensor: Tensor, place: Place) -> Any:
        if tensor.origin is None or self._held(tensor):
            return self.inputs(tensor, place)
        self.effort.spend(1)
        elsewhere = tensor.origin.elsewhere(place, self.size)
        if elsewhere is not None:
            return self.entry(*elsewhere)
        definition = tensor.origin.definition
        return self.value(definition.body, dict(zip(definition.indices, place, strict=True)))

    def _held(self, tensor: Tensor) -> bool:
        if self.seed is None or tensor.digest in self.held:
            return tensor.digest in self.held
        return not self._moves(tensor) if self.outside else tensor.digest == self.seed.digest

    def _moves(self, tensor: Tensor) -> bool:
        """Whether a tensor is computed from the varied one; all others keep the values that they have outside."""
        assert self.seed is not None
        own, varied = tensor.digest, self.seed.digest
        if own == varied or tensor.origin is None or own in self.held:
            return False
        if own not in self._moving:
            inner = tensor.origin.inner
            self._moving[own] = any(other.digest == varied or self._moves(other) for other in inner)
        return self._moving[own]

    def sum(self, node: Sum, env: Env) -> Any:
        """All terms, added from the first."""
        total = None
        for term in self._terms(node, env):
            total = term if total is None else self.plus(total, term)
        return self._zero if total is None else total

    def maximum(self, node: Max, env: Env) -> Any:
        """The largest term that is not hidden; 0 where all are.

        Raises:
            Undefined: there are no terms.
        """
        terms = self._terms(node, env)
        if not terms:
            raise Undefined("the maximum of nothing")
        seen = [term for term in terms if term is not HIDDEN]
        return self.field.maximum(seen) if seen else self._zero

    def _terms(self, node: Any, env: Env) -> list[Any]:
        count = self.size(node.size)
        self.effort.spend(count)
        places = range(1, count + 1)
        body, index, value = node.body, node.index, _VALUE[type(node.body)]
        inside, terms = dict(env), []
        for place in places:
            inside[index] = place
            terms.append(value(self, body, inside))
        return terms

    def plus(self, left: Any, right: Any) -> Any:
        """Addition, where −∞ wins."""
        return HIDDEN if left is HIDDEN or right is HIDDEN else self.field.add(left, right)

    def derivative(self, node: Derivative, env: Env) -> Any:
        """By dual numbers, for all entries at once where values are ordered and it does not matter which one moves."""
        tensor, place = node.entry.tensor, self.place(node.entry, env)
        if isinstance(self.field, Ordered) and any(size > 1 for size in self.shape(tensor)):
            found = self._all_derivatives(node, env)
            if found is not None:
                return found.get(place, self._zero)
        found = self._varying(tensor, place, node.held).value(node.target, env)
        return self._zero if found is HIDDEN else found.tangent

    def _all_derivatives(self, node: Derivative, env: Env) -> Mapping[Place, Any] | None:
        """The derivatives of the target by the entries of the tensor, by place; those that are left out are 0.

        None where they hang on the direction in which the tensor moves, as at a kink.
        """
        tensor = node.entry.tensor
        free = frozenset((index, env.get(index)) for index in node.target.free)
        key = (node.target.digest, free, tensor.digest, node.held)
        if key not in self._gradients:
            try:
                self._gradients[key] = self._backwards(node, env)
            except OneDirection:
                self._gradients[key] = None
        return self._gradients[key]

    def _backwards(self, node: Derivative, env: Env) -> Mapping[Place, Any]:
        inner = self._varying(node.entry.tensor, None, node.held)
        found = inner.value(node.target, env)
        assert isinstance(inner.field, ReverseField)
        return {} if found is HIDDEN else inner.field.derivatives(found)

    def _varying(self, tensor: Tensor, place: Place | None, held: frozenset[str]) -> Interpreter:
        """The interpreter of `_vary`, made once."""
        key = (tensor.digest, place, held)
        if key not in self._varied:
            self._varied[key] = self._vary(tensor, place, held)
        return self._varied[key]

    def _vary(self, tensor: Tensor, place: Place | None, held: frozenset[str]) -> Interpreter:
        """An interpreter in which one entry moves, or every one (None)."""
        field = DualField(self.field, self.effort) if place is not None else ReverseField(self.field, self.effort)

        def inputs(other: Tensor, at: Place) -> Any:
            value = self.entry(other, at)
            if value is HIDDEN or other.digest != tensor.digest or place not in (None, at):
                return value if value is HIDDEN else Dual(value, field.zero)
            return field.variable(value, at)

        return Interpreter(field, self.sizes, inputs, seed=tensor, held=held, effort=self.effort)

    def expectation(self, node: Expectation, env: Env) -> Any:
        """The body as a polynomial in the random entries, each monomial replaced by its moment."""
        if self._expected is None:
            if self.seed is not None and self.seed.domain.kind == "random":
                raise Undecidable("a derivative by a random entry under an expectation")
            field = MomentField(self.field, self.effort)
            inputs = lambda tensor, place: field.entry(tensor, place, self.entry)  # noqa: E731
            inner = Interpreter(field, self.sizes, inputs, self.seed, outside=False, effort=self.effort)
            self._expected = inner, field
        inner, field = self._expected
        return field.expectation(inner.value(node.kids[0], env))

    def function(self, node: Func, env: Env) -> Any:
        """A function; exp(−∞) is 0."""
        primitive = node.primitive
        if primitive.value == "largest":
            return self._largest(node, env)
        if primitive.value == "still":
            value = self.value(node.kids[0], env)
            return value if value is HIDDEN else self.field.still(value)
        formula = opened(node) if primitive.value == "formula" else None
        if formula is not None:
            return self.value(formula, env)
        value = self.value(node.kids[0], env)
        if value is HIDDEN and node.name == "exp":
            return self._zero
        if value is HIDDEN:
            raise Unbounded(f"{node.name} of −∞")
        return self.field.function(node.name, value)

    def _largest(self, node: Func, env: Env) -> Any:
        """What is the largest of its arguments and their negatives; of equal ones the first decides how it moves."""
        parts, outer = node.primitive.largest
        values = []
        for part in parts:
            value = self._zero if part is None else _seen(self.value(node.kids[part[0]], env))
            values.append(self.field.neg(value) if part is not None and part[1] < 0 else value)
        found = self.field.maximum(values)
        return found if outer > 0 else self.field.neg(found)

    def holds(self, node: Written, env: Env) -> bool | None:
        """Whether a condition of indices, sizes and numbers holds; None for one of values."""
        if isinstance(node, Logic):
            found = [self.holds(kid, env) for kid in node.kids]
            known = [one for one in found if one is not None]
            if node.word == "not":
                return None if found[0] is None else not found[0]
            decided = node.word == "or"  # one that is so decides, whatever the others are
            if decided in known:
                return decided
            return None if len(known) < len(found) else not decided
        if not isinstance(node, (Indicator, Delta)) or is_value(node):
            return None
        one, two = (self.rational(kid, env) for kid in node.kids)
        return bool(RELATE[node.relation if isinstance(node, Indicator) else "="](one, two))


def _product(self: Interpreter, node: Mul, env: Env) -> Any:
    for kid in node.kids:
        if isinstance(kid, GUARDS) and self.holds(kid, env) is False:
            return self._zero  # what a condition of indices turns off need not be there
    found = None
    for kid in node.kids:
        factor = _VALUE[type(kid)](self, kid, env)
        if factor is HIDDEN:
            return _seen(factor)
        found = factor if found is None else self.field.mul(found, factor)
    return found


def _total(self: Interpreter, node: Add, env: Env) -> Any:
    first, *rest = (self.value(kid, env) for kid in node.kids)
    for term in rest:
        first = self.plus(first, term)
    return first


def _bit(self: Interpreter, holds: bool) -> Any:
    return self.field.number(sympy.S.One if holds else sympy.S.Zero)


def _delta(self: Interpreter, node: Delta, env: Env) -> Any:
    left, right = (self.number(kid, env) for kid in node.kids)
    return _bit(self, left == right)


def _indicator(self: Interpreter, node: Indicator, env: Env) -> Any:
    if node.kids[0] == node.kids[1] or _is_one_entry(self, node.kids[0], node.kids[1], env):
        return _bit(self, holds(0, node.relation))
    if is_value(node):
        left, right = (_seen(self.value(kid, env)) for kid in node.kids)
        return self.field.bit(left, node.relation, right)
    one, two = (self.rational(kid, env) for kid in node.kids)
    return _bit(self, RELATE[node.relation](one, two))


def _is_one_entry(self: Interpreter, left: Written, right: Written, env: Env) -> bool:
    """Whether both sides are the same entry of a tensor, as x_j and x_i are at j = i: equal, however well known."""
    if not (isinstance(left, Element) and isinstance(right, Element) and left.tensor == right.tensor):
        return False
    return self.place(left, env) == self.place(right, env)


def _logic(self: Interpreter, node: Logic, env: Env) -> Any:
    known = self.holds(node, env)
    if known is not None:
        return _bit(self, known)
    field, one = self.field, self.field.number(sympy.S.One)
    if node.word == "not":
        return field.add(one, field.neg(_seen(self.value(node.kids[0], env))))
    parts = [_seen(self.value(kid, env)) for kid in node.kids if self.holds(kid, env) is None]
    if node.word == "or":
        parts = [field.add(one, field.neg(part)) for part in parts]
    found = parts[0]
    for part in parts[1:]:
        found = field.mul(found, part)
    return found if node.word == "and" else field.add(one, field.neg(found))


def _where(self: Interpreter, node: Where, env: Env) -> Any:
    """The value that is chosen; the other one is not looked at, but where points choose differently."""
    chosen, value, other = node.kids
    known = self.holds(chosen, env)
    if known is None:
        bit = _seen(self.value(chosen, env))
        select = getattr(self.field, "select", None)
        if select is not None:
            return select(bit, *(_seen(self.value(kid, env)) for kid in (value, other)))
        known = self.field.compare(bit, "=", self.field.number(sympy.S.One))
    return self.value(value if known else other, env)


def _product_over(self: Interpreter, node: Prod, env: Env) -> Any:
    """All factors, multiplied from the first."""
    found = None
    for factor in self._terms(node, env):
        found = _seen(factor) if found is None else self.field.mul(found, _seen(factor))
    return self.field.number(sympy.S.One) if found is None else found


def _argmax(self: Interpreter, node: ArgMax, env: Env) -> Any:
    """The place of the largest term, the first of several; one that is hidden is none."""
    terms = self._terms(node, env)
    best = None
    for place, term in enumerate(terms, start=1):
        if term is HIDDEN:
            continue
        if best is None or self.field.compare(term, ">", best[1]):
            best = (place, term)
    if best is None:
        raise Undefined("the largest of nothing")
    return self.field.number(sympy.Integer(best[0]))


def _seen(value: Any) -> Any:
    """The value, which must not be −∞.

    Raises:
        Unbounded: it is.
    """
    if value is HIDDEN:
        raise Unbounded("arithmetic with −∞")
    return value


def _hidden(self: Interpreter, node: Hidden, env: Env) -> Any:
    value, mask = node.kids
    zero = self._zero
    return HIDDEN if self.field.compare(self.value(mask, env), "=", zero) else self.value(value, env)


def _power(self: Interpreter, node: Pow, env: Env) -> Any:
    base, exponent = (_seen(self.value(kid, env)) for kid in node.kids)
    return self.field.power(base, exponent)


def _element(self: Interpreter, node: Element, env: Env) -> Any:
    return self.entry(node.tensor, self.place(node, env))


_COMBINED: dict[type, Callable[[list[Any]], Any]] = {Add: sum, Mul: prod, Neg: lambda parts: -parts[0]}
_VALUE: dict[type, Callable[[Interpreter, Any, Env], Any]] = {
    Const: lambda self, node, env: self.field.number(node.value),
    Var: lambda self, node, env: self.field.number(sympy.Integer(self.number(node, env))),
    Element: _element,
    Add: _total,
    Neg: lambda self, node, env: self.field.neg(_seen(self.value(node.kids[0], env))),
    Mul: _product,
    Div: lambda self, node, env: self.field.div(*(_seen(self.value(kid, env)) for kid in node.kids)),
    Pow: _power,
    Func: Interpreter.function,
    Sum: Interpreter.sum,
    Max: Interpreter.maximum,
    Delta: _delta,
    Indicator: _indicator,
    Logic: _logic,
    Where: _where,
    Prod: _product_over,
    ArgMax: _argmax,
    Hidden: _hidden,
    Derivative: Interpreter.derivative,
    Expectation: Interpreter.expectation,
}
