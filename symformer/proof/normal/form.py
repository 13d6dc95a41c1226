"""From a written expression to its normal form, and the proof that a difference is zero for every size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr

from symformer.calculus import NoDerivative, derivative
from symformer.notation import (
    Add,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
    Func,
    Indicator,
    Max,
    Mul,
    Neg,
    Pow,
    Sum,
    Var,
    Written,
    lift,
    opened,
    substitute,
)
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import Atom, GiveUp, Index, Poly, bits_in, entry
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign
from symformer.typeset import text

ROUNDS = 12


@dataclass(frozen=True)
class Proof:
    """A proof for every size: how many terms cancelled, and where the two sides are defined."""

    terms: int
    conditions: tuple[str, ...]


def prove(left: Written, right: Written, spans: Mapping[str, Expr] | None = None) -> Proof | None:
    """A proof that left = right for every size, wherever both sides are defined; None says nothing.

    The difference of the normal forms is multiplied by every negative power that it holds, until none is left; it is
    0 where the polynomial that then stands there has no term.

    Args:
        left: one side.
        right: the other.
        spans: what the free indices run over, by name.
    """
    form = _Form()
    try:
        for index, size in (spans or {}).items():
            form.algebra.span(index, form.size(size))
        one, two = form.of(left), form.of(right)
        difference = form.algebra.add(one, form.algebra.scale(two, -1))
        if _cleared(form.algebra, difference):
            return None
        return Proof(len(one), tuple(sorted(form.conditions)))
    except (GiveUp, NoDerivative, RecursionError):
        return None


def _cleared(algebra: Algebra, poly: Poly) -> Poly:
    """The polynomial times the powers that its terms divide by."""
    for _ in range(ROUNDS):
        lowest: dict[Atom, Fraction] = {}
        for term in poly:
            for atom, power in term:
                if power < 0 or (atom.kind == "poly" and power.denominator > 1):
                    lowest[atom] = min(lowest.get(atom, power), power)
        negative = {atom: power for atom, power in lowest.items() if power < 0}
        if not negative:
            return poly
        lift_by = tuple((atom, -power) for atom, power in negative.items())
        poly = algebra.add(*(algebra.scale(algebra.product((*term, *lift_by)), value) for term, value in poly.items()))
    raise GiveUp("negative powers inside negative powers")


class _Form:
    def __init__(self) -> None:
        self.algebra = Algebra()
        self.known: dict[str, Poly] = {}
        self.conditions: set[str] = set()

    def of(self, node: Written) -> Poly:
        """The normal form of an expression."""
        if node.digest not in self.known:
            rule = _RULES.get(type(node))
            if rule is None:
                raise GiveUp(f"no normal form of {type(node).__name__}")
            self.known[node.digest] = rule(self, node)
        return self.known[node.digest]

    def index(self, node: Written) -> Index:
        """An index as a name or a number."""
        if isinstance(node, Var) and not node.symbol.is_positive:
            return str(node.symbol)
        if isinstance(node, Const) and node.value.is_Integer:
            return int(node.value)
        raise GiveUp("an index that is computed")

    def size(self, size: Expr) -> Poly:
        """A size as a polynomial."""
        return self.of(lift(size))

    def element(self, node: Element) -> Poly:
        """An input's entry or a repeat's, or the definition of a computed one."""
        if node.tensor.origin is None or node.tensor.origin.size is not None:
            if node.tensor.domain.kind in ("random", "integer"):
                raise GiveUp("a random or an integer entry")
            return self.algebra.atom(entry(node.tensor, tuple(self.index(kid) for kid in node.kids)))
        definition = node.tensor.origin.definition
        return self.of(substitute(definition.body, dict(zip(definition.indices, node.kids, strict=True))))

    def total(self, node: Sum) -> Poly:
        """A sum; its index gives way to letters that are free around it."""
        size = self.size(node.size)
        self.algebra.span(str(node.index), size)
        return self.algebra.sum(self.of(node.body), str(node.index), size)

    def maximum(self, node: Max) -> Poly:
        """A maximum."""
        return self.algebra.maximum(self.of(node.body), str(node.index), self.size(node.size))

    def _needs(self, node: Written, relation: str) -> Poly:
        """The form of something that must not be 0 (must be positive): noted as a condition where it is not visible.

        What depends on masks or indicators must be visibly so: a row that sees nothing is no rare exception.
        """
        poly = self.of(node)
        enough = NONNEGATIVE if relation == "≥" else POSITIVE
        if sign(node) < enough and not self.algebra.positive(poly):
            if bits_in(poly):
                raise GiveUp("a mask that may leave nothing")
            self.conditions.add(f"{text(node.layout().box)} {relation} 0")
        return poly

    def quotient(self, node: Div) -> Poly:
        """Over times the inverse of under."""
        return self.algebra.mul(self.of(node.kids[0]), self.algebra.power(self._needs(node.kids[1], "≠"), Fraction(-1)))

    def power(self, node: Pow) -> Poly:
        """A power with a rational exponent."""
        exponent = node.kids[1].plain()
        if not exponent.is_Rational:
            raise GiveUp("an exponent that is no number")
        whole = exponent.is_Integer
        needed = None if whole and exponent >= 0 else "≠" if whole else "≥" if exponent > 0 else ">"
        base = self.of(node.kids[0]) if needed is None else self._needs(node.kids[0], needed)
        return self.algebra.power(base, Fraction(int(exponent.p), int(exponent.q)))

    def function(self, node: Func) -> Poly:
        """exp, log, sqrt and tanh by their rules, and what has a formula by that."""
        formula = opened(node)
        if formula is not None:
            return self.of(formula)
        needed = {"log": ">", "sqrt": "≥"}.get(node.name)
        algebra = self.algebra
        inner = self.of(node.kids[0]) if needed is None else self._needs(node.kids[0], needed)
        match node.name:
            case "exp":
                return algebra.exp(inner)
            case "log":
                return algebra.log(inner)
            case "sqrt":
                return algebra.power(inner, Fraction(1, 2))
            case "tanh":
                square = algebra.exp(algebra.scale(inner, 2))
                over, under = (algebra.add(square, algebra.number(sign)) for sign in (-1, 1))
                return algebra.mul(over, algebra.power(under, Fraction(-1)))
        return algebra.function(node.name, inner)

    def indicator(self, node: Indicator) -> Poly:
        """By ≤ and delta; of values, only where they are visibly positive."""
        algebra, (left, right) = self.algebra, node.kids
        if isinstance(left, Element) or isinstance(right, Element):
            return self._sign(node)
        one, two = self.index(left), self.index(right)
        table: dict[str, Callable[[], Poly]] = {
            "=": lambda: algebra.delta(one, two),
            "≠": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.delta(one, two), -1)),
            "≤": lambda: algebra.below(one, two),
            "≥": lambda: algebra.below(two, one),
            ">": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.below(one, two), -1)),
            "<": lambda: algebra.add(algebra.number(1), algebra.scale(algebra.below(two, one), -1)),
        }
        return table[node.relation]()

    def _sign(self, node: Indicator) -> Poly:
        difference = self.algebra.add(self.of(node.kids[0]), self.algebra.scale(self.of(node.kids[1]), -1))
        if node.relation in ("=", "≤", "<") and self.algebra.positive(difference):
            return {}
        raise GiveUp("an indicator of values that may have either sign")

    def variable(self, node: Var) -> Poly:
        """A size, or an index that stands as a number."""
        if node.symbol.is_positive:
            return self.algebra.atom(Atom("size", (str(node.symbol),), f"|{node.symbol}|"))
        return self.algebra.position(str(node.symbol))

    def product(self, node: Mul) -> Poly:
        """Factor by factor."""
        out = self.algebra.number(1)
        for kid in node.kids:
            out = self.algebra.mul(out, self.of(kid))
        return out

    def constant(self, node: Const) -> Poly:
        """A rational number."""
        if not node.value.is_Rational:
            raise GiveUp("a number that is not rational")
        return self.algebra.number(Fraction(int(node.value.p), int(node.value.q)))


def _apart(node: Derivative) -> Written:
    """The derivative, worked out on the written expression."""
    return derivative(node.target, node.entry)


_RULES: dict[type, Callable[[_Form, Any], Poly]] = {
    Const: _Form.constant,
    Var: _Form.variable,
    Element: _Form.element,
    Add: lambda form, node: form.algebra.add(*(form.of(kid) for kid in node.kids)),
    Neg: lambda form, node: form.algebra.scale(form.of(node.kids[0]), -1),
    Mul: _Form.product,
    Div: _Form.quotient,
    Pow: _Form.power,
    Func: _Form.function,
    Sum: _Form.total,
    Max: _Form.maximum,
    Delta: lambda form, node: form.algebra.delta(*(form.index(kid) for kid in node.kids)),
    Indicator: _Form.indicator,
    Derivative: lambda form, node: form.of(_apart(node)),
}
