"""What devices of a group have to tell each other, read off a program and how its parameters are cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sympy import Expr, Mul

from symformer.cost.sharding import EXPERT, ROUTED, SEQUENCE, TENSOR, Layout, Layouts, Reading
from symformer.cost.statements import Statement
from symformer.notation import Element, Tensor

PARTIAL, WHOLE, SENT, GRADIENT = "partial", "whole", "sent", "gradient"


@dataclass(frozen=True)
class Exchange:
    """Something that has to be exchanged for each micro-batch, or, for the gradient of a parameter, each step.

    Attributes:
        kind: "partial": each device has a part of a sum; "whole": a tensor meets what differs from device to device,
            so that its gradient is a sum over devices; "sent": to an expert or back; "gradient": of a parameter that
            all devices of the group hold, each with another part of the sum.
        group: the parallelism whose devices take part.
        name: the tensor.
        elements: how many numbers, for the batch, in one layer, before division.
        divisors: what divides them.
        sequence: whether positions are cut on one side where there is sequence parallelism.
        kept: whether it is kept for the backward pass, so that what is cut is gathered again there.
        learned: whether there is a gradient of it.
    """

    kind: str
    group: str
    name: str
    elements: Expr
    divisors: tuple[str, ...] = ()
    sequence: bool = False
    kept: bool = False
    learned: bool = True
    digest: str = field(default="", compare=False)


class Exchanges:
    """The exchanges of a program, definition by definition; fills the layouts on its way."""

    def __init__(self, layouts: Layouts) -> None:
        self.layouts = layouts
        self.told: set[tuple[int, str, str, str]] = set()

    def of(self, statement: Statement) -> Iterator[Exchange]:
        """What a statement asks for: of the forms that it is computed and differentiated in."""
        assert statement.scope is not None
        for definition in statement.stable:
            yield from self._definition(Reading(definition, statement.scope, self.layouts))
        for definition in statement.textbook:
            reading = Reading(definition, statement.scope, self.layouts)
            self._settle(reading, reading.result())

    def _definition(self, reading: Reading) -> Iterator[Exchange]:
        result = reading.result()
        self._settle(reading, result)
        yield from self._sent(reading, result)
        yield from self._whole(reading, result)
        yield from self._gradients(reading, result)
        for group in sorted(reading.partial(result)):
            yield self._exchange(PARTIAL, group, reading.tensor, reading, result)

    def _settle(self, reading: Reading, result: Layout) -> None:
        """Remembers how the defined tensor lies, and with it the inputs that nothing is stated of."""
        self.layouts.set(reading.tensor, reading.scope, result)
        at = reading.cut(reading.entries)
        for entry in reading.entries:
            actual, scope = reading.scope.actual(entry.tensor)
            if actual.origin is None and scope is reading.scope and not reading.is_parameter(entry):
                axes = tuple(min(at[one]) if one in at else None for one in entry.symbols)
                self.layouts.set(entry.tensor, reading.scope, Layout(axes, result.sequence and not any(axes)))

    def _sent(self, reading: Reading, result: Layout) -> Iterator[Exchange]:
        """Tokens to the experts, and back."""
        for entry in reading.entries:
            layout = reading.layout_of(entry)
            there = result.routed and not layout.routed
            if reading.is_parameter(entry) or layout.routed == result.routed:
                continue
            if self._first(reading, entry.tensor, SENT, EXPERT):
                copies = _copies(reading, entry) if there else Mul(*entry.tensor.shape)
                found = self._exchange(SENT, EXPERT, entry.tensor, reading, layout)
                yield replace(found, elements=copies * reading.scope.inputs.batch, sequence=True, divisors=(SEQUENCE,))
            if not there:
                self.layouts.set(entry.tensor, reading.scope, Layout((None,) * len(entry.tensor.shape), sequence=True))

    def _whole(self, reading: Reading, result: Layout) -> Iterator[Exchange]:
        for entry, group in reading.met_whole(result):
            data = reading.scope.is_data(entry.tensor) and entry.tensor.domain.kind == "real"
            if reading.is_parameter(entry) or not data or not self._first(reading, entry.tensor, WHOLE, group):
                continue
            found = self._exchange(WHOLE, group, entry.tensor, reading, reading.layout_of(entry))
            if result.routed:
                copies = _copies(reading, entry) * reading.scope.inputs.batch
                found = replace(found, elements=copies, divisors=(ROUTED,), sequence=True)
            yield found

    def _gradients(self, reading: Reading, result: Layout) -> Iterator[Exchange]:
        """Parameters that all devices hold, where each computes another part of their gradient."""
        met = {entry.tensor.digest for entry, group in reading.met_whole(result) if group == TENSOR}
        for entry in reading.entries:
            if not reading.is_parameter(entry) or TENSOR in reading.layout_of(entry).axes or result.routed:
                continue
            always = entry.tensor.digest in met
            if (always or result.sequence) and self._first(reading, entry.tensor, GRADIENT, TENSOR):
                yield Exchange(GRADIENT, TENSOR, entry.tensor.name, Mul(*entry.tensor.shape), (), not always)

    def _first(self, reading: Reading, tensor: Tensor, kind: str, group: str) -> bool:
        key = (id(reading.scope), tensor.digest, kind, group)
        known = key in self.told
        self.told.add(key)
        return not known

    def _exchange(self, kind: str, group: str, tensor: Tensor, reading: Reading, layout: Layout) -> Exchange:
        batch = reading.scope.inputs.batch if reading.scope.is_data(tensor) else 1
        own = tuple(name for name in layout.divisors if name not in (SEQUENCE, EXPERT, group))
        routed = layout.routed
        return Exchange(
            kind, group, tensor.name, Mul(*tensor.shape) * batch, own, layout.sequence or routed, False,
            reading.scope.has_gradient(tensor), tensor.digest,
        )  # fmt: skip


def _copies(reading: Reading, entry: Element) -> Expr:
    """How many numbers are sent: an operand's own, once for each row that is chosen."""
    own = set(entry.symbols)
    rows = {
        index: span.size
        for one in reading.entries
        if EXPERT in reading.chosen(one)
        for kid, symbol in zip(one.kids, one.symbols, strict=True)
        if symbol is None
        for index, span in kid.ranges.items()
        if index not in own
    }
    return Mul(*entry.tensor.shape, *rows.values())
