"""What goes into a model and through its layers: ids, masks, positions, the stream that layers carry, the head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sympy import Expr

from symformer.models import letters as at
from symformer.models.attention import CACHE
from symformer.models.blocks import looked_up, normed
from symformer.models.layout import Stack
from symformer.models.rows import Rows
from symformer.models.symbols import Parameters, Value, named, stacked
from symformer.models.tasks import Head
from symformer.notation import Tensor, indices, tanh, tensor
from symformer.programs import Program, define, input_tensors, program

I, J = indices("i j")
Block = Callable[[Parameters, Value], Value]
# Inputs that are the same for every sequence of a batch.
CONSTANTS = frozenset({
    "positions", "decoder_positions", "buckets", "decoder_buckets", "frequencies", "windows", "depths",
})  # fmt: skip
DEPTH = tensor("depth", kind="integer")  # the number of a layer, from 1


def token_ids(name: str = "ids", length: Expr = at.n, upper: Expr = at.V) -> Tensor:
    """The numbers of words, or of token types."""
    return tensor(name, length, kind="integer", upper=upper)


def whole_positions(upper: Expr, name: str = "positions", length: Expr = at.n) -> Tensor:
    """Positions as rows of a table."""
    return tensor(name, length, kind="integer", upper=upper)


def memory(name: str = "memory") -> Value:
    """What an encoder found, for cross-attention: (m, d)."""
    return Value(tensor(name, at.m, at.d), (".", "a"))


def mask_of(name: str = "mask", rows: Expr = at.n, keys: Expr = at.n, matrix: str = "M") -> Tensor:
    """Which keys are no padding, for every query: M_ij := mask_j."""
    return define(matrix, ((I, rows), (J, keys)), tensor(name, keys, kind="mask")[J])


@dataclass(frozen=True)
class Layers:
    """The layers of a stack in a program.

    Attributes:
        stack: the stack.
        block: what a layer does to the stream.
        mark: tells its parameters from those of another stack.
        title: what a layer is called.
        shared: formal inputs of a layer and what they stand for outside.
        each: formal inputs of a layer and the stacks that they are slices of, beside parameters.
        cached: how many positions a cache has so far, which each layer has for itself, where attention reads one.
    """

    stack: Stack
    block: Block
    mark: str = ""
    title: str = "Layer"
    shared: Mapping[Tensor, Tensor] = field(default_factory=dict)
    each: Mapping[Tensor, Tensor] = field(default_factory=dict)
    cached: Expr | None = None

    def __call__(self, start: Value, name: str) -> Value:
        """The stream after the last layer."""
        own = Parameters.of(self.stack.rows, cached=self.cached)
        x = Value(tensor("X", *start.tensor.shape), start.letters)
        after = self.block(own, x)
        caches = [one for one in input_tensors(after.tensor) if one.name.endswith(CACHE)]
        each = {
            **self.each,
            **{one: tensor(f"{one.name}s{self.mark}", self.stack.layers, *one.shape) for one in caches},
        }
        return stacked(after, x, start, own, self.stack, mark=self.mark, name=name, title=self.title,
                       shared=self.shared, each=each)  # fmt: skip


def formal(actual: Tensor, name: str, kind: str = "real") -> Tensor:
    """The formal input of a layer that stands for a tensor outside."""
    return Tensor(name, actual.shape, actual.domain if actual.origin is None else tensor(name, kind=kind).domain)


def stands_for(inside: Iterable[Tensor | None], outside: Iterable[Tensor | None]) -> dict[Tensor, Tensor]:
    """What the formal inputs of a layer stand for."""
    pairs = zip(inside, outside, strict=True)
    return {inner: outer for inner, outer in pairs if inner is not None and outer is not None}


def headed(head: Head, top: Parameters, x: Value, cap: float | None = None, weight: str = "") -> Program:
    """The program that ends in a head: logits over words, with a soft cap or not, or over labels, or no head."""
    if head.kind == "none":
        return program(x.tensor)
    if not weight:
        weight = ("E" if head.is_tied else "U") if head.kind == "words" else "W_C"
    bias = "b_U" if head.kind == "words" else "b_C"
    letters = ". v" if head.kind == "words" else ". l"
    found = top.linear("logits" if cap is None else "uncapped", x, weight, bias, letters)
    if cap is not None:
        found = named("logits", found.letters, cap * tanh(found.entry / cap))
    return program(found.tensor)


def decoder_program(
    head: Head, outside: Rows, stack: Stack, begin: Callable[[Parameters], Value],
    block: Callable[[Tensor, Parameters, Value], Value], end: Callable[[Parameters, Value], Value],
    shared: Mapping[Tensor, Tensor] | None = None, *, cached: bool = False, **more: Any,
) -> Program:  # fmt: skip
    """A model of one stack over words: what goes in, the layers, which see a mask and their number, what comes out.

    `more` is handed to the block, such as `given=True` where rotary frequencies come from outside.
    """
    top = top_of(outside, head)
    mask = mask_of(keys=at.m if cached else at.n)
    inner = formal(mask, "M", "mask")
    layers = Layers(stack, partial(block, inner, **more), shared={inner: mask, **(shared or {})},
                    each={DEPTH: tensor("depths", stack.layers, kind="integer")},
                    cached=at.m if cached else None)  # fmt: skip
    return headed(head, top, end(top, layers(begin(top), "X_L")))


def words(top: Parameters) -> Value:
    """The embedding of the words alone."""
    return looked_up("X_0", token_ids(), top["E"])


def last_norm(eps: float, top: Parameters, x: Value) -> Value:
    """The layer norm after the last layer."""
    return normed(top, "X_f", x, "f", eps=eps)


def top_of(outside: Rows, head: Head) -> Parameters:
    """The parameters outside the layers."""
    return Parameters.of(outside + head.rows)
