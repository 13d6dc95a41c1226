"""The transpose of one statement: what its cotangent says about everything that it reads.

Two designs were tried on five lines (O = P V, S = Q Kᵀ/√d, a softmax row, a mean, −log p at a class). The first
differentiates the body by an entry, which gives deltas, multiplies by the cotangent and sums the deltas away again: it
is right, and needs a contraction of deltas that must look through fractions and nested sums to give Σ_i P_ij dO_if. The
second, kept here, walks down the body once with the cotangent in hand: a product hands on the other factors, a sum
opens its letter, an entry is reached with what it is to be multiplied by. No delta arises unless there is one on
paper (a diagonal, a number, a gather), the work is that of reading the body, and factors stay where their author put
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sympy import Symbol

from symformer.calculus.derivative import NoDerivative, largest_at, others
from symformer.calculus.slopes import power_slopes, slopes
from symformer.calculus.terms import Letters, Term, factors_of, inverse, product, renamed
from symformer.notation import (
    Add,
    ArgMax,
    Const,
    Delta,
    Div,
    Element,
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
    Tensor,
    Var,
    Where,
    Written,
    delta,
    lift,
    negated,
)


class Reached(NamedTuple):
    """An entry that a body reads, and the cotangent that reaches it there, under the sums that were opened."""

    element: Element
    term: Term


@dataclass(frozen=True)
class Walk:
    """A walk down a body.

    Attributes:
        name: the tensor that the body defines, for errors.
        active: digests of the tensors whose cotangents are wanted.
        value: the entry that the body defines: a quotient or function at its root is called by that name.
    """

    name: str
    active: frozenset[str]
    value: Element | None = None

    def down(self, node: Written, term: Term) -> Iterator[Reached]:
        """The entries that the node reads, with what reaches them.

        Raises:
            NoDerivative: something on the way has no derivative; names the definition.
        """
        if not self._reads(node):
            return
        rule = _RULES.get(type(node))
        if rule is None:
            raise NoDerivative(f"{self.name}: {type(node).__name__} has no derivative: {node}")
        yield from rule(self, node, term)

    def _reads(self, node: Written) -> bool:
        if isinstance(node, Element):
            return node.tensor.digest in self.active
        return any(self._reads(kid) for kid in node.kids)

    def inner(self) -> Walk:
        """The walk below the root."""
        return self if self.value is None else Walk(self.name, self.active)

    def element(self, node: Element, term: Term) -> Iterator[Reached]:
        yield Reached(node, term)

    def add(self, node: Add, term: Term) -> Iterator[Reached]:
        for kid in node.kids:
            yield from self.inner().down(kid, term)

    def negative(self, node: Neg, term: Term) -> Iterator[Reached]:
        yield from self.inner().down(node.kids[0], term._replace(number=-term.number))

    def product(self, node: Mul, term: Term) -> Iterator[Reached]:
        for place, kid in enumerate(node.kids):
            if self._reads(kid):
                before, after = (map(factors_of, side) for side in (node.kids[:place], node.kids[place + 1 :]))
                yield from self.inner().down(kid, product((*before, term, *after)))

    def quotient(self, node: Div, term: Term) -> Iterator[Reached]:
        over, under = node.kids
        divided = product((term, inverse(factors_of(under))))
        yield from self.inner().down(over, divided)
        value = self.value if self.value is not None else node
        minus = divided._replace(number=-divided.number)
        yield from self.inner().down(under, product((minus, factors_of(value))))

    def power(self, node: Pow, term: Term) -> Iterator[Reached]:
        value: Written = self.value if self.value is not None else node
        for kid, slope_of in zip(node.kids, power_slopes(node, value), strict=True):
            yield from self.inner().down(kid, product((term, factors_of(slope_of))))

    def function(self, node: Func, term: Term) -> Iterator[Reached]:
        value: Written = self.value if self.value is not None else node
        for kid, slope in zip(node.kids, slopes(node, value), strict=True):
            if slope != lift(0):
                yield from self.inner().down(kid, product((term, factors_of(slope))))

    def where(self, node: Where, term: Term) -> Iterator[Reached]:
        """What is chosen gets all."""
        chosen, value, other = node.kids
        yield from self.inner().down(value, product((term, factors_of(chosen))))
        yield from self.inner().down(other, product((term, factors_of(negated(chosen)))))

    def product_over(self, node: Prod, term: Term) -> Iterator[Reached]:
        """Each factor gets the product of the others."""
        index, body = node.open()
        bound = term._replace(bound=(*term.bound, (index, node.size)))
        yield from self.inner().down(body, product((bound, factors_of(others(node, index)))))

    def sum(self, node: Sum, term: Term) -> Iterator[Reached]:
        index, body = node.open()
        yield from self.inner().down(body, term._replace(bound=(*term.bound, (index, node.size))))

    def hidden(self, node: Hidden, term: Term) -> Iterator[Reached]:
        """What is hidden gets nothing; what is seen, all."""
        value, mask = node.kids
        yield from self.inner().down(value, product((term, factors_of(mask))))

    def maximum(self, node: Max, term: Term) -> Iterator[Reached]:
        """The largest entry gets all, the first of several."""
        index, body = node.open()
        bound = term._replace(bound=(*term.bound, (index, node.size)))
        yield from self.inner().down(body, product((bound, factors_of(largest_at(node, index)))))

    def constant(self, node: Written, term: Term) -> Iterator[Reached]:
        """What is 0 or 1 has the slope 0."""
        yield from ()


_RULES: dict[type, Callable[[Walk, Any, Term], Iterator[Reached]]] = {
    Const: Walk.constant,
    Var: Walk.constant,
    Delta: Walk.constant,
    Indicator: Walk.constant,
    Logic: Walk.constant,
    ArgMax: Walk.constant,
    Where: Walk.where,
    Prod: Walk.product_over,
    Element: Walk.element,
    Add: Walk.add,
    Neg: Walk.negative,
    Mul: Walk.product,
    Div: Walk.quotient,
    Pow: Walk.power,
    Func: Walk.function,
    Sum: Walk.sum,
    Hidden: Walk.hidden,
    Max: Walk.maximum,
}


def gathered(reached: Reached, own: Letters, target: Sequence[Symbol]) -> Term:
    """What reaches an entry, as a term of the cotangent of its tensor at the indices `target`.

    Indices of the statement at which the entry stands become those of the target; all others are summed over. An index
    that is an expression, or that comes twice, leaves a delta: the derivative of a gather is one on its positions.

    Args:
        reached: the entry, and what reaches it.
        own: the indices of the statement, with their sizes; nothing else has them.
        target: an index for each axis of the entry's tensor.
    """
    context = dict((*own, *reached.term.bound))
    values: dict[Symbol, Written] = {}
    deltas: list[tuple[Symbol, Written]] = []
    for kid, goal in zip(reached.element.kids, target, strict=True):
        if isinstance(kid, Var) and kid.symbol in context and kid.symbol not in values:
            values[kid.symbol] = Var((), (goal,))
        else:
            deltas.append((goal, kid))
    summed = tuple((index, size) for index, size in context.items() if index not in values)
    term = renamed(reached.term, values)
    gathers = tuple(delta(goal, kid.at(values)) for goal, kid in deltas)
    return Term(term.number, (*term.over, *gathers), term.under, summed)


def letters_with_sizes(tensor: Tensor, letters: Sequence[Symbol]) -> Letters:
    """The letters of a tensor's axes with the sizes they run to."""
    return tuple(zip(letters, tensor.shape, strict=True))
