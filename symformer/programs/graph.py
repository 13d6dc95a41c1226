"""What a tensor is computed from: the graph that programs are read off."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
    found = reachable(tensor)
    shapes = [size for one in found for size in one.shape]
    own = [one.origin.size for one in found if one.origin is not None and one.origin.size is not None]
    return set().union(*(size.free_symbols for size in (*shapes, *own)))


def reachable(*outputs: Tensor, held: Collection[str] = ()) -> tuple[Tensor, ...]:
    """The tensors that the outputs depend on, and the outputs: each after what it is computed from.

    What stands in `held`, by digest, is not looked behind. Without recursion, since a model of many layers is deep.
    """
    order: dict[str, Tensor] = {}

    def behind(tensor: Tensor) -> Iterator[Tensor]:
        return iter(() if tensor.digest in held else parents(tensor))

    path = [(output, behind(output)) for output in reversed(outputs)]
    while path:
        tensor, rest = path[-1]
        waiting = next((parent for parent in rest if parent.digest not in order), None)
        if waiting is not None:
            path.append((waiting, behind(waiting)))
            continue
        order.setdefault(tensor.digest, tensor)
        path.pop()
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
