"""The derivative of an expression along the tangents of what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symformer.calculus.derivative import ZERO, Rules
from symformer.calculus.terms import Poly, factors_of, inverse, multiplied, product
from symformer.calculus.tidy import collected, written
from symformer.notation import Add, Div, Element, Hidden, Mul, Neg, Sum, Tensor, Written


def tidied(node: Written) -> Written:
    """A sum of products with equal factors cancelled and like terms collected.

    Sums over an index are taken apart into sums of products, which arrays compute by products of matrices, and in which
    what a mask hides counts for nothing; other products are not distributed.
    """
    return written(collected(_terms(node)))


def _terms(node: Written) -> Poly:
    match node:
        case Add():
            return tuple(term for kid in node.kids for term in _terms(kid))
        case Neg():
            return tuple(term._replace(number=-term.number) for term in _terms(node.kids[0]))
        case Sum():
            index, body = node.open()
            return tuple(term._replace(bound=((index, node.size), *term.bound)) for term in _terms(body))
        case Div():
            under = (inverse(factors_of(node.kids[1])),)
            return multiplied(_terms(node.kids[0]), under)
        case Mul():
            sums = [kid for kid in node.kids if isinstance(kid, Sum)]
            if len(sums) == 1:
                rest = product(factors_of(kid) for kid in node.kids if kid is not sums[0])
                return multiplied((rest,), _terms(sums[0]))
    return (factors_of(node),)


@dataclass(frozen=True)
class Along(Rules):
    """Differentiation along tangents, by digest; `whole` is an expression that has a name, and that name."""

    tangents: Mapping[str, Tensor]
    whole: tuple[Written, Written]

    def element(self, node: Element) -> Written:
        tangent = self.tangents.get(node.tensor.digest)
        return ZERO if tangent is None else Element(node.kids, (tangent,))

    def hidden(self, node: Hidden) -> Written:
        """What is hidden stands still."""
        value, mask = node.kids
        found = self.of(value)
        return found if found == ZERO else mask * found

    def value(self, node: Written) -> Written:
        return self.whole[1] if node is self.whole[0] else node
