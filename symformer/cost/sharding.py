"""Sharding: which axis of which tensor is cut by which kind of parallelism, followed through a program.

What is stated is how parameters are cut. The rest follows, definition by definition: an index that stands at a cut axis
is cut, and so is the axis of the defined tensor that it belongs to. Where nothing of a tensor is cut by tensor
parallelism, its positions may be: sequence parallelism (Korthikanti et al. 2022, arXiv:2205.05198, section 4.2.2).
A row of a parameter that is chosen by number, from an axis that expert parallelism cuts, is where it is: what meets it
is sent there, is *routed* until it meets something that is not, and then comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sympy import Symbol

from symformer.cost.flops import Operation, operations
from symformer.cost.statements import Scope
from symformer.notation import Element, Tensor, Written
from symformer.programs import Call, Computed, Repeat

DATA, TENSOR, SEQUENCE, PIPELINE = "data", "tensor", "sequence", "pipeline"
EXPERT, EXPERT_TENSOR, ROUTED = "expert", "expert_tensor", "routed"
INSIDE = frozenset({TENSOR, EXPERT_TENSOR})  # what makes a tensor's features different from device to device
Axes = tuple[str | None, ...]
Cuts = Mapping[str, Axes]


@dataclass(frozen=True)
class Layout:
    """How a tensor lies on the devices of a group.

    Attributes:
        axes: for each axis the parallelism that cuts it, or None.
        sequence: whether its positions are cut where there is sequence parallelism.
        routed: whether it lies with the experts that its tokens are sent to.
    """

    axes: Axes
    sequence: bool = False
    routed: bool = False

    @property
    def divisors(self) -> tuple[str, ...]:
        """The names of what divides it."""
        more = ((SEQUENCE,) if self.sequence else ()) + ((ROUTED,) if self.routed else ())
        return tuple(sorted({*(axis for axis in self.axes if axis is not None), *more}))


class Layouts:
    """The layout of every tensor of a program, filled in definition by definition."""

    def __init__(self, cuts: Cuts) -> None:
        self.cuts = cuts
        self.known: dict[tuple[int, str], Layout] = {}

    def of(self, tensor: Tensor, scope: Scope) -> Layout:
        """The layout of a tensor that a definition of this scope reads."""
        found = self.known.get((id(scope), tensor.digest))
        if found is not None:
            return found
        if scope.loop is not None and scope.outside is not None and tensor.digest in scope.stands_for:
            return self._formal(tensor, scope, scope.outside)
        if isinstance(tensor.origin, Call):
            return self.of(tensor.origin.stable, scope)
        if isinstance(tensor.origin, Repeat):
            return Layout((None,) * len(tensor.shape), is_sequence(tensor, scope))
        return Layout(self.cuts.get(tensor.name, (None,) * len(tensor.shape)))

    def _formal(self, tensor: Tensor, scope: Scope, outside: Scope) -> Layout:
        assert scope.loop is not None
        if tensor.digest in {one.formal.digest for one in scope.loop.carried}:
            return Layout((None,) * len(tensor.shape), is_sequence(tensor, scope))
        actual = self.of(scope.stands_for[tensor.digest], outside)
        sliced = tensor.digest in {one.formal.digest for one in scope.loop.each}
        return Layout(actual.axes[1:] if sliced else actual.axes, actual.sequence, actual.routed)

    def set(self, tensor: Tensor, scope: Scope, layout: Layout) -> None:
        """Says how a tensor lies."""
        self.known[id(scope), tensor.digest] = layout


def is_sequence(tensor: Tensor, scope: Scope) -> bool:
    """Whether a tensor has positions of a sequence that may be cut: not a constant, nor a row of numbers of words."""
    positions = scope.inputs.positions
    has_rows = any(size.free_symbols & positions for size in tensor.shape)
    return has_rows and tensor.domain.kind != "integer" and (scope.is_data(tensor) or scope.has_gradient(tensor))


@dataclass(frozen=True)
class Reading:
    """One definition and how what it reads lies.

    Attributes:
        tensor: what is defined.
        scope: the program or layer that it stands in.
        layouts: of what is read.
    """

    tensor: Computed
    scope: Scope
    layouts: Layouts

    @property
    def entries(self) -> list[Element]:
        """The entries that are computed with: real ones, not the numbers of rows."""
        return list(computed_entries(self.tensor.origin.body))

    def layout_of(self, entry: Element) -> Layout:
        """How the tensor of an entry lies."""
        return self.layouts.of(entry.tensor, self.scope)

    def is_parameter(self, entry: Element) -> bool:
        """Whether an entry is one of a parameter."""
        actual, scope = self.scope.actual(entry.tensor)
        return actual.origin is None and scope.inputs.is_parameter(actual)

    def chosen(self, entry: Element) -> set[str]:
        """The kinds of parallelism that cut an axis at which a row is chosen by its number."""
        axes = self.layout_of(entry).axes
        pairs = zip(axes, entry.symbols, strict=True)
        return {axis for axis, symbol in pairs if axis is not None and symbol is None}

    def cut(self, entries: Iterable[Element]) -> dict[Symbol, set[str]]:
        """For each index that stands at a cut axis of these entries, what cuts it."""
        found: dict[Symbol, set[str]] = {}
        for entry in entries:
            for axis, symbol in zip(self.layout_of(entry).axes, entry.symbols, strict=True):
                if axis is not None and symbol is not None:
                    found.setdefault(symbol, set()).add(axis)
        return found

    def result(self) -> Layout:
        """How the defined tensor lies, once what is partial has been added up."""
        at = self.cut(self.entries)
        axes: Axes = tuple(min(at[index]) if index in at else None for index in self.tensor.origin.indices)
        routed = self.routes or self.stays_routed
        sequence = not routed and not INSIDE & set(axes) and is_sequence(self.tensor, self.scope)
        return Layout(axes, sequence, routed)

    @property
    def routes(self) -> bool:
        """Whether tokens are sent to the experts here."""
        return any(EXPERT in self.chosen(entry) for entry in self.entries)

    @property
    def stays_routed(self) -> bool:
        """Whether all that is computed with lies with the experts already."""
        read = [entry for entry in self.entries if not self.is_parameter(entry)]
        return bool(read) and all(self.layout_of(entry).routed for entry in read)

    def divisors(self, operation: Operation, result: Layout) -> set[str]:
        """What divides the work of one operation of the definition."""
        entries = [entry for operand in operation.operands for entry in computed_entries(operand)]
        at = self.cut(entries)
        found = {axis for index in operation.indices if index in at for axis in at[index]}
        if result.routed:
            found |= {ROUTED}
        elif result.sequence and not found & INSIDE:
            found |= {SEQUENCE}
        return found

    def partial(self, result: Layout) -> set[str]:
        """Over what the sum that each device has is only a part of the whole one."""
        found = {axis for entry in self.entries for axis in self.chosen(entry)} - {EXPERT}
        for operation, at in self.operations():
            found |= {axis for index in operation.bound if index in at for axis in at[index]}
        return found - {axis for axis in result.axes if axis is not None}

    def operations(self) -> Iterator[tuple[Operation, dict[Symbol, set[str]]]]:
        """The operations of the definition, each with the indices that are cut in it."""
        for operation in operations(self.tensor.origin.body):
            entries = [entry for operand in operation.operands for entry in computed_entries(operand)]
            yield operation, self.cut(entries)

    def met_whole(self, result: Layout) -> Iterator[tuple[Element, str]]:
        """Entries that are the same on all devices of a group and meet what differs there, with the group."""
        for kind in sorted({axis for axis in result.axes if axis in INSIDE}):
            yield from ((entry, kind) for entry in self.entries if kind not in self.layout_of(entry).axes)
        for operation, at in self.operations():
            inner = {axis for index in operation.bound if index in at for axis in at[index]} - set(result.axes)
            entries = [entry for operand in operation.operands for entry in computed_entries(operand)]
            for kind in sorted(inner & INSIDE):
                yield from ((entry, kind) for entry in entries if kind not in self.layout_of(entry).axes)


def computed_entries(node: Written) -> Iterator[Element]:
    """The entries of an expression that are computed with, and not those that number a row."""
    if isinstance(node, Element):
        yield node
        return
    for kid in node.kids:
        yield from computed_entries(kid)
