"""From a written expression to its normal form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import reduce
from typing import Any

from sympy import Expr, Symbol

from symformer.calculus import worked_out
from symformer.notation import (
    Add,
    ArgMax,
    Binder,
    BoundIndex,
    Condition,
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
    Sum,
    Var,
    Where,
    Written,
    lift,
    opened,
    substitute,
    walk,
)
from symformer.notation import maximum as larger
from symformer.programs import definition_at, is_defined
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import Poly, bits_in, entry, poly_key, size_atom
from symformer.proof.normal.binding import dark
from symformer.proof.normal.expectation import expectation
from symformer.proof.normal.indices import Counts, GiveUp, Index, Monomial, Pick, counts, index_of, plus, product
from symformer.proof.normal.kinks import kinks
from symformer.proof.normal.powers import whole_term
from symformer.proof.normal.ranges import at_least_words, surely, whole
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, may_hide, sign
from symformer.typeset import text

MOST_SPELLED = 4  # sums and free indices of so few values are spelled out


class Form:
    """Normal forms of written expressions that share a budget; `conditions` is where they are defined.

    Args:
        spans: what free indices run over.
        known: polynomials in sizes that are assumed to be at least 0.
    """

    def __init__(self, spans: Mapping[str, Expr] | None = None, known: Sequence[Expr] = ()) -> None:
        self.algebra = Algebra()
        self.algebra.known_sizes = tuple(known)
        self.assumed = (*known, *(size - 1 for size in (spans or {}).values()))
        self.sized: dict[str, Expr] = {}
        self.known: dict[tuple[str, ...], Poly] = {}
        self.loose: dict[str, list[str]] = {}
        self.noted: set[str] = set()
        for index, size in (spans or {}).items():
            self.algebra.span(index, self.size(size))

    @property
    def conditions(self) -> tuple[str, ...]:
        """Where what was looked at is defined and the rules that were used hold, as far as that is not visible."""
        needed = [(self.sized[key], 1 if key in self.algebra.filled else 0) for key in self.sized]
        found = {at_least_words(size, least) for size, least in needed if not surely(size, least, self.assumed)}
        odd = {f"{_text(lift(size))} is a whole number" for size, _ in needed if not whole(size)}
        return tuple(sorted(self.noted | found | odd))

    def of(self, node: Written) -> Poly:
        """The normal form of an expression."""
        key = (node.digest, *(self.algebra.spans.get(name, "") for name in self._loose(node)))
        if key not in self.known:
            rule = _RULES.get(type(node))
            if rule is None:
                raise GiveUp(f"no normal form of {type(node).__name__}")
            self.known[key] = rule(self, node)
        return self.known[key]

    def _loose(self, node: Written) -> list[str]:
        """The free indices: what they run over decides, too, what a form is."""
        if node.digest not in self.loose:
            self.loose[node.digest] = sorted(str(symbol) for symbol in node.free)
        return self.loose[node.digest]

    @contextmanager
    def _bound(self, node: Binder) -> Iterator[Poly]:
        """The size of a binder, while its index runs over it."""
        size, name = self.size(node.size), _name(node.index)
        before = self.algebra.spans.pop(name, None)
        self.algebra.span(name, size)
        yield size
        del self.algebra.spans[name]
        if before is not None:
            self.algebra.spans[name] = before

    def index(self, node: Written) -> Index:
        """An index as a name or a number."""
        if isinstance(node, Var) and not node.symbol.is_positive:
            return _name(node.symbol)
        if isinstance(node, Const) and node.value.is_Integer:
            return int(node.value)
        if isinstance(node, Element) and node.tensor.origin is None and node.tensor.domain.whole:
            return self._pick(node)
        return index_of(self._counts(node))

    def _pick(self, node: Element) -> Pick | int:
        """An entry of an integer tensor, and what it runs over, where that is said; the only number that it may be."""
        domain = node.tensor.domain
        if domain.upper is not None and domain.upper == (domain.lower or 1) and domain.upper.is_Integer:
            return int(domain.upper)
        pick = Pick(node.tensor, tuple(self.index(kid) for kid in node.kids))
        if node.tensor.domain.upper is not None:
            self.algebra.span(pick, self.size(node.tensor.domain.upper))
        return pick

    def _counts(self, node: Written) -> Counts:
        """A computed index as a sum of letters and sizes."""
        match node:
            case Add():
                return reduce(plus, map(self._counts, node.kids))
            case Neg():
                return plus({}, self._counts(node.kids[0]), -1)
            case Mul():
                return reduce(product, map(self._counts, node.kids))
            case Var() if node.symbol.is_positive:
                return {Monomial((), (node.symbol,)): 1}
            case Var():
                return counts(_name(node.symbol))
            case Const() if node.value.is_Integer:
                return counts(int(node.value))
            case Element() if node.tensor.origin is None and node.tensor.domain.whole:
                return counts(self._pick(node))
        raise GiveUp("an index that is computed")

    def size(self, size: Expr) -> Poly:
        """A size as a polynomial."""
        found = self.of(lift(size))
        if not size.is_Symbol:
            self.sized.setdefault(poly_key(found), size)
        return found

    def element(self, node: Element) -> Poly:
        """An input's entry or a repeat's, or the definition of a computed one."""
        if not is_defined(node.tensor):
            if node.tensor.domain.whole:
                return self.algebra.position(self._pick(node))
            return self.algebra.atom(entry(node.tensor, tuple(self.index(kid) for kid in node.kids)))
        return self.of(definition_at(node))

    def total(self, node: Sum) -> Poly:
        """A sum; one of few terms is spelled out."""
        if node.size.is_Integer and 0 <= node.size <= MOST_SPELLED:
            return self.algebra.add(*(self.of(term) for term in spelled(node.body, node.index, int(node.size))))
        with self._bound(node) as size:
            return self.algebra.sum(self.of(node.body), str(node.index), size)

    def maximum(self, node: Max) -> Poly:
        """A maximum, over what a mask shows where there is one."""
        if isinstance(node.body, Func) and node.body.name in ("maximum", "relu") and not may_hide(node.body):
            parts = node.body.kids if node.body.name == "maximum" else (node.body.kids[0], lift(0))
            return self.of(larger(*(Max((kid,), node.head) for kid in parts)))
        with self._bound(node) as size:
            body, mask = self.shown(node.body)
            if mask != self.algebra.number(1):
                body = self.algebra.add(body, self.algebra.atom(dark(mask)))
            return self.algebra.maximum(body, str(node.index), size)

    def shown(self, node: Written) -> tuple[Poly, Poly]:
        """(value, 0/1 mask) of what may be −∞: the value where the mask is 1, and −∞ where it is 0.

        −∞ is followed through masks in masks, definitions and sums with finite terms, and nowhere else.
        """
        if isinstance(node, Hidden):
            value, mask = self.shown(node.kids[0])
            return value, self.algebra.mul(mask, self._bit(node.kids[1]))
        if isinstance(node, Element) and is_defined(node.tensor):
            return self.shown(definition_at(node))
        if isinstance(node, Add):
            parts = [self.shown(kid) for kid in node.kids]
            mask = self.algebra.number(1)
            for _, other in parts:
                mask = self.algebra.mul(mask, other)
            return self.algebra.add(*(value for value, _ in parts)), mask
        return self.of(node), self.algebra.number(1)

    def _bit(self, node: Written) -> Poly:
        """What must be 0 or 1."""
        if isinstance(node, Element) and node.tensor.origin is None and node.tensor.domain.kind == "mask":
            return self.of(node)
        if isinstance(node, (Condition, Delta)):
            return self.of(node)
        raise GiveUp("a mask that is computed")

    def logic(self, node: Logic) -> Poly:
        """Conditions joined: products of bits, and of 1 less bits."""
        algebra, one = self.algebra, self.algebra.number(1)
        bits = [self._bit(kid) for kid in node.kids]
        if node.word == "not":
            return algebra.minus(one, bits[0])
        out = one
        for bit in bits:
            out = algebra.mul(out, algebra.minus(one, bit) if node.word == "or" else bit)
        return algebra.minus(one, out) if node.word == "or" else out

    def where(self, node: Where) -> Poly:
        """c a + (1 − c) b: what is not chosen is taken to be defined, which is noted as a condition."""
        algebra, (chosen, value, other) = self.algebra, node.kids
        if any(may_hide(kid) for kid in (value, other)):
            raise GiveUp("−∞ in a choice")
        bit = self._bit(chosen)
        rest = algebra.minus(algebra.number(1), bit)
        return algebra.add(algebra.mul(bit, self.of(value)), algebra.mul(rest, self.of(other)))

    def product_over(self, node: Prod) -> Poly:
        """A product of few factors is spelled out; any other has no form here."""
        if not (node.size.is_Integer and 0 <= node.size <= MOST_SPELLED):
            raise GiveUp("a product over an index")
        out = self.algebra.number(1)
        for factor in spelled(node.body, node.index, int(node.size)):
            out = self.algebra.mul(out, self.of(factor))
        return out

    def _needs(self, node: Written, relation: str) -> Poly:
        """The form of something that must not be 0 (must be positive): noted as a condition where it is not visible.

        What depends on masks or indicators must be visibly so: a row that sees nothing is no rare exception.
        """
        enough = NONNEGATIVE if relation == "≥" else POSITIVE
        if sign(node) >= enough:
            return self.of(node)
        condition = f"{_text(node)} {relation} 0"
        self.noted.add(condition)
        poly = self.of(node)
        if self.algebra.positive(poly):
            self.noted.discard(condition)
        elif bits_in(poly) and isinstance(node, Mul) and relation == "≠":
            self.noted.discard(condition)  # a product is 0 where a factor is
            for factor in node.kids:
                self._needs(factor, relation)
        elif bits_in(poly):
            raise GiveUp("a mask that may leave nothing")
        return poly

    def needed(self, node: Written) -> None:
        """Notes where a quotient, a power, a function or a derivative is defined.

        Raises:
            GiveUp, NoDerivative: it has no normal form; what it needs is noted before.
        """
        match node:
            case Div():
                self._needs(node.kids[1], "≠")
            case Pow():
                self.power(node)
            case Func() if node.primitive.needs:
                self._needs(node.kids[0], node.primitive.needs)
            case Func() if node.primitive.formula is not None:
                self._needed_in(opened(node))
            case Derivative():
                self.note_kinks(node)

    def _needed_in(self, formula: Written | None) -> None:
        """Notes what the formula of a function needs."""
        if formula is not None:
            for part in walk(formula):
                if isinstance(part, (Div, Pow, Func)) and part != formula:
                    self.needed(part)

    def quotient(self, node: Div) -> Poly:
        """Over times the inverse of under."""
        return self.algebra.mul(self.of(node.kids[0]), self.algebra.inverse(self._needs(node.kids[1], "≠")))

    def power(self, node: Pow) -> Poly:
        """A power with a rational exponent."""
        if not node.kids[1].plain().is_Rational:
            return self._power_of_letters(node)
        exponent, base = self.base(node)
        return self.algebra.power(base, exponent)

    def _power_of_letters(self, node: Pow) -> Poly:
        """a^n is exp(n log a) for a positive a; for any a where n is whole, and then not 0 if n may be negative."""
        exponent = self.of(node.kids[1])
        if sign(node.kids[0]) == POSITIVE:
            base = self.of(node.kids[0])
            return self.algebra.exp(self.algebra.mul(exponent, self.algebra.log(base)))
        if not all(value.denominator == 1 and whole_term(term) for term, value in exponent.items()):
            raise GiveUp("an exponent that is no whole number")
        steady = self.algebra.counts_up(exponent) and all(value > 0 for value in exponent.values())
        base = self.of(node.kids[0]) if steady else self._needs(node.kids[0], "≠")
        return self.algebra.whole_power(base, exponent)

    def base(self, node: Pow) -> tuple[Fraction, Poly]:
        """(exponent, base) of a power; what the base must be is noted."""
        exponent = node.kids[1].plain()
        if not exponent.is_Rational:
            raise GiveUp("an exponent that is no number")
        integral = exponent.is_Integer
        needed = None if integral and exponent >= 0 else "≠" if integral else "≥" if exponent > 0 else ">"
        base = self.of(node.kids[0]) if needed is None else self._needs(node.kids[0], needed)
        return Fraction(int(exponent.p), int(exponent.q)), base

    def _root_of_a_power(self, node: Func) -> Poly | None:
        """√(b^2k) is b^k where b is visibly not negative; multiplied out, that would not be seen any more."""
        inner = node.kids[0]
        if node.name != "sqrt" or not isinstance(inner, Pow) or sign(inner.kids[0]) < NONNEGATIVE:
            return None
        exponent = inner.kids[1].plain()
        if not (exponent.is_Integer and exponent > 0 and exponent % 2 == 0):
            return None
        return self.algebra.power(self.of(inner.kids[0]), Fraction(int(exponent) // 2))

    def function(self, node: Func) -> Poly:
        """A function by its rule or its formula, if it has one; exp(−∞) is 0."""
        root = self._root_of_a_power(node)
        if root is not None:
            return root
        formula = opened(node)
        if formula is not None:
            return self.of(formula)
        algebra = self.algebra
        if node.name == "exp":
            value, mask = self.shown(node.kids[0])
            return algebra.mul(mask, algebra.exp(value))
        needed = node.primitive.needs
        inner = self._needs(node.kids[0], needed) if needed else self.of(node.kids[0])
        match node.name:
            case "log":
                return algebra.log(inner)
            case "sqrt":
                return algebra.power(inner, Fraction(1, 2))
            case "tanh":
                return algebra.tanh(inner)
            case "sin":
                return algebra.sin(inner)
            case "cos":
                return algebra.cos(inner)
            case "floor":
                return algebra.floor(inner)
        return algebra.function(node.name, inner)

    def indicator(self, node: Indicator) -> Poly:
        """Of indices by ≤ and delta; of values by their difference."""
        algebra, (left, right) = self.algebra, node.kids
        if any(_is_value(part) for kid in node.kids for part in walk(kid)):
            return self._of_values(node)
        try:
            one, two = self.index(left), self.index(right)
        except GiveUp:
            return self._of_values(node)
        table: dict[str, Callable[[], Poly]] = {
            "=": lambda: algebra.delta(one, two),
            "≠": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.delta(one, two), -1)),
            "≤": lambda: algebra.below(one, two),
            "≥": lambda: algebra.below(two, one),
            ">": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.below(one, two), -1)),
            "<": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.below(two, one), -1)),
        }
        return table[node.relation]()

    def _of_values(self, node: Indicator) -> Poly:
        """A relation of values, by [a > b] and [b > a]."""
        algebra = self.algebra
        difference = algebra.minus(self.of(node.kids[0]), self.of(node.kids[1]))
        more, less = (algebra.above(algebra.scale(difference, side)) for side in (1, -1))
        one = algebra.number(1)
        table = {
            ">": more,
            "<": less,
            "≤": algebra.minus(one, more),
            "≥": algebra.minus(one, less),
            "≠": algebra.add(more, less),
            "=": algebra.minus(one, algebra.add(more, less)),
        }
        return table[node.relation]

    def variable(self, node: Var) -> Poly:
        """A size, or an index that stands as a number."""
        name = _name(node.symbol)
        if node.symbol.is_positive:
            return self.algebra.atom(size_atom(node.symbol))
        if name not in self.algebra.spans:
            raise GiveUp(f"{name} has no range")
        return self.algebra.position(name)

    def product(self, node: Mul) -> Poly:
        """Factor by factor."""
        out = self.algebra.number(1)
        for kid in node.kids:
            out = self.algebra.mul(out, self.of(kid))
        return out

    def derivative(self, node: Derivative) -> Poly:
        """The derivative by its rules, where there is one."""
        self.note_kinks(node)
        return self.of(worked_out(node))

    def note_kinks(self, node: Derivative) -> None:
        """Notes that arguments stay away from kinks."""
        for left, right in kinks(node):
            if isinstance(left, Max) and left is right:
                self.noted.add(f"{_text(left)} is reached once")
                continue
            self.noted.add(f"{_text(left)} ≠ {0 if right is None else _text(right)}")

    def constant(self, node: Const) -> Poly:
        """A rational number, or π."""
        if not node.value.is_Rational:
            return self.algebra.pi()
        return self.algebra.number(Fraction(int(node.value.p), int(node.value.q)))


def _name(symbol: Symbol) -> str:
    """What an index or a size is called: a bound index by what no other has.

    Raises:
        GiveUp: a name that looks like one of ours.
    """
    if isinstance(symbol, BoundIndex):
        return str(symbol)
    if not symbol.name.replace("'", "").isidentifier():
        raise GiveUp(f"a letter with the name {symbol.name}")
    return str(symbol.name)


def _text(node: Written) -> str:
    return text(node.layout().box)


def _is_value(node: Any) -> bool:
    """Whether it stands for a value and not for an index."""
    if isinstance(node, Element):
        return not (node.tensor.origin is None and node.tensor.domain.whole)
    return isinstance(node, (Sum, Prod, Max, ArgMax, Func, Derivative, Expectation, Where, Condition, Delta))


def spelled(node: Written, index: Symbol, size: int) -> list[Written]:
    """The expression at every value of an index."""
    return [substitute(node, {index: place}) for place in range(1, size + 1)]


_RULES: dict[type, Callable[[Form, Any], Poly]] = {
    Const: Form.constant,
    Var: Form.variable,
    Element: Form.element,
    Add: lambda form, node: form.algebra.add(*(form.of(kid) for kid in node.kids)),
    Neg: lambda form, node: form.algebra.scale(form.of(node.kids[0]), -1),
    Mul: Form.product,
    Div: Form.quotient,
    Pow: Form.power,
    Func: Form.function,
    Sum: Form.total,
    Max: Form.maximum,
    Delta: lambda form, node: form.algebra.delta(*(form.index(kid) for kid in node.kids)),
    Indicator: Form.indicator,
    Logic: Form.logic,
    Where: Form.where,
    Prod: Form.product_over,
    Derivative: Form.derivative,
    Expectation: lambda form, node: expectation(form.algebra, form.of(node.kids[0])),
}
