"""FLOPs of a definition, read off its expression.

The rules. An operation is done once for each value of the indices that its operands carry, so what does not depend on
an index is not done again for it. A sum of products is a contraction: each multiplication with its addition is 2, and
a product of k entries under the sum is k. A factor that carries no summed index is multiplied once, outside the sum.
A sum of single entries is one addition an entry; a maximum one comparison. Any other operation is 1: an addition, a
multiplication, a division, a power, a function. Signs, conditions, deltas and gathers are free, and so are a sum that a
delta selects from, and what depends on sizes and numbers alone.

Backward, a contraction is done once more for each of its factors that has a gradient, at the same price (the other
factors are contracted with the gradient of the result). Any other operation is priced at two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Mul, Symbol

from symformer.cost.work import Work, added
from symformer.notation import (
    Add,
    ArgMax,
    Condition,
    Delta,
    Div,
    Element,
    Func,
    Hidden,
    Max,
    Pow,
    Prod,
    Sum,
    Tensor,
    Where,
    Written,
)
from symformer.notation import Mul as Product

CONDITIONS = (Condition, Delta)
HasGradient = Callable[[Tensor], bool]


@dataclass(frozen=True)
class Operation:
    """Some operations of one kind.

    Attributes:
        amount: how many FLOPs.
        operands: what they are done on; for a contraction, its factors.
        contraction: whether they are multiplications with additions under a sum.
        indices: the indices at whose values they are done.
        bound: those of them that are summed over, or searched for a maximum.
    """

    amount: Expr
    operands: tuple[Written, ...]
    contraction: bool = False
    indices: frozenset[Symbol] = frozenset()
    bound: frozenset[Symbol] = frozenset()


def forward(body: Written) -> Work:
    """What it takes to compute an expression at every value of its free indices."""
    return added([_work(operation, 1) for operation in operations(body)])


def backward(body: Written, has_gradient: HasGradient) -> Work:
    """What it takes to bring a gradient from a defined tensor to those in its definition."""
    return added([_work(operation, _times(operation, has_gradient)) for operation in operations(body)])


def contributions(body: Written, has_gradient: HasGradient) -> Iterator[tuple[Operation, Expr, Expr]]:
    """Each contraction of an expression, with what it takes and what its gradient takes."""
    for operation in operations(body):
        if operation.contraction:
            yield operation, operation.amount, operation.amount * _times(operation, has_gradient)


def _work(operation: Operation, times: int) -> Work:
    amount = operation.amount * times
    return Work(contraction=amount) if operation.contraction else Work(rest=amount)


def _times(operation: Operation, has_gradient: HasGradient) -> int:
    wanted = sum(reads_gradient(operand, has_gradient) for operand in operation.operands)
    return wanted if operation.contraction else 2 * bool(wanted)


def reads_gradient(node: Written, has_gradient: HasGradient) -> bool:
    """Whether a gradient goes through an expression."""
    if isinstance(node, Element):
        return has_gradient(node.tensor)
    return any(reads_gradient(kid, has_gradient) for kid in operands(node))


def operations(node: Written) -> Iterator[Operation]:
    """All operations of an expression."""
    if isinstance(node, Sum):
        yield from _summed(node)
        return
    for kid in operands(node):
        yield from operations(kid)
    amount = _own(node)
    if amount is not None:
        bound = frozenset({node.index}) if isinstance(node, (Max, ArgMax, Prod)) else frozenset()
        yield Operation(amount, tuple(operands(node)), indices=frozenset(node.ranges) | bound, bound=bound)


def operands(node: Written) -> tuple[Written, ...]:
    """The parts of an expression that are computed: not the indices of an entry, nor a condition."""
    if isinstance(node, (Element, *CONDITIONS)):
        return ()
    if isinstance(node, Where):
        return tuple(kid for kid in node.kids if not isinstance(kid, CONDITIONS))
    return (node.kids[0],) if isinstance(node, Hidden) else tuple(node.kids)


def has_entries(node: Written) -> bool:
    """Whether an expression depends on any entry, and not on sizes and numbers alone."""
    return isinstance(node, Element) or any(has_entries(kid) for kid in operands(node))


def points(node: Written) -> Expr:
    """How many values the free indices of an expression have together."""
    return Mul(*(span.size for span in node.ranges.values()))


def _own(node: Written) -> Expr | None:
    """How often a node's own operation is done, if it has one."""
    if not has_entries(node):
        return None
    if isinstance(node, (Max, ArgMax, Prod)):
        return points(node) * node.size
    if isinstance(node, (Add, Product)):
        return points(node) * max(len(_computed(node.kids)) - 1, 0)
    return points(node) if isinstance(node, (Div, Pow, Func)) else None


def _computed(parts: Sequence[Written]) -> list[Written]:
    return [part for part in parts if not isinstance(part, CONDITIONS)]


def _summed(node: Sum) -> Iterator[Operation]:
    """A sum over one index or several: a contraction, or plain additions."""
    bound, body = sums(node)
    factors = _computed(factors_of(body))
    inside = tuple(factor for factor in factors if has_entries(factor) and set(factor.ranges) & set(bound))
    for factor in factors:
        yield from operations(factor)
    if not inside or any(found.free & set(bound) for found in factors_of(body) if isinstance(found, Delta)):
        return
    amount = points(body) * (len(inside) if len(inside) > 1 else 1)
    yield Operation(amount, inside, len(inside) > 1, frozenset(body.ranges), frozenset(bound))
    rest = [factor for factor in factors if factor not in inside]
    scalings = sum(map(has_entries, rest)) + any(not has_entries(factor) for factor in rest)
    if scalings:
        yield Operation(points(node) * scalings, (*inside, *rest), indices=frozenset(node.ranges))


def sums(node: Sum) -> tuple[tuple[Symbol, ...], Written]:
    """The indices of sums that stand directly one in the other, and what is summed."""
    inner: Written = node
    bound: list[Symbol] = []
    while isinstance(inner, Sum):
        bound.append(inner.index)
        inner = inner.body
    return tuple(bound), inner


def factors_of(node: Written) -> tuple[Written, ...]:
    """The factors of a product, written one into the other or not."""
    if not isinstance(node, Product):
        return (node,)
    return tuple(factor for kid in node.kids for factor in factors_of(kid))
