"""A model, counted once for all plans: what stands in a layer of each kind, before the layers and after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Mul

from symformer.cluster.plan import Limits
from symformer.cost import (
    AFTER,
    BEFORE,
    EXPERT,
    Divisors,
    Exchange,
    Numbers,
    Place,
    Sharded,
    Split,
    checked_recomputation,
    width_of,
)
from symformer.models import Model
from symformer.models.sharding import rows_by_place, sharded

LOGITS = "logits"
LOGITS_WIDTH = 4  # a loss is computed in float32: Korthikanti et al. 2022, section 4.3


@dataclass(frozen=True)
class PlaceNumbers:
    """A place at concrete sizes, for one micro-batch.

    Attributes:
        parameters: how many numbers a layer holds.
        largest: those of the largest tensor.
        kept: bytes kept for the backward pass.
        all_kept: the same where nothing is recomputed.
        forward: contractions.
        backward: the same of the gradient.
        recomputed: the same of what is done again.
        core: of the forward ones, those for every pair of positions.
        carried: bytes that go into a layer.
        exchanges: each with its bytes before division.
    """

    parameters: Numbers
    largest: Numbers
    kept: Numbers
    all_kept: Numbers
    forward: Numbers
    backward: Numbers
    recomputed: Numbers
    core: Numbers
    carried: Numbers
    exchanges: tuple[tuple[Exchange, float], ...]


@dataclass(frozen=True)
class Setting:
    """At what a model is counted.

    Attributes:
        seq: length of a sequence.
        dtype: the format of parameters and activations.
        gradients: the format of gradients.
        optimizer: what training keeps beside.
        recompute: what training computes again: "none", "selective" or "full".
        encoder_seq: length of an encoder's sequences that a decoder asks; by default the same.
    """

    seq: int
    dtype: str = "bfloat16"
    gradients: str = "bfloat16"
    optimizer: str = "adamw"
    recompute: str = "none"
    encoder_seq: int | None = None


class Shards:
    """A model whose parameters are cut, in symbols, and in numbers for each micro-batch."""

    def __init__(self, model: Model, setting: Setting) -> None:
        self.model, self.setting = model, setting
        self._numbers: dict[tuple[int, int], Mapping[str, PlaceNumbers]] = {}
        self._tied: dict[int, Numbers] = {}
        self._of: Shards | None = None  # the same model, counted with another recomputation

    def recomputing(self, recompute: str) -> Shards:
        """The same model with another recomputation; the program is not counted again.

        Raises:
            NotationError: an unknown recomputation.
        """
        if checked_recomputation(recompute) == self.setting.recompute:
            return self
        other = Shards(self.model, replace(self.setting, recompute=recompute))
        other.counted, other.parameters, other._of = self.counted, self.parameters, self
        return other

    @cached_property
    def counted(self) -> Sharded:
        """The program, counted in symbols."""
        return sharded(self.model.architecture)

    @cached_property
    def limits(self) -> Limits:
        """What degrees have to divide."""
        return Limits.of(self.model, self.setting.seq)

    @cached_property
    def has_experts(self) -> bool:
        """Whether some layers have experts."""
        return any(kind == EXPERT for kind, _, _ in self.limits.cut)

    @cached_property
    def stacks(self) -> tuple[tuple[str, int], ...]:
        """The kinds of layers in their order, and how many there are."""
        return tuple((str(stack.layers), self.model.sizes[stack.layers]) for stack in self.model.architecture.stacks)

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The kind of each layer."""
        return tuple(name for name, count in self.stacks for _ in range(count))

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """What the program has before, in and after its layers; a place may be empty."""
        return {one.name: one for one in self.counted.places}

    @cached_property
    def is_tied(self) -> bool:
        """Whether a parameter is read before the layers and after them, so that the last stage has a copy."""
        return bool(self._shared)

    @cached_property
    def _shared(self) -> frozenset[str]:
        first, last = self.places.get(BEFORE), self.places.get(AFTER)
        known = {symbol for place, _, symbol, _, _ in rows_by_place(self.model.architecture) if not place}
        return first.reads & last.reads & known if first is not None and last is not None else frozenset()

    @cached_property
    def parameters(self) -> Mapping[str, Split]:
        """How many numbers a layer of each kind holds, and what is held before and after the layers."""
        return {name: Split.of(pair[1:] for pair in self._rows if pair[0] == name) for name in self._names}

    @cached_property
    def tied(self) -> Split:
        """What is held before the layers and again after them, where those are on another stage."""
        return Split.of((cuts, numbers) for name, cuts, numbers, symbol in self.rows() if symbol in self._shared)

    def tied_numbers(self, micro_batch: int, tensor: int) -> Numbers:
        """The same at concrete sizes."""
        key = -(-self._words // tensor) * tensor
        if key not in self._tied:
            self._tied[key] = self.tied.at(self.sizes(micro_batch, tensor))
        return self._tied[key]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return (BEFORE, *(name for name, _ in self.stacks), AFTER)

    @cached_property
    def _rows(self) -> list[tuple[str, Divisors, Expr]]:
        return [(name, cuts, numbers) for name, cuts, numbers, _ in self.rows()]

    def rows(self) -> Iterator[tuple[str, Divisors, Expr, str]]:
        """Every parameter of the program: its place, what divides it, its numbers in one layer, its name."""
        before = self.places[BEFORE].reads if BEFORE in self.places else frozenset()
        for place, _, symbol, axes, numbers in rows_by_place(self.model.architecture):
            name = place or (BEFORE if symbol in before else AFTER)
            yield name, tuple(sorted({axis for axis in axes if axis is not None})), numbers, symbol

    @cached_property
    def _words(self) -> int:
        return {str(size): number for size, number in self.model.sizes.items()}.get("V", 1)

    def sizes(self, micro_batch: int, tensor: int) -> dict[str, int]:
        """A number for each size, by name; words are padded to a multiple of the devices that share them."""
        found = {str(size): number for size, number in self.model.sizes.items()}
        if "V" in found:
            found["V"] = -(-found["V"] // tensor) * tensor
        return found | {"b": micro_batch, "n": self.setting.seq, "m": self.setting.encoder_seq or self.setting.seq}

    def numbers(self, micro_batch: int, tensor: int) -> Mapping[str, PlaceNumbers]:
        """Every place at concrete sizes, for one micro-batch."""
        key = (micro_batch, -(-self._words // tensor) * tensor)
        if key not in self._numbers:
            sizes = self.sizes(micro_batch, tensor)
            known = self._of.numbers(micro_batch, tensor) if self._of is not None else {}
            self._numbers[key] = {name: self._at(name, sizes, known.get(name)) for name in self._names}
        return self._numbers[key]

    def _at(self, name: str, sizes: Mapping[str, int], known: PlaceNumbers | None) -> PlaceNumbers:
        """A place at concrete sizes; only what recomputation changes is counted again where the rest is known."""
        width, recompute = width_of(self.setting.dtype), self.setting.recompute
        place = self.places.get(name) or _empty(name)
        kept, again = self._kept(name, place, recompute).at(sizes), place.recomputed(recompute).at(sizes)
        if known is not None:
            return replace(known, kept=kept, recomputed=again)
        carried = Split.of((one.divisors, one.bytes(width)) for one in place.carried)
        return PlaceNumbers(
            parameters=self.parameters[name].at(sizes),
            largest=self._largest(name).at(sizes),
            kept=kept,
            all_kept=self._kept(name, place, "none").at(sizes),
            forward=place.forward.at(sizes),
            backward=place.backward.at(sizes),
            recomputed=again,
            core=place.core.at(sizes),
            carried=carried.at(sizes),
            exchanges=tuple((one, _bytes(one, sizes) * float(width)) for one in place.exchanges),
        )

    def _kept(self, name: str, place: Place, recompute: str) -> Split:
        """Bytes kept for the backward pass; after the layers also the logits."""
        kept = place.activations(recompute, width=width_of(self.setting.dtype))
        return kept + self.logits if name == AFTER else kept

    @cached_property
    def logits(self) -> Split:
        """Bytes of the logits, which the loss keeps in float32; none where the model ends in something else."""
        outputs = [one for one in self.model.program.outputs if one.name == LOGITS]
        batch = self.counted.counts.statements[0].scope
        assert batch is not None
        layouts = self.counted.outputs
        return Split.of(
            (layouts[one.name].divisors, LOGITS_WIDTH * Mul(*one.shape) * batch.inputs.batch) for one in outputs
        )

    def _largest(self, name: str) -> Split:
        rows = [(cuts, numbers) for place, cuts, numbers in self._rows if place == name]
        sizes = self.sizes(1, 1)
        order = sorted(rows, key=lambda row: Split.of([row]).at(sizes).on_device({}))
        return Split.of(order[-1:])

    def stage_layers(self, stage: int, stages: int, chunks: int) -> dict[str, int]:
        """How many layers of each kind a stage has: every `stages`th of stages · chunks runs of consecutive layers."""
        run = len(self.layers) // (stages * chunks)
        own = [
            self.layers[layer]
            for chunk in range(chunks)
            for layer in range((chunk * stages + stage) * run, (chunk * stages + stage + 1) * run)
        ]
        return {name: own.count(name) for name in dict.fromkeys(own)}


def _bytes(exchange: Exchange, sizes: Mapping[str, int]) -> float:
    return Split.of([((), exchange.elements)]).at(sizes).on_device({})


def _empty(name: str) -> Place:
    nothing = Split({})
    return Place(name, Mul(), (), (), nothing, nothing, nothing, (), frozenset())
