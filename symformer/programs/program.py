"""Programs: ordered lists of definitions. Everything else in SymFormer reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import sympy
from sympy import Expr, Symbol

from symformer.notation import Element, NotationError, ShapeError, Tensor, Written
from symformer.notation.public import answering_class
from symformer.programs.alike import check_unlike
from symformer.programs.graph import is_defined, reachable, size_symbols
from symformer.programs.listing import listing, statement_boxes
from symformer.programs.opener import Opener
from symformer.programs.origin import Computed, Definition, call
from symformer.programs.rebuild import Rebuild
from symformer.programs.renamed import Renamed
from symformer.programs.repeated import Repeat
from symformer.typeset import text
from symformer.typeset.boxes import Box
from symformer.typeset.latex import aligned

DEEP = 80  # statements from which on a program is opened one after the other, so that no recursion is as deep as it


@answering_class
@dataclass(frozen=True)
class Program:
    """An ordered list of named definitions, from inputs to outputs.

    Attributes:
        inputs: the tensors it is given, in the order in which a function of it takes them.
        outputs: the tensors it is for.
        slopes: whether these are derivatives.
    """

    slopes: ClassVar[bool] = False
    inputs: tuple[Tensor, ...]
    outputs: tuple[Computed, ...]

    @cached_property
    def statements(self) -> tuple[Computed, ...]:
        """Every defined tensor, each after what it is computed from; calls are folded."""
        return tuple(tensor for tensor in reachable(*self.outputs) if isinstance(tensor, Computed))

    @property
    def sizes(self) -> tuple[Symbol, ...]:
        """The size symbols, by name."""
        found = set().union(*(size_symbols(output) for output in self.outputs))
        return tuple(sorted(found, key=lambda symbol: symbol.name))

    def __iter__(self) -> Iterator[Computed]:
        return iter(self.statements)

    def __getitem__(self, name: str) -> Tensor:
        """The statement or input of this name.

        Raises:
            KeyError: there is none.
        """
        for tensor in (*self.statements, *self.inputs):
            if tensor.name == name:
                return tensor
        raise KeyError(name)

    def unfold(self, *, stable: bool = False) -> Program:
        """The same program with every call opened, in textbook or stable form; names are made unique."""
        opener = Opener(stable, self.inputs, self.statements)
        if len(self.statements) > DEEP:
            for statement in self.statements:
                opener(statement)
        outputs = tuple(tensor for tensor in map(opener, self.outputs) if isinstance(tensor, Computed))
        return Program(self.inputs, outputs)

    def unroll(self, sizes: Mapping[Symbol, int] | None = None) -> Program:
        """The same program with every repeat written out, layer after layer, at these sizes.

        Raises:
            NotationError: a number of layers is still a letter.
        """
        resize = Rebuild({}, {size: sympy.Integer(number) for size, number in (sizes or {}).items()})
        inputs, outputs = (tuple(map(resize, tensors)) for tensors in (self.inputs, self.outputs))
        rebuild = Rebuild({})
        for statement in reachable(*outputs):
            if isinstance(statement.origin, Repeat):
                rebuild.done[statement.digest] = rebuild(statement.origin.written_out(statement))
        return Program(inputs, tuple(tensor for tensor in map(rebuild, outputs) if isinstance(tensor, Computed)))

    def renamed(self, names: Mapping[str, str]) -> Program:
        """The same program with other names for tensors and sizes, such as `{"v": "token", "V": "N_V"}`.

        Raises:
            NotationError: nothing has an old name, or two things would have one name.
        """
        known = {one.name for one in (*self.inputs, *self.statements, *self.sizes)}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise NotationError(f"nothing in the program is called {unknown[0]}")
        rebuild = Renamed(names, self.sizes)
        return program(*map(rebuild, self.outputs), inputs=tuple(map(rebuild, self.inputs)))

    def __call__(self, *arguments: Tensor, name: str | None = None) -> Computed:
        """A call of the program on other tensors, under a renaming of inputs and sizes.

        Raises:
            ShapeError: a wrong number of arguments, or shapes that do not fit.
            NotationError: the program has several outputs.
        """
        if len(self.outputs) != 1:
            raise NotationError(f"a program with {len(self.outputs)} outputs cannot stand in a formula")
        sizes = _match(self.inputs, arguments)
        rule = dict(zip((tensor.digest for tensor in self.inputs), arguments, strict=True))
        textbook, stable = (Rebuild(rule, sizes)(self.unfold(stable=form).outputs[0]) for form in (False, True))
        return call(self.outputs[0].name, tuple(arguments), textbook, stable, name)

    def box_lines(self) -> list[Box]:
        """One box a statement, and the equations of recurrences."""
        return statement_boxes(self.statements)

    def _repr_latex_(self) -> str:
        lines = r" \\ ".join(aligned(box) for box in self.box_lines())
        return rf"$\begin{{aligned}} {lines} \end{{aligned}}$"

    def latex(self) -> str:
        """The equations as LaTeX, and once those of each layer that is repeated; see `listing`."""
        return listing(self.statements)

    def __str__(self) -> str:
        return "\n".join(text(box) for box in self.box_lines())


def program(*outputs: Tensor, inputs: Sequence[Tensor | Element] | None = None) -> Program:
    """The program that computes these tensors.

    Args:
        outputs: tensors made by `define`, by an op or by a call.
        inputs: the order in which a function takes its inputs, numbers of `sf.scalar` as they are; by default the
            order of first use.

    Raises:
        NotationError: an output is an input, two tensors have one name, or `inputs` leaves one out.
    """
    defined = tuple(output for output in outputs if isinstance(output, Computed))
    if not outputs or len(defined) != len(outputs):
        raise NotationError("a program needs outputs that are computed, not inputs")
    given = None if inputs is None else [one.tensor if isinstance(one, Element) else one for one in inputs]
    tensors = reachable(*outputs)
    used = [tensor for tensor in tensors if tensor.origin is None]
    missing = [tensor.name for tensor in used if given is not None and tensor not in given]
    if missing:
        raise NotationError(f"the program also reads {missing[0]}, which is not among its inputs")
    names: dict[str, Tensor] = {}
    for tensor in tensors:
        if names.setdefault(tensor.name, tensor) != tensor and tensor.label is None:
            raise NotationError(f"two different tensors are called {tensor.name}")
    check_unlike(
        "the program", (body for one in tensors if is_defined(one) for body in _expressions(one)), indices=False
    )
    return Program(tuple(used if given is None else given), defined)


def _expressions(tensor: Tensor) -> tuple[Written, ...]:
    """What an author has written in a definition; a call's are in a textbook of their own."""
    return tensor.origin.expressions() if isinstance(tensor.origin, Definition) else ()


def _match(formal: tuple[Tensor, ...], actual: tuple[Tensor, ...]) -> dict[Symbol, Expr]:
    if len(formal) != len(actual):
        raise ShapeError(f"the program takes {len(formal)} tensors, got {len(actual)}")
    sizes: dict[Symbol, Expr] = {}
    for want, got in zip(formal, actual, strict=True):
        if len(want.shape) != len(got.shape):
            raise ShapeError(f"{want.name}: expected {len(want.shape)} axes, {got.name} has {len(got.shape)}")
        for size, number in zip(want.shape, got.shape, strict=True):
            known = sizes.setdefault(size, number) if size.is_Symbol else size.subs(sizes, simultaneous=True)
            if sympy.expand(known - number) != 0:
                raise ShapeError(f"{want.name}: size {size} is {known} elsewhere but {number} in {got.name}")
    return sizes
