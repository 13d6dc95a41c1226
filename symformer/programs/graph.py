"""What a tensor is computed from: the graph that programs are read off."""

from __future__ import annotations

from sympy import Symbol

from symformer.notation import Element, Tensor, Written, substitute


def unfolded(node: Written) -> Written:
    """The expression with every defined tensor replaced by its textbook definition, down to the inputs."""
    kids = tuple(unfolded(kid) for kid in node.kids)
    if not isinstance(node, Element):
        return node.rebuild(kids) if kids else node
    if node.tensor.origin is None:
        return Element(kids, node.head)
    definition = node.tensor.origin.definition
    return substitute(unfolded(definition.body), dict(zip(definition.indices, kids, strict=True)))


def input_tensors(tensor: Tensor) -> tuple[Tensor, ...]:
    """The input tensors that a tensor depends on, in the order in which they are first used."""
    return tuple(found for found in reachable(tensor) if found.origin is None)


def size_symbols(tensor: Tensor) -> set[Symbol]:
    """All size symbols that a tensor depends on."""
    return set().union(*(size.free_symbols for found in reachable(tensor) for size in found.shape))


def reachable(*outputs: Tensor) -> tuple[Tensor, ...]:
    """The tensors that the outputs depend on, and the outputs: each after what it is computed from."""
    order: dict[str, Tensor] = {}

    def visit(tensor: Tensor) -> None:
        if tensor.digest in order:
            return
        for parent in parents(tensor):
            visit(parent)
        order[tensor.digest] = tensor

    for output in outputs:
        visit(output)
    return tuple(order.values())


def parents(tensor: Tensor) -> tuple[Tensor, ...]:
    """What a tensor is computed from directly, in written order."""
    if tensor.origin is None:
        return ()
    parents_of: tuple[Tensor, ...] = tensor.origin.parents
    return parents_of


def elements(node: Written) -> list[Element]:
    """All entries in an expression, in written order."""
    own = [node] if isinstance(node, Element) else []
    return own + [found for kid in node.kids for found in elements(kid)]
