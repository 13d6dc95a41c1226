"""What an architecture's file says of a configuration: sizes, a table of parameters, a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symformer.models.layout import Stack
from symformer.models.rows import Rows
from symformer.programs import Program


@dataclass(frozen=True)
class Architecture:
    """A model, described from its configuration.

    Attributes:
        model_class: the class under `architectures`, or the default one.
        sizes: a number for each size symbol.
        relations: sizes that the architecture ties to others, such as d_k = d/H, for formulas.
        outside: the tensors outside the layers.
        stacks: the layers.
        tied: further names of a stored tensor, as the library has them: name → stored name.
        write: writes the program down.
        cached: the tensors of a layer that decoding keeps for all positions, by the stack.
        windows: for each layer of a stack that has any, how many positions are kept at most, or None for all.
    """

    model_class: str
    sizes: Mapping[Symbol, int]
    relations: Mapping[Symbol, Expr]
    outside: Rows
    stacks: tuple[Stack, ...]
    write: Callable[[], Program]
    tied: Mapping[str, str] = field(default_factory=dict)
    cached: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    windows: tuple[int | None, ...] = ()
