"""How long a step takes at least: arithmetic, memory and network at the peaks of a device, and what bounds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symformer.cluster.collectives import ALL_REDUCE, ALL_TO_ALL, Collective, collectives_of
from symformer.cluster.decoding import active_parameters
from symformer.cluster.devices import Device
from symformer.cluster.memory import Stage, memory_of, parameters_of, stage_of
from symformer.cluster.plan import Plan
from symformer.cluster.schedules import bubble
from symformer.cluster.shards import Shards
from symformer.cost import DATA, EXPERT, EXPERT_TENSOR, PIPELINE, TENSOR, width_of

HOUR = 3600


@dataclass(frozen=True)
class Step:
    """A training step.

    Attributes:
        flops: contractions of the busiest device, recomputed ones too.
        model_flops: contractions of all devices, without what is done again.
        hardware_flops: the same with it.
        palm_flops: six for each parameter that a token meets, and attention: Chowdhery et al. 2022, appendix B.
        compute: seconds of arithmetic.
        memory: seconds in which its memory is read and written.
        network: seconds of exchanges.
        bubble: idle time over working time.
        peak: FLOPs of all devices in a second.
        devices: how many.
        tokens: in a step.
    """

    flops: float
    model_flops: float
    hardware_flops: float
    palm_flops: float
    compute: float
    memory: float
    network: float
    bubble: float
    peak: float
    devices: int
    tokens: int

    @property
    def seconds(self) -> float:
        """The least that a step can take, if arithmetic, memory and network all work at once."""
        return max(self.compute * (1 + self.bubble), self.memory, self.network)

    @property
    def serial(self) -> float:
        """What it takes if the network waits for arithmetic and arithmetic for the network."""
        return max(self.compute, self.memory) * (1 + self.bubble) + self.network

    @property
    def bound(self) -> str:
        """What takes longest."""
        times = {"compute": self.compute * (1 + self.bubble), "memory": self.memory, "network": self.network}
        return max(times, key=lambda name: times[name])

    def utilization(self, flops: float, seconds: float | None = None) -> float:
        """FLOPs over what the devices could do in that time: MFU of a model's FLOPs, HFU of the hardware's."""
        return flops / (self.peak * (seconds or self.seconds))

    def device_hours(self, tokens: float, mfu: float | None = None) -> float:
        """Hours of all devices together for so many tokens, at the least time or at a utilization that is given."""
        seconds = self.seconds if mfu is None else self.model_flops / (self.peak * mfu)
        return tokens / self.tokens * seconds * self.devices / HOUR


def step_of(shards: Shards, plan: Plan, device: Device) -> Step:
    """A step at a device's peaks; the stages that may be busiest are the first, one in between and the last."""
    stages = [stage_of(shards, plan, number) for number in sorted({0, min(1, plan.pipeline - 1), plan.pipeline - 1})]
    flops = max(flops_of(shards, plan, stage, again=True) for stage in stages)
    moved = max(moved_bytes(shards, plan, stage) for stage in stages)
    network = max(network_seconds(collectives_of(shards, plan, stage), plan, device) for stage in stages)
    model, core, again = whole_flops(shards, plan)
    tokens = plan.batch * shards.setting.seq
    return Step(
        flops, model, model + again, 6 * float(active_parameters(shards.model)) * tokens + 3 * core,
        flops / device.flops, moved / device.bandwidth, network,
        float(bubble(plan.pipeline, plan.micro_batches, plan.chunks)), device.flops * plan.devices, plan.devices,
        tokens,
    )  # fmt: skip


def flops_of(shards: Shards, plan: Plan, stage: Stage, *, again: bool) -> float:
    """Contractions of a device of a stage, in a step."""
    places = shards.numbers(plan.micro_batch, plan.tensor)
    each = 0.0
    for name, count in stage.parts:
        kinds = (places[name].forward, places[name].backward, *((places[name].recomputed,) if again else ()))
        each += count * sum(kind.on_device(plan.degrees) for kind in kinds)
    return each * plan.micro_batches


def whole_flops(shards: Shards, plan: Plan) -> tuple[float, float, float]:
    """Contractions of a step on all devices: the model's, of them forward those of pairs, those repeated."""
    places = shards.numbers(plan.micro_batch, 1)
    counts = dict(shards.stacks)
    model = core = again = 0.0
    for name, place in places.items():
        layers = counts.get(name, 1)
        model += layers * (place.forward.on_device({}) + place.backward.on_device({}))
        core += layers * place.core.on_device({})
        again += layers * place.recomputed.on_device({})
    times = plan.micro_batches * plan.data
    return model * times, core * times, again * times


def moved_bytes(shards: Shards, plan: Plan, stage: Stage) -> float:
    """Bytes that memory has to move in a step at least.

    For each micro-batch parameters are read forward and backward, gradients read and written, activations written and
    read; once a step the optimizer's state is read and written.
    """
    width, gradient = float(width_of(shards.setting.dtype)), float(width_of(shards.setting.gradients))
    memory = memory_of(shards, plan, stage)
    passes = 3 if shards.setting.recompute == "full" else 2
    held = parameters_of(shards, plan, stage)
    places = shards.numbers(plan.micro_batch, plan.tensor)
    kept = sum(count * places[name].kept.on_device(plan.degrees) for name, count in stage.parts)
    each = held * (passes * width + 2 * gradient) + 2 * kept
    return each * plan.micro_batches + 2 * (memory.master + memory.optimizer)


def network_seconds(collectives: Iterable[Collective], plan: Plan, device: Device) -> float:
    """Seconds of exchanges: within nodes and between them at once, each at its own speed."""
    inside = between = 0.0
    for one in collectives:
        near, far = _near_and_far(one, plan, device.node)
        inside, between = inside + one.times * near, between + one.times * far
    return max(inside / device.link, between / device.network)


def _near_and_far(one: Collective, plan: Plan, node: int) -> tuple[float, float]:
    """Bytes that a device sends within its node and to others: first within nodes, then each its share between them.

    Devices that share matrices are next to each other, then copies, then stages, as in Megatron-LM.
    """
    stride = {TENSOR: 1, EXPERT_TENSOR: 1, EXPERT: plan.expert_tensor, DATA: plan.tensor}.get(one.group)
    if one.group == PIPELINE or stride is None:
        return (one.bytes, 0.0) if plan.devices <= node else (0.0, one.bytes)
    local = max(min(one.devices, node // stride), 1)
    nodes = -(-one.devices // local)
    if one.kind == ALL_TO_ALL:
        return one.whole * (local - 1) / one.devices, one.whole * (one.devices - local) / one.devices
    factor = 2 if one.kind == ALL_REDUCE else 1
    near = factor * one.whole * (local - 1) / local
    return near, factor * one.whole / local * (nodes - 1) / nodes
