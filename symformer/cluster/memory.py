"""Bytes on one device: parameters, gradients, optimizer, what ZeRO-3 gathers, activations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symformer.cluster.plan import Plan
from symformer.cluster.schedules import in_flight
from symformer.cluster.shards import PlaceNumbers, Shards
from symformer.cost import AFTER, BEFORE, Numbers, optimizer_bytes, width_of

Places = Mapping[str, PlaceNumbers]
MASTER = 4  # bytes of the float32 copy that an optimizer keeps of narrower parameters


@dataclass(frozen=True)
class Stage:
    """What one pipeline stage consists of: how many layers of each kind, and whether it is the first or the last.

    Attributes:
        number: from 0.
        parts: the name of each place with how often it is there.
        chunks: runs of layers.
    """

    number: int
    parts: tuple[tuple[str, int], ...]
    chunks: int


@dataclass(frozen=True)
class DeviceMemory:
    """Bytes on a device of one stage.

    Attributes:
        stage: which.
        weights: parameters.
        gradients: of them.
        master: the float32 copy of narrower parameters.
        optimizer: running averages.
        live: parameters of one layer, gathered, and their gradient: ZeRO-3 only.
        activations: kept for the backward passes of all micro-batches in flight.
        recomputed: activations of the one layer that is done again at a time.
        in_flight: passes through a chunk that wait for their backward pass.
    """

    stage: int
    weights: float
    gradients: float
    master: float
    optimizer: float
    live: float
    activations: float
    recomputed: float
    in_flight: int

    @property
    def kinds(self) -> dict[str, float]:
        """Bytes by kind."""
        return {name: value for name, value in vars(self).items() if name not in ("stage", "in_flight")}

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.kinds.values())


def stages_of(shards: Shards, plan: Plan) -> list[Stage]:
    """The stages whose memory may be the largest: all where layers differ, else the first and the last."""
    several = len(shards.stacks) > 1
    wanted = range(plan.pipeline) if several else sorted({0, plan.pipeline - 1})
    return [stage_of(shards, plan, number) for number in wanted]


def stage_of(shards: Shards, plan: Plan, number: int) -> Stage:
    """One stage."""
    layers = shards.stage_layers(number, plan.pipeline, plan.chunks)
    first = [(BEFORE, 1)] if number == 0 else []
    last = [(AFTER, 1)] if number == plan.pipeline - 1 else []
    return Stage(number, (*first, *layers.items(), *last), plan.chunks)


def parameters_of(shards: Shards, plan: Plan, stage: Stage, *, shared: bool = False) -> float:
    """How many numbers a device of a stage holds, or its share of what the copies share."""
    places = shards.numbers(plan.micro_batch, plan.tensor)
    found = [(places[name].parameters, count) for name, count in stage.parts]
    if plan.pipeline > 1 and stage.number == plan.pipeline - 1 and shards.is_tied:
        found.append((shards.tied_numbers(plan.micro_batch, plan.tensor), 1))
    return sum(count * _held(numbers, plan, shared=shared) for numbers, count in found)


def _held(numbers: Numbers, plan: Plan, *, shared: bool) -> float:
    if not shared:
        return numbers.on_device(plan.degrees)
    return sum(
        Numbers({names: amount}).on_device(plan.degrees) / plan.copies(names) for names, amount in numbers.parts.items()
    )


def memory_of(shards: Shards, plan: Plan, stage: Stage) -> DeviceMemory:
    """Bytes on a device of a stage."""
    setting = shards.setting
    width, gradient = float(width_of(setting.dtype)), float(width_of(setting.gradients))
    whole, share = (parameters_of(shards, plan, stage, shared=shared) for shared in (False, True))
    states = optimizer_bytes(setting.optimizer, setting.dtype)
    master = MASTER if width < MASTER else 0
    shared_by = [share if plan.zero >= level else whole for level in (3, 2, 1)]
    places = shards.numbers(plan.micro_batch, plan.tensor)
    kept, waiting = _activations(places, plan, stage)
    return DeviceMemory(
        stage.number, width * shared_by[0], gradient * shared_by[1], master * shared_by[2],
        (states - master) * shared_by[2],
        (width + gradient) * _largest_unit(places, plan, stage) if plan.zero == 3 and plan.data > 1 else 0.0,
        kept, _again(places, plan, stage, setting.recompute), waiting,
    )  # fmt: skip


def _largest_unit(places: Places, plan: Plan, stage: Stage) -> float:
    """The parameters of the largest layer, embedding or head: what is gathered at a time."""
    return max(places[name].parameters.on_device(plan.degrees) for name, _ in stage.parts)


def _activations(places: Places, plan: Plan, stage: Stage) -> tuple[float, int]:
    """Bytes for all passes in flight; a stage's chunks have equally many layers."""
    waiting = in_flight(plan.schedule, stage.number, plan.pipeline, plan.micro_batches, plan.chunks)
    kept = {name: count * places[name].kept.on_device(plan.degrees) for name, count in stage.parts}
    layers = sum(amount for name, amount in kept.items() if name not in (BEFORE, AFTER))
    total = layers * waiting / plan.chunks
    total += kept.get(BEFORE, 0.0) * min(-(-waiting // plan.chunks), plan.micro_batches)
    return total + kept.get(AFTER, 0.0) * (plan.micro_batches if plan.schedule == "gpipe" else 1), waiting


def _again(places: Places, plan: Plan, stage: Stage, recompute: str) -> float:
    """What one layer keeps beyond what is kept anyway, while it is done again."""
    if recompute == "none":
        return 0.0
    layers = [places[name] for name, _ in stage.parts if name not in (BEFORE, AFTER)]
    return max((_difference(one.all_kept, one.kept, plan) for one in layers), default=0.0)


def _difference(more: Numbers, less: Numbers, plan: Plan) -> float:
    return max(more.on_device(plan.degrees) - less.on_device(plan.degrees), 0.0)


def worst(found: Iterable[DeviceMemory]) -> DeviceMemory:
    """That of the device that needs most."""
    return max(found, key=lambda one: one.total)
