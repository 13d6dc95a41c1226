"""What a tensor is computed from: the graph that programs are read off."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from weakref import WeakKeyDictionary

from sympy import Expr, Symbol

from symformer.notation import Binder, Element, Tensor, Written, substitute, walk

_INPUTS: WeakKeyDictionary[Tensor, tuple[Tensor, ...]] = WeakKeyDictionary()


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
    """The input tensors that a tensor depends on, in the order in which they are first used.

    They are remembered while the tensor lives: each definition of a long chain asks for them.
    """
    known = {one.digest: found for one in (tensor, *parents(tensor)) if (found := _INPUTS.get(one)) is not None}
    for one in reachable(tensor, held=known):
        if one.digest not in known:
            used = dict.fromkeys(found for parent in parents(one) for found in known[parent.digest])
            known[one.digest] = _INPUTS[one] = tuple(used) if one.origin is not None else (one,)
    return known[tensor.digest]


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
    return [part for part in walk(node) if isinstance(part, Element)]


def all_sizes(*nodes: Written) -> tuple[Symbol, ...]:
    """The size symbols that expressions depend on: shapes, ranges and numbers, through their definitions too.

    They come in the order in which they are met, which no letter decides.
    """
    tensors = reachable(*(element.tensor for node in nodes for element in elements(node)))
    found = [symbol for tensor in tensors for size in tensor.shape for symbol in symbols_of(size)]
    bodies = [body for tensor in tensors if tensor.origin is not None for body in _bodies(tensor)]
    for part in (part for body in (*nodes, *bodies) for part in walk(body)):
        if isinstance(part, Binder):
            found += symbols_of(part.size)
        found += [symbol for symbol in part.head if isinstance(symbol, Symbol) and symbol.is_positive]
    return tuple(dict.fromkeys(found))


def symbols_of(size: Expr) -> list[Symbol]:
    """The symbols of a size: mostly one."""
    return sorted(size.free_symbols, key=str)


def _bodies(tensor: Tensor) -> tuple[Written, ...]:
    """What a tensor is defined as; nothing for a repeat, whose layer has sizes of its own."""
    return (tensor.origin.definition.body,) if is_defined(tensor) else ()


def is_defined(tensor: Tensor) -> bool:
    """Whether a tensor has a definition to open: it is no input, and no repeat."""
    return tensor.origin is not None and tensor.origin.size is None


def definition_at(node: Element) -> Written:
    """What an entry of a defined tensor is, at its own indices."""
    definition = node.tensor.origin.definition
    return substitute(definition.body, dict(zip(definition.indices, node.kids, strict=True)))
