"""What each statement of a program takes: a definition by itself, a call by what it computes, a repeat by its layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sympy import Expr, Integer, Mul, Poly, Symbol

from symformer.cost.flops import backward, forward
from symformer.cost.kept import FROM_ARGUMENTS, kept_by
from symformer.cost.work import Work, added
from symformer.notation import Tensor
from symformer.programs import Call, Computed, Definition, Loop, Repeat, parents, reachable

ONE = Integer(1)
Asks = Callable[[Tensor], bool]


@dataclass(frozen=True)
class Inputs:
    """What the inputs of a program are.

    Attributes:
        is_parameter: whether an input is a parameter.
        is_data: whether it differs from sequence to sequence of a batch.
        positions: the sizes that are lengths of sequences.
        batch: how many sequences there are.
    """

    is_parameter: Asks
    is_data: Asks
    positions: frozenset[Symbol]
    batch: Expr = ONE


@dataclass(frozen=True)
class Kept:
    """A tensor that is kept until the backward pass.

    Attributes:
        name: what it is called.
        elements: how many numbers it has, for the batch, in one layer.
        kind: its domain; a mask takes one byte an entry.
        core: whether it has an entry for every pair of positions, so that selective recomputation drops it.
        times: in how many layers.
        digest: the content of the tensor.
        tensor: the tensor.
    """

    name: str
    elements: Expr
    kind: str
    core: bool
    times: Expr = ONE
    digest: str = ""
    tensor: Tensor | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Statement:
    """What one statement takes.

    Attributes:
        key: the tensor it defines, by content.
        name: what that is called.
        forward: its FLOPs, for the batch, in one layer.
        backward: those of the gradient.
        core: of the forward ones, those done for every pair of positions.
        kept: what it keeps that no statement before it keeps.
        reads: the inputs of the whole program that it reads.
        sources: the statements that it reads, by content.
        times: in how many layers.
        layer: what the layer it belongs to is called; empty outside.
        scope: the program or layer that it stands in.
        stable: the definitions that are computed.
        textbook: the definitions that are differentiated.
    """

    key: str
    name: str
    forward: Work
    backward: Work
    core: Work
    kept: tuple[Kept, ...]
    reads: tuple[str, ...]
    sources: tuple[str, ...]
    times: Expr = ONE
    layer: str = ""
    scope: Scope | None = field(default=None, compare=False, repr=False)
    stable: tuple[Computed, ...] = field(default=(), compare=False, repr=False)
    textbook: tuple[Computed, ...] = field(default=(), compare=False, repr=False)


class Scope:
    """A program, or the layer of a repeat in it, whose formal inputs stand for tensors outside."""

    def __init__(self, inputs: Inputs, outside: Scope | None = None, loop: Loop | None = None) -> None:
        self.inputs, self.outside, self.loop = inputs, outside, loop
        self.times: Expr = ONE if outside is None or loop is None else outside.times * loop.size
        groups = (loop.carried, loop.each, loop.shared) if loop is not None else ()
        self.stands_for: dict[str, Tensor] = {one[0].digest: one[1] for group in groups for one in group}
        self.common = {one.formal.digest for one in loop.shared} if loop is not None else set()
        self.gradients: dict[str, bool] = {}
        self.data: dict[str, bool] = {}
        self.computed: dict[bool, set[str]] = {True: set(), False: set()}
        self.called: dict[str, Tensor] = {}
        self.kept: set[str] = set()

    def statements(self, outputs: Iterable[Tensor]) -> Iterator[Statement]:
        """The statements that compute these tensors, each after those that it reads."""
        for tensor in reachable(*outputs):
            if tensor.origin is None:
                self._mark(tensor)
            elif isinstance(tensor.origin, Repeat):
                loop = tensor.origin.loop
                self._mark(tensor)
                yield from Scope(self.inputs, self, loop).statements(one.after for one in loop.carried)
            else:
                yield self._statement(tensor)

    def actual(self, tensor: Tensor) -> tuple[Tensor, Scope]:
        """The tensor outside all repeats that an input stands for, and where."""
        scope: Scope = self
        while tensor.digest in scope.stands_for and scope.outside is not None:
            tensor, scope = scope.stands_for[tensor.digest], scope.outside
        return tensor, scope

    def has_gradient(self, tensor: Tensor) -> bool:
        """Whether a tensor depends on a parameter."""
        return self._ask(
            tensor, self.gradients, lambda scope, found: scope.has_gradient(found), self.inputs.is_parameter
        )

    def is_data(self, tensor: Tensor) -> bool:
        """Whether a tensor differs from sequence to sequence."""
        return self._ask(tensor, self.data, lambda scope, found: scope.is_data(found), self.inputs.is_data)

    def _ask(self, tensor: Tensor, known: dict[str, bool], outer: Callable[[Scope, Tensor], bool], own: Asks) -> bool:
        if tensor.digest not in known:
            known[tensor.digest] = False  # what is carried may stand for itself
            if tensor.digest in self.stands_for and self.outside is not None:
                known[tensor.digest] = outer(self.outside, self.stands_for[tensor.digest])
            elif tensor.origin is None:
                known[tensor.digest] = own(tensor)
            else:
                known[tensor.digest] = any(self._ask(parent, known, outer, own) for parent in parents(tensor))
        return known[tensor.digest]

    def _mark(self, tensor: Tensor) -> None:
        for form in (True, False):
            self.computed[form].add(tensor.digest)

    def _statement(self, tensor: Tensor) -> Statement:
        stable, textbook = (list(self._definitions(tensor, form)) for form in (True, False))
        self._mark(tensor)
        works = [self._per_batch(one, forward(one.origin.body)) for one in stable]
        core = [work for work in works if self.is_core(work.total)]
        back = [self._per_batch(one, backward(one.origin.body, self.has_gradient)) for one in stable]
        kept = tuple(self.keep(found) for found in self._kept(tensor, textbook) if self._counts(found))
        inputs = [self.actual(parent)[0] for parent in parents(tensor)]
        return Statement(
            tensor.digest, tensor.name, added(works), added(back), added(core), kept,
            tuple(found.name for found in inputs if found.origin is None),
            tuple(parent.digest for parent in parents(tensor) if parent.origin is not None),
            self.times, self.loop.title if self.loop is not None else "", self, tuple(stable), tuple(textbook),
        )  # fmt: skip

    def _definitions(self, tensor: Tensor, stable: bool) -> Iterator[Computed]:
        """The definitions behind a statement that no statement before it has computed."""
        done = self.computed[stable]
        if isinstance(tensor.origin, Definition) and isinstance(tensor, Computed):
            yield tensor
        elif isinstance(tensor.origin, Call):
            form = tensor.origin.stable if stable else tensor.origin.textbook
            self.called[form.digest] = tensor
            for found in reachable(form):
                if found.digest not in done and found.origin is not None:
                    done.add(found.digest)
                    yield from self._definitions(found, stable)

    def _per_batch(self, tensor: Tensor, work: Work) -> Work:
        return work.times(self.batch_of(tensor))

    def batch_of(self, tensor: Tensor) -> Expr:
        """How often a tensor is computed: once for each sequence of the batch, or once."""
        return self.inputs.batch if self.is_data(tensor) else ONE

    def is_core(self, amount: Expr) -> bool:
        """Whether an amount grows with the square of the length of a sequence."""
        known = amount.free_symbols & self.inputs.positions
        return bool(known) and Poly(amount, *known).total_degree() > 1

    def _kept(self, tensor: Tensor, definitions: list[Computed]) -> Iterator[Tensor]:
        origin = tensor.origin
        if isinstance(origin, Call) and origin.name in FROM_ARGUMENTS:
            yield from origin.arguments
        else:
            found = (one for each in definitions for one in kept_by(each, each.origin.body, self.has_gradient))
            yield from (self._outside(one) for one in found)

    def _outside(self, tensor: Tensor) -> Tensor:
        """What a call's own form computes is what the call returns, and not another tensor."""
        while tensor.digest in self.called:
            tensor = self.called[tensor.digest]
        return tensor

    def _counts(self, tensor: Tensor) -> bool:
        """Whether a tensor is kept for the first time, and is no parameter, no row of integers and no constant."""
        actual, scope = self.actual(tensor)
        own = scope if tensor.digest in self.common else self
        digest = actual.digest if own is scope else tensor.digest
        known = digest in own.kept or tensor.domain.kind == "integer" or not tensor.shape
        own.kept.add(digest)
        learned = actual.origin is None and self.inputs.is_parameter(actual)
        return not known and not learned and (self.has_gradient(tensor) or self.is_data(tensor))

    def keep(self, tensor: Tensor) -> Kept:
        """A tensor of this scope, as something that is kept."""
        elements = Mul(*tensor.shape) * (self.inputs.batch if self.is_data(tensor) else ONE)
        axes = [size for size in tensor.shape if size.free_symbols & self.inputs.positions]
        times = ONE if tensor.digest in self.common else self.times
        return Kept(tensor.name, elements, tensor.domain.kind, len(axes) > 1, times, tensor.digest, tensor)
