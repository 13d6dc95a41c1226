"""What an architecture's file says of a configuration: sizes, a table of parameters, a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy
from sympy import Expr, Symbol

from symformer.models.experts import Routing
from symformer.models.layout import Stack
from symformer.models.places import Buckets, Places
from symformer.models.rope import Rope
from symformer.models.rows import Rows
from symformer.programs import Program

STACK_MARKS = ("_1", "_2")


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
        write: writes the program down; that of a decoder also with `cached=True`: attention of the n new positions
            then reads keys and values of all m so far; where there is `rope`, with `given=True` its frequencies are an
            input.
        cached: the tensors of a layer that decoding keeps for all positions, by the stack.
        windows: for each layer of a stack that has any, how many positions are kept at most, or None for all.
        rope: rotary positions, where it has any; `ropes` those of each layer, where they differ.
        memory: the name of what an encoder hands to its decoder.
        last: the name of the last hidden state, or "" for that after the last norm, or the last layer.
        places: how positions are numbered.
        buckets: of relative positions, where it has any.
        routing: how experts are chosen, where it has any.
        tokens: the numbers of tokens that mean "padding", the "end" of a sequence, or the "start" of a decoder's.
        image: the height and width of the images that it sees, where it sees any.
        frames: how many frames of sound its encoder hears, where it hears any.
        instead: a stored tensor that a file may leave out → the one that stands for it then.
        last_state: whether the last of the hidden states is that after the last norm, or before it.
        optional: symbols whose tensors a checkpoint may leave out; what depends on them is then not computed.
    """

    model_class: str
    sizes: Mapping[Symbol, int]
    relations: Mapping[Symbol, Expr]
    outside: Rows
    stacks: tuple[Stack, ...]
    write: Callable[..., Program]
    tied: Mapping[str, str] = field(default_factory=dict)
    cached: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    windows: tuple[int | None, ...] = ()
    rope: Rope | None = None
    ropes: tuple[Rope, ...] = ()
    memory: str = ""
    last: str = ""
    places: Places = field(default_factory=Places)
    buckets: Buckets | None = None
    routing: Routing | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)
    image: tuple[int, int] | None = None
    frames: int | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    last_state: bool = True
    optional: frozenset[str] = frozenset()

    @cached_property
    def program(self) -> Program:
        """The program: ops, calls, and a repeat for each stack."""
        return self.write()

    def to_run(self, *, cached: bool = False) -> Program:
        """The program as it is run: rotary frequencies come from outside, in the precision that is computed in."""
        more = {"cached": True} if cached else {}
        return self.write(**more) if self.rope is None else self.write(given=True, **more)

    def stored(self) -> Rows:
        """All rows of the table, under their full names."""
        return self.outside + tuple(row for stack in self.stacks for row in stack.named())

    @cached_property
    def has_encoder(self) -> bool:
        """Whether a decoder asks an encoder for what it found."""
        return any(one.name == "decoder_ids" for one in self.program.inputs)

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells the parameters of one stack from those of another, in the program."""
        return STACK_MARKS[: len(self.stacks)] if len(self.stacks) > 1 else ("",)

    def tied_sizes(self, formula: Expr) -> Expr:
        """A formula with the sizes put in that the architecture ties to others, multiplied out."""
        while formula.free_symbols & set(self.relations):
            formula = sympy.expand(formula.subs(self.relations))
        return sympy.expand(formula)
