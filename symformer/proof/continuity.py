"""Limits at a point where an expression is continuous: its value there, and its Taylor coefficients.

A variable that grows is turned over first, T = 1/s, where it only divides; an input with axes is scaled as a whole,
x = s x. A composition of +, ·, /, powers, exp, log, roots, tanh, sines, sums over fixed ranges and maxima is continuous
in s wherever it is defined; without maxima and relu, and off the ends of roots, it is smooth. Where it is defined at
s = 0 is a condition of the equation that is judged there.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Symbol

from symformer.calculus import NoDerivative, derivative, worked_out
from symformer.notation import (
    Add,
    Const,
    Derivative,
    Div,
    Element,
    Func,
    Max,
    Mul,
    Neg,
    Pow,
    Sum,
    Tensor,
    Var,
    Written,
    lift,
    walk,
)
from symformer.programs import unfolded
from symformer.proof.toward import Toward

CONTINUOUS = (Add, Mul, Neg, Div, Pow, Func, Sum, Max)
STEP = Tensor("s_0", (), optional=True)  # no input of an author is this one


@dataclass(frozen=True)
class Smooth:
    """Two sides as functions of s, near s = 0."""

    left: Written
    right: Written

    @classmethod
    def of(cls, claim: Toward, left: Written, right: Written) -> Smooth | None:
        """Both sides in s, or None where one is not visibly continuous in it."""
        try:
            sides = [_in_step(_flat(side), claim) for side in (left, right)]
        except (NoDerivative, AttributeError):  # a repeat has no definition to open
            return None
        one, two = sides
        if one is None or two is None or not all(_continuous(side) for side in (one, two)):
            return None
        return cls(one, two)

    @property
    def at_end(self) -> tuple[Written, Written]:
        """Both sides at s = 0."""
        return _at_zero(self.left), _at_zero(self.right)

    def coefficient(self, number: int) -> tuple[Written, Written] | None:
        """Both sides at s = 0, differentiated so many times; None where they have no such derivative."""
        one, two = self.left, self.right
        try:
            for _ in range(number):
                one, two = (derivative(_flat(side), STEP[()]) for side in (one, two))
        except NoDerivative:
            return None
        if number and not all(_is_smooth(side) for side in (self.left, self.right)):
            return None
        return _at_zero(one), _at_zero(two)


def _flat(node: Written) -> Written:
    """The expression without definitions and with its derivatives worked out."""
    if isinstance(node, Derivative):
        return _flat(worked_out(node))
    if isinstance(node, Element) and node.tensor.origin is not None:
        return _flat(unfolded(node))
    kids = tuple(_flat(kid) for kid in node.kids)
    return node.rebuild(kids) if kids and not isinstance(node, Element) else node


def _in_step(node: Written, claim: Toward) -> Written | None:
    """The expression with s in place of the variable of a limit; None where that does not only divide."""
    variable = claim.variable
    if claim.end == "∞":
        return None if isinstance(variable, Tensor) and variable.shape else _turned(node, variable)
    return _scaled(node, variable) if isinstance(variable, Tensor) else None


def _scaled(node: Written, variable: Tensor) -> Written:
    if isinstance(node, Element) and node.tensor == variable:
        return STEP[()] * node if variable.shape else STEP[()]
    kids = tuple(_scaled(kid, variable) for kid in node.kids)
    return node.rebuild(kids) if kids and not isinstance(node, Element) else node


def _is(node: Written, variable: Symbol | Tensor) -> bool:
    if isinstance(variable, Tensor):
        return isinstance(node, Element) and node.tensor == variable
    return isinstance(node, Var) and node.symbol == variable


def _turned(node: Written, variable: Symbol | Tensor) -> Written | None:
    """The expression with 1/s for a variable that only stands below a line."""
    if _is(node, variable) or (isinstance(node, (Sum, Max)) and variable in node.size.free_symbols):
        return None
    if isinstance(node, Pow) and _is(node.kids[0], variable):
        exponent = node.kids[1]
        falls = isinstance(exponent, Const) and exponent.value.is_Integer and exponent.value < 0
        return STEP[()] ** lift(-exponent.value) if falls else None
    if isinstance(node, Div):
        under = node.kids[1]
        factors = list(under.kids) if isinstance(under, Mul) else [under]
        rest = [factor for factor in factors if not _is(factor, variable)]
        if len(rest) < len(factors):
            over = _turned(node.kids[0], variable)
            below = _turned(Mul(tuple(rest)) if len(rest) > 1 else rest[0] if rest else lift(1), variable)
            if over is None or below is None:
                return None
            return over * STEP[()] ** lift(len(factors) - len(rest)) / below
    kids = tuple(_turned(kid, variable) for kid in node.kids)
    if any(kid is None for kid in kids):
        return None
    return node.rebuild(tuple(kid for kid in kids if kid is not None)) if kids else node


def _moves(node: Written) -> bool:
    return any(isinstance(part, Element) and part.tensor == STEP for part in walk(node))


def _continuous(node: Written) -> bool:
    """Whether all that depends on s is put together from continuous functions, with exponents that are numbers."""
    if not _moves(node) or isinstance(node, Element):
        return not any(_moves(kid) for kid in node.kids) if isinstance(node, Element) else True
    if isinstance(node, Func) and not node.primitive.continuous:
        return False
    if not isinstance(node, CONTINUOUS) or (isinstance(node, Pow) and _moves(node.kids[1])):
        return False
    return all(_continuous(kid) for kid in node.kids)


def _is_smooth(node: Written) -> bool:
    """Whether nothing that depends on s has a kink."""
    return not any(
        (isinstance(part, Max) or (isinstance(part, Func) and not part.primitive.smooth)) and _moves(part)
        for part in walk(node)
    )


def _at_zero(node: Written) -> Written:
    if isinstance(node, Element):
        return lift(0) if node.tensor == STEP else node
    return node.rebuild(tuple(_at_zero(kid) for kid in node.kids)) if node.kids else node
