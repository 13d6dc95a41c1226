"""What a definition keeps of its operands until its backward pass.

The rules follow the derivative. A sum keeps nothing. A product keeps, for each factor that has a gradient, the other
factors. A quotient keeps both sides. A function keeps its argument; but exp, tanh, sigmoid, square root and ReLU keep
their result where it is the defined tensor itself, since their slope can be read off it, and so does a softmax: a row
divided by its own sum. Layer norm and RMS norm keep what they are called with: their statistics are done again.
Parameters are there anyway and do not count, nor do integers, nor what is the same for every input.
"""

from __future__ import annotations

from collections.abc import Iterator

from symformer.cost.flops import HasGradient, factors_of, operands, reads_gradient, sums
from symformer.notation import Div, Element, Func, Hidden, Max, Pow, Sum, Tensor, Written, substitute
from symformer.notation import Mul as Product

FROM_RESULT = frozenset({"exp", "tanh", "sigmoid", "sqrt", "relu"})
FROM_ARGUMENTS = frozenset({"LayerNorm", "RMSNorm"})  # calls


def kept_by(tensor: Tensor, body: Written, has_gradient: HasGradient) -> Iterator[Tensor]:
    """The tensors that a definition `tensor := body` keeps, some more than once.

    Args:
        tensor: what is defined.
        body: how.
        has_gradient: whether a tensor's gradient is wanted.
    """
    if not reads_gradient(body, has_gradient):
        return
    if is_softmax(body):
        yield tensor
        for exponential in (part for part in factors_of(body.kids[0]) if isinstance(part, Func)):
            yield from _kept(exponential.kids[0], has_gradient)
    elif isinstance(body, Func) and body.name in FROM_RESULT:
        yield tensor
        yield from _kept(body.kids[0], has_gradient)
    else:
        yield from _kept(body, has_gradient)


def is_softmax(body: Written) -> bool:
    """Whether an expression is a row divided by its own sum."""
    if not (isinstance(body, Div) and isinstance(body.kids[1], Sum)):
        return False
    row, total = body.kids
    own = [index for index in row.ranges if index not in total.ranges]
    return len(own) == 1 and substitute(row, {own[0]: total.index}) == total.body


def _kept(node: Written, has_gradient: HasGradient) -> Iterator[Tensor]:
    if not reads_gradient(node, has_gradient):
        return
    match node:
        case Sum():
            yield from _product(factors_of(sums(node)[1]), has_gradient)
        case Product():
            yield from _product(factors_of(node), has_gradient)
        case Div():
            over, under = node.kids
            needed = (over, under) if reads_gradient(under, has_gradient) else (under,)
            yield from _entries(*needed)
            yield from _below(node, has_gradient)
        case Pow() | Func():
            yield from _entries(node.kids[0])
            yield from _below(node, has_gradient)
        case Max():
            return
        case Hidden():
            yield from _entries(node.kids[1])
            yield from _below(node, has_gradient)
        case _:
            yield from _below(node, has_gradient)


def _product(factors: tuple[Written, ...], has_gradient: HasGradient) -> Iterator[Tensor]:
    """For each factor with a gradient the others, and what the factor itself keeps."""
    for place, factor in enumerate(factors):
        if reads_gradient(factor, has_gradient):
            yield from _entries(*factors[:place], *factors[place + 1 :])
            yield from _kept(factor, has_gradient)


def _below(node: Written, has_gradient: HasGradient) -> Iterator[Tensor]:
    for kid in operands(node):
        yield from _kept(kid, has_gradient)


def _entries(*nodes: Written) -> Iterator[Tensor]:
    """The tensors whose entries stand in expressions, outside the indices of entries."""
    for node in nodes:
        if isinstance(node, Element):
            yield node.tensor
        yield from _entries(*operands(node))
