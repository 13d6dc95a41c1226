"""Collectives and their bytes: what one device sends in a step.

In a ring each of k devices sends (k − 1)/k of the whole in an all-gather or a reduce-scatter, and twice that in an
all-reduce, which is one after the other (Patarasuk & Yuan 2009; NVIDIA nccl-tests, PERFORMANCE.md). In an all-to-all it
keeps 1/k for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from symformer.cluster.memory import Stage
from symformer.cluster.plan import Plan
from symformer.cluster.shards import Shards
from symformer.cost import (
    AFTER,
    BEFORE,
    DATA,
    EXPERT,
    EXPERT_TENSOR,
    GRADIENT,
    PARTIAL,
    PIPELINE,
    SENT,
    TENSOR,
    Exchange,
    width_of,
)

ALL_REDUCE, ALL_GATHER, REDUCE_SCATTER = "all-reduce", "all-gather", "reduce-scatter"
ALL_TO_ALL, SEND = "all-to-all", "point-to-point"


@dataclass(frozen=True)
class Collective:
    """Bytes that one device sends in a step.

    Attributes:
        kind: "all-reduce", "all-gather", "reduce-scatter", "all-to-all" or "point-to-point".
        group: the parallelism whose devices take part.
        what: what is exchanged.
        times: how often in a step.
        whole: bytes of the whole tensor.
        devices: how many take part.
    """

    kind: str
    group: str
    what: str
    times: int
    whole: float
    devices: int

    @property
    def bytes(self) -> float:
        """Bytes that one device sends each time."""
        return sent(self.kind, self.whole, self.devices)

    @property
    def total(self) -> float:
        """Bytes in a step."""
        return self.times * self.bytes


def sent(kind: str, whole: float, devices: int) -> float:
    """Bytes that each of so many devices sends for `whole` bytes."""
    if kind == SEND:
        return whole
    return float(Fraction(devices - 1, devices) * (2 if kind == ALL_REDUCE else 1)) * whole


def group_size(plan: Plan, group: str) -> int:
    """How many devices a group has."""
    sizes = {
        TENSOR: plan.tensor, EXPERT: plan.expert, EXPERT_TENSOR: plan.expert_tensor, DATA: plan.data,
        PIPELINE: plan.pipeline,
    }  # fmt: skip
    return sizes[group]


def collectives_of(shards: Shards, plan: Plan, stage: Stage) -> tuple[Collective, ...]:
    """Everything that a device of a stage sends in a step."""
    found = [*_inside(shards, plan, stage), *_copies(shards, plan, stage), *_stages(shards, plan, stage)]
    if plan.pipeline > 1 and shards.is_tied and stage.number in (0, plan.pipeline - 1):
        numbers = shards.tied_numbers(plan.micro_batch, plan.tensor).on_device(plan.degrees)
        size = numbers * float(width_of(shards.setting.gradients))
        found.append(Collective(ALL_REDUCE, PIPELINE, "gradient of the tied embedding", 1, size, 2))
    return tuple(one for one in found if one.total)


def _inside(shards: Shards, plan: Plan, stage: Stage) -> Iterator[Collective]:
    """What the devices that share a layer tell each other, for each micro-batch."""
    places = shards.numbers(plan.micro_batch, plan.tensor)
    again = shards.setting.recompute == "full"
    for name, count in stage.parts:
        for exchange, whole in places[name].exchanges:
            devices = group_size(plan, exchange.group)
            share = whole / divided(plan, exchange)
            repeated = again and name not in (BEFORE, AFTER)
            for kind, times in _kinds(exchange, plan, repeated=repeated):
                often = count * times * (1 if exchange.kind == GRADIENT else plan.micro_batches)
                yield Collective(kind, exchange.group, exchange.name, often, share, devices)


def divided(plan: Plan, exchange: Exchange) -> float:
    """What an exchange's numbers are divided by on a device."""
    found = 1.0
    for name in exchange.divisors:
        found *= float(plan.degrees[name])
    return found


def _kinds(exchange: Exchange, plan: Plan, *, repeated: bool) -> Iterable[tuple[str, int]]:
    """The collectives of an exchange, forward and backward, and how often: forward twice where it is done again."""
    forward, learned = 2 if repeated else 1, int(exchange.learned)
    cut = plan.sequence and exchange.sequence
    if exchange.kind == GRADIENT:
        return [(ALL_REDUCE, 1)] if cut or not exchange.sequence else []
    if exchange.kind == SENT:
        return [(ALL_TO_ALL, forward + learned)]
    if exchange.kind == PARTIAL:
        return [(REDUCE_SCATTER, forward), (ALL_GATHER, learned)] if cut else [(ALL_REDUCE, forward)]
    if cut:
        kept = int(exchange.kept and not repeated)
        return [(ALL_GATHER, forward + kept), (REDUCE_SCATTER, learned)]
    return [(ALL_REDUCE, learned)]


def _copies(shards: Shards, plan: Plan, stage: Stage) -> Iterator[Collective]:
    """Gradients, and what ZeRO shares, among the devices that hold the same parameters."""
    places = shards.numbers(plan.micro_batch, plan.tensor)
    held: dict[str, float] = {}
    parts = [(places[name].parameters, count) for name, count in stage.parts]
    if plan.pipeline > 1 and stage.number == plan.pipeline - 1:
        parts.append((shards.tied_numbers(plan.micro_batch, plan.tensor), 1))
    for numbers, count in parts:
        for divisors, amount in numbers.parts.items():
            group = EXPERT if EXPERT in divisors else DATA
            share = float(amount) * count
            for divisor in divisors:
                share /= float(plan.degrees[divisor])
            held[group] = held.get(group, 0.0) + share
    width, gradient = float(width_of(shards.setting.dtype)), float(width_of(shards.setting.gradients))
    for group, own in held.items():
        devices = plan.expert_data if group == EXPERT else plan.data
        what = "experts" if group == EXPERT else "parameters"
        for kind, of, times, size in _zero(plan, width, gradient):
            yield Collective(kind, DATA, f"{of} of {what}" if of else what, times, own * size, devices)


def _zero(plan: Plan, width: float, gradient: float) -> list[tuple[str, str, int, float]]:
    """Collectives of a step; what is shared cannot be added up for several micro-batches before it is sent."""
    if plan.zero == 0:
        return [(ALL_REDUCE, "gradient", 1, gradient)]
    each = plan.micro_batches if plan.zero >= 2 else 1
    gathered = 2 * plan.micro_batches if plan.zero == 3 else 1
    return [(REDUCE_SCATTER, "gradient", each, gradient), (ALL_GATHER, "", gathered, width)]


def _stages(shards: Shards, plan: Plan, stage: Stage) -> Iterator[Collective]:
    """What goes from stage to stage: the stream forward, its gradient backward."""
    last = plan.pipeline * plan.chunks - 1
    if last == 0:
        return
    places = shards.numbers(plan.micro_batch, plan.tensor)
    stream = max(places[name].carried.on_device(plan.degrees) for name, _ in shards.stacks)
    own = [chunk * plan.pipeline + stage.number for chunk in range(plan.chunks)]
    forward, backward = (sum(one != end for one in own) for end in (last, 0))
    if plan.pipeline > 1:
        yield Collective(SEND, PIPELINE, "stream", forward * plan.micro_batches, stream, 2)
        yield Collective(SEND, PIPELINE, "gradient of the stream", backward * plan.micro_batches, stream, 2)
