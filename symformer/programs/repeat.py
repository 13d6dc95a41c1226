"""What an author types for a repeat: one layer, and what it carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sympy import Expr, Symbol

from symformer.notation import Domain, NotationError, ShapeError, Tensor
from symformer.notation.names import checked_name, checked_size, checked_symbol, checked_title
from symformer.notation.substitute import fresh
from symformer.programs.graph import reachable
from symformer.programs.loop import Bound, Carried, Loop
from symformer.programs.repeated import Repeat
from symformer.programs.tensor import DefinedTensor


def repeat(
    after: Tensor,
    over: tuple[Symbol, Any],
    carry: Mapping[Tensor, Tensor],
    each: Iterable[Tensor] | Mapping[Tensor, Tensor] = (),
    shared: Mapping[Tensor, Tensor] | None = None,
    *,
    name: str,
    title: str = "Layer",
) -> DefinedTensor:
    """A layer applied L times: `X_L = repeat(Y, (ell, L), carry={X: X_0}, each=(W_Q, W_K), name="X_L")`.

    Args:
        after: the layer's output, computed from the input X that is carried; it becomes the X of the next layer.
        over: the letter of the layer and the number of layers, a size or a number.
        carry: the layer's input that is carried, and its value before the first layer.
        each: the layer's inputs that every layer has for itself, such as weights: `W (d, e)` is a slice of a stack
            `W (L, d, e)`, which is made here as an input, or given as `{W: stack}`.
        shared: the layer's inputs that stand for tensors outside. All others are inputs of the whole, by their names.
        name: the name of the result.
        title: what the layer is called where the repeat is printed.

    Returns:
        A tensor of the shape of `after`: its value after the last layer. `every_layer` gives those of all.

    Raises:
        ShapeError: a start, a stack or the layer's output has another shape than what it stands for.
        NotationError: not one tensor is carried, or something carried or sliced is no input of the layer.
    """
    index, size = checked_symbol(over[0], "index"), checked_size(over[1])
    checked_name(name, "tensor")
    checked_title(title)
    stacks = dict(each) if isinstance(each, Mapping) else {one: stacked(one, size) for one in each}
    if len(carry) != 1:
        raise NotationError(f"{name}: expected one tensor that is carried, got {len(carry)}")
    carried = tuple(Carried(formal, start, after) for formal, start in carry.items())
    outside = dict(shared or {})
    formals = {*carry, *stacks, *outside}
    free = [found for found in reachable(after) if found.origin is None and found not in formals]
    bound = (*(Bound(*pair) for pair in outside.items()), *(Bound(found, found) for found in free))
    loop = Loop(fresh(index), size, carried, tuple(Bound(*pair) for pair in stacks.items()), bound, title=title)
    _check(name, loop, reachable(after))
    return DefinedTensor(name, after.shape, Domain(), Repeat(loop, after, last=True))


def every_layer(repeated: Tensor, inner: Tensor, name: str) -> DefinedTensor:
    """A tensor of the layer in all layers at once: its first axis is the layer.

    Args:
        repeated: what `repeat` returned.
        inner: a tensor of the layer; what is carried gives the values before each layer.
        name: the name of the result.

    Raises:
        NotationError: `repeated` is no repeat.
    """
    if not isinstance(repeated.origin, Repeat):
        raise NotationError(f"{repeated.name} is no repeat")
    loop = repeated.origin.loop
    read = [found for found in reachable(inner) if found.origin is None and found not in loop.formals]
    if read:  # inputs that the carried output does not read: a loop of its own, in which all layers share them
        loop = replace(loop, shared=(*loop.shared, *(Bound(found, found) for found in read)), unrolled={})
    return DefinedTensor(name, (loop.size, *inner.shape), Domain(), Repeat(loop, inner, last=False))


def stacked(formal: Tensor, size: Expr) -> Tensor:
    """The stack of which an input of the layer is a slice, as an input of its name."""
    return replace(formal, shape=(size, *formal.shape))


def _check(name: str, loop: Loop, inside: tuple[Tensor, ...]) -> None:
    for one in loop.carried:
        for what, tensor in (("its start", one.start), ("the layer's output", one.after)):
            if tensor.shape != one.formal.shape:
                raise ShapeError(f"{name}: {one.formal.name} is {one.formal.shape}, {what} is {tensor.shape}")
    for bound, lead in ((loop.each, (loop.size,)), (loop.shared, ())):
        for formal, actual in bound:
            if actual.shape != (*lead, *formal.shape):
                raise ShapeError(
                    f"{name}: {formal.name} needs {(*lead, *formal.shape)}, {actual.name} is {actual.shape}"
                )
    for formal in loop.formals:
        if formal.origin is not None or formal not in inside:
            raise NotationError(f"{name}: {formal.name} is no input of the layer")
